"""Made-up conversations between a customer, a bot and sometimes a person, independent of any provider's format."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from attrs import define, field, frozen

from conversas.sandbox.dialogues.phrases import (
    AGENT,
    BOT,
    CUSTOMER,
    RATING,
    SURVEY,
    Language,
    Line,
    Person,
    Topic,
    load_language,
)

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # times are counted from here, in UTC
FIRST_DAY = (datetime(2023, 1, 2) - EPOCH).days  # noqa: DTZ001
DAYS = 1_200
SECOND = 1_000_000
LONGEST = 5_000
EMOJI = ("😊", "🙏", "👍", "😅", "🙂", "❤️")
BY_CUSTOMERS = (CUSTOMER, RATING)
SECONDS_TO_WRITE = {CUSTOMER: (6, 110), RATING: (5, 60), AGENT: (12, 140), BOT: (1, 3), SURVEY: (1, 2)}
SECONDS_TO_SPEAK = (2, 13)


class Utterance(NamedTuple):
    """One message. `at` is in microseconds since 1970."""

    speaker: str
    text: str
    at: int


@frozen
class Dialogue:
    """The utterances of a conversation in order of time, and facts about it."""

    language: Language = field(repr=False)
    topics: tuple[Topic, ...] = field(repr=False)
    customer: Person = field(repr=False)
    facts: Mapping[str, str] = field(repr=False)
    """The values of the placeholders in lines."""
    is_spoken: bool
    has_person: bool
    """Whether the bot handed over to a person."""
    is_finished: bool
    started_at: int
    """In microseconds since 1970."""
    messages: tuple[Utterance, ...] = field(repr=False)

    @property
    def ended_at(self) -> int:
        return self.messages[-1].at if self.messages else self.started_at

    @property
    def summary(self) -> str:
        return " ".join(topic.summary.format_map(self.facts) for topic in self.topics[:3])


def make_dialogue(random: Random, *, messages: int | None, may_be_spoken: bool) -> Dialogue:
    """Return a made-up dialogue with `messages` messages; None means a usual number."""
    count = _usual_count(random) if messages is None else messages
    language = load_language("pt" if random.random() < 0.7 else "en")
    is_spoken = may_be_spoken and random.random() < 0.15
    started_at = (FIRST_DAY + int(random.random() * DAYS)) * 86_400 + int((11 + 12 * random.random()) * 3_600)
    customer = _customer(random, language)
    facts = _facts(random, language, customer, hour=started_at // 3_600 % 24 - 3)
    outline = _Outline(random, language, has_person=random.random() < 0.45)
    lines = outline.lines(count)
    is_whole = len(lines) == count
    return Dialogue(
        language=language,
        topics=tuple(outline.topics),
        customer=customer,
        facts=facts,
        is_spoken=is_spoken,
        has_person=outline.has_person and count > len(outline.opening) + 2,
        is_finished=random.random() < (0.93 if is_whole else 0.6),
        started_at=started_at * SECOND + int(random.random() * SECOND),
        messages=tuple(_utterances(random, lines[:count], facts, started_at * SECOND, is_spoken=is_spoken)),
    )


def _usual_count(random: Random) -> int:
    """Return a random number of messages: mostly 4 to 60, 0 in one of 50 cases, `LONGEST` in one of 1,000."""
    draw = random.random()
    if draw < 0.02:
        return 0
    if draw < 0.04:
        return 1 + int(3 * random.random())
    if draw > 0.999:
        return LONGEST
    if draw > 0.99:
        return 61 + int(340 * random.random())
    return 4 + int(57 * random.random() ** 2)


def _customer(random: Random, language: Language) -> Person:
    first, thanks = random.choice(language.first_names)
    return Person(first, random.choice(language.last_names), thanks)


def _facts(random: Random, language: Language, customer: Person, *, hour: int) -> dict[str, str]:
    greeting = language.greetings[0 if hour < 12 else 1 if hour < 18 else 2]
    return {
        "name": customer.first,
        "thanks": customer.thanks,
        "lower_thanks": customer.thanks.lower(),
        "greeting": greeting,
        "lower_greeting": greeting.lower(),
        "agent": random.choice(language.agents),
        "bot": random.choice(language.bots),
        "company": random.choice(language.companies),
        "city": random.choice(language.cities),
        "day": random.choice(language.days),
        "time": f"{9 + int(9 * random.random())}:{random.choice(('00', '15', '30', '45'))}",
        "order": str(int(random.random() * 900_000) + 100_000),
        "protocol": f"{int(random.random() * 10**9):09d}",
        "digits": f"{int(random.random() * 1_000):03d}",
        "rating": str(min(10, int(11 * random.random() ** 0.4))),
        "amount": language.amount.format(whole=int(20 + 480 * random.random()), cents=int(100 * random.random())),
    }


@define
class _Outline:
    """The lines of a dialogue: an opening, whole topics with asides between them, a closing."""

    random: Random
    language: Language
    has_person: bool
    opening: tuple[Line, ...] = field(init=False)
    topics: list[Topic] = field(init=False, factory=list[Topic])

    def __attrs_post_init__(self) -> None:
        self.opening = self.random.choice(self.language.openings)

    def lines(self, count: int) -> list[Line]:
        """Return exactly `count` lines, or more if a complete dialogue needs more."""
        lines = [*self.opening, *self._first_topic()]
        closing = self.language.closing + (self.language.survey if self.random.random() < 0.2 else ())
        missing = count - len(lines) - len(closing)
        if missing > 0 and missing % 2:
            handed_over = len(self.opening) + (3 if self.has_person else 1)
            lines.insert(handed_over, self.random.choice(self.language.pauses))
        return [*lines, *self._middle(missing // 2 * 2), *closing]

    def _first_topic(self) -> list[Line]:
        lines = [*self._topic()]
        if self.has_person:
            lines[1:1] = self.language.handover
        return lines

    def _topic(self) -> tuple[Line, ...]:
        topic = self.random.choice(self.language.topics)
        if topic not in self.topics:
            self.topics.append(topic)
        return topic.lines

    def _middle(self, count: int) -> list[Line]:
        """Return `count` lines, an even number, between the first topic and the closing."""
        lines: list[Line] = []
        asides: list[tuple[Line, ...]] = []
        while len(lines) < count:
            asides = asides or self.random.sample(self.language.asides, len(self.language.asides))
            longer = self._further_topic() if count - len(lines) > 12 else ()
            lines += longer or asides.pop()
        return lines

    def _further_topic(self) -> tuple[Line, ...]:
        """Return the lines of another topic, with a pause if their number would be odd."""
        topic = self._topic()
        pause = (self.random.choice(self.language.pauses),) if len(topic) % 2 else ()
        return (*self.language.bridge, topic[0], *pause, *topic[1:])


def _utterances(
    random: Random, lines: list[Line], facts: Mapping[str, str], at: int, *, is_spoken: bool
) -> Iterator[Utterance]:
    """Yield each line in one of its wordings, with a time."""
    draw = random.random
    for speaker, wordings in lines:
        least, most = SECONDS_TO_SPEAK if is_spoken else SECONDS_TO_WRITE[speaker]
        at += int((least + (most - least) * draw() ** 2) * SECOND)
        if not is_spoken and draw() < 0.01:
            at += int(draw() * 5_400) * SECOND  # a lunch break
        text = wordings[int(len(wordings) * draw())].format_map(facts)
        if not is_spoken and speaker in (CUSTOMER, AGENT) and draw() < 0.06:
            text = f"{text} {EMOJI[int(len(EMOJI) * draw())]}"
        yield Utterance(speaker, text, at)


def iso(microseconds: int, timespec: str) -> str:
    """Return a time in UTC as a string, in the precision `timespec` and without an offset."""
    return (EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec=timespec)
