"""What is said in English. All names are made up."""

from conversas.sandbox.dialogues.phrases import Language, Topic, script

TOPICS = (
    Topic(
        "Delivery",
        "Late delivery",
        "{name} asked about order {order}, which was late. Delivery was rescheduled for {day}.",
        """
C My order {order} still hasn't arrived.
| Where is my order? The number is {order}.
| I was told my package would be here yesterday. Order {order}.
A I'm sorry about the delay, {name}. Let me look up order {order}. | Sorry to hear that. I'm checking {order} right now.
A It is at our hub in {city}; the carrier had a delay. | The driver tried to deliver yesterday, and nobody answered.
C So when will I get it? | I was home all day! What's the new date?
A The new date is {day}, before {time}. | I've rescheduled it for {day}, by {time}.
C Please make sure, it's a birthday present. | OK, I'll wait then.
A I've marked it as a priority. Your reference is {protocol}.
| Noted. You'll get a message when it is out for delivery, reference {protocol}.
""",
    ),
    Topic(
        "Invoice",
        "Copy of an invoice",
        "{name} needed a copy of an invoice over {amount}, and got it by e-mail.",
        """
C I need a copy of last month's invoice. | I never got my invoice. Could you send it again?
A Sure. What are the last three digits of your account number?
| Of course. Please give me the last three digits of your account.
C {digits} | It's {digits}
A Thanks, {name}. I found one over {amount}. Is that it? | I see an open invoice of {amount}. Is that the one?
C Yes, that one. Is there a late fee? | That's it.
A I've sent it to your e-mail, without a fee, due {day}. | Done: no fee, and it is due {day}.
""",
    ),
    Topic(
        "Appointment",
        "Booking an appointment",
        "{name} booked an appointment for {day} at {time} in {city}.",
        """
C I'd like to book an appointment. | Do you have anything free this week?
A We do. Which location, and what time of day suits you? | Sure! Where, and mornings or afternoons?
C {city}, afternoon if possible. | {city}, any time after lunch.
A I have {day} at {time}. Shall I book it? | The first slot is {day}, {time}. Does that work?
C Yes please. Do I need to bring anything? | That works. Do you take my insurance?
A A photo ID and your insurance card. | We do. Please come 15 minutes early, with a photo ID.
A You're booked: {day}, {time}, {city}. Your code is {protocol}. | All set, booking {protocol} for {day}, {time}.
""",
    ),
    Topic(
        "Outage",
        "Internet outage",
        "{name} had no internet. A broken fiber in {city} was repaired, and {amount} credited.",
        """
C My internet has been down since last night. | The internet is out again, third time this week!
A I'm sorry, {name}. Which lights are on at your router? | Let's get that fixed. Is there a red light on the router?
C Power only, the other one is red. | A red one, blinking. It says LOS.
A Could you unplug it for 30 seconds and plug it in again? | Please switch it off, count to thirty, and switch it on.
C I did. No change. | Still the same.
A I see a broken fiber in {city}. The crew expects to be done by {time}.
| There is an emergency repair in {city}, until about {time}.
C Do I get a credit for that? | I work from home, this costs me money.
A Yes, I've added {amount} to your next bill. Reference {protocol}.
| A credit of {amount} is on its way, reference {protocol}.
""",
    ),
    Topic(
        "Refund",
        "Request for a refund",
        "{name} asked for a refund of {amount} for order {order}. It was approved.",
        """
C I want a refund, the product came broken. | How do I get a refund for order {order}?
A I'm sorry. What happened with order {order}? | Let me help, {name}. What is wrong with it?
C The screen is cracked. I have pictures. | It won't turn on.
A Thank you. {amount} will go back to the same card. | I see. The refund of {amount} is approved.
C How long does it take? | Do I have to send it back?
A Up to ten business days. We'll pick it up {day}, free of charge.
| The pickup is {day}, and the money follows within ten days.
""",
    ),
    Topic(
        "Cancellation",
        "Order cancelled without notice",
        "Order {order} of {name} was cancelled for lack of stock, and placed again at the same price.",
        """
C I got an e-mail that my order {order} was cancelled. Why? | You cancelled order {order} without telling me!
A My apologies, {name}. Let me find out. | I'm sorry. I'm looking into {order}.
A The item went out of stock after your purchase. | Your bank declined the second attempt to charge the card.
C I was counting on it. | And now the price went up.
A I can keep the price of {amount} and add free shipping. Shall I place it again?
| Would you like a coupon for the same price, {amount}?
C Yes, please. | OK, do that.
A Done! It will arrive {day}. | Your new order is confirmed for {day}.
""",
    ),
)

LANGUAGE = Language(
    code="en-US",
    first_names=tuple(
        (name, "Thank you")
        for name in ("Emily", "Noah", "Grace", "Daniel", "Chloe", "Henry", "Zoë", "Marcus", "Priya", "Sean")
    ),
    last_names=("Carter", "Nguyen", "O'Brien", "Patel", "Fischer", "Brooks", "Ramírez", "Clarke", "Haddad", "Moss"),
    agents=("Laura", "Victor", "Megan", "Tom", "Nadia", "Ellis"),
    bots=("Sky", "Max", "Virtual Assistant"),
    companies=("Aurora Store", "Connect Fiber", "Light Life Clinic", "Horizon Bank"),
    cities=("Orlando", "Boston", "Austin", "Lisbon", "Miami"),
    days=("tomorrow", "on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday"),
    greetings=("Good morning", "Good afternoon", "Good evening"),
    amount="${whole}.{cents:02d}",
    topics=TOPICS,
    openings=(
        script("""
C {greeting}! | Hi | Hello, is anybody there? | Hi, {lower_greeting}
B {greeting}, {name}! I'm {bot} from {company}. How can I help?
| Hello, {name}! This is {bot} from {company}. What can I do for you?
"""),
        script("""
B {greeting}! You are talking to {bot}, from {company}. How can I help you?
| Welcome to {company}! I'm {bot}. What is it about?
"""),
    ),
    handover=script("""
B All right. I'll transfer you to one of our team. | I see. One moment, I'm calling a colleague.
A {greeting}, {name}, this is {agent}. I've read the conversation and will take it from here.
| Hi {name}, I'm {agent}. Let me take care of this.
"""),
    pauses=script("""
A One moment, please. | Just a second, I'm checking the system. | Let me see.
"""),
    asides=tuple(
        script(pair)
        for pair in (
            "C Are you open on Saturdays?\nA Yes, from 9 to 1.",
            "C Are you still there?\nA Yes! Sorry for the wait. | I am, {name}. Still checking.",
            "C Could you send that by e-mail, too?\nA Of course, I just did.",
            "C What was the reference again?\nA It's {protocol}.",
            "C Sorry, I lost my connection.\nA No problem, {name}. Let's go on.",
            "C Can I pay in installments?\nA You can, up to 10 without interest.",
            "C I see. | Ah, right. | Hm, OK.\nA Is anything about it unclear?",
            "C I've moved. Does that matter?\nA It doesn't. I've updated your address.",
        )
    ),
    bridge=script("""
C While I have you, one more thing. | One more question. | And there's something else.
A Sure, go ahead. | Of course, {name}.
"""),
    closing=script("""
C {thanks}! | Perfect, {lower_thanks}. | That was all, {lower_thanks}! | Thanks for your help!
A You're welcome. Have a great day! | My pleasure, {name}! Bye. | Thank you for contacting {company}!
"""),
    survey=script("""
S From 0 to 10, how likely are you to recommend {company} to a friend?
R {rating}
"""),
)
