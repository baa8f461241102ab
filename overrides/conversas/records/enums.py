"""Enums of the records. Each is a closed set of words."""

from enum import StrEnum


class Status(StrEnum):
    """Status of a conversation."""

    OPEN = "open"
    """The conversation is in progress."""
    WAITING = "waiting"
    """The conversation waits for a member of the team."""
    CLOSED = "closed"
    """The conversation has ended."""
    UNKNOWN = "unknown"
    """The status is absent, or has no known meaning."""


class Channel(StrEnum):
    """Channel of a conversation."""

    WHATSAPP = "whatsapp"
    """WhatsApp."""
    WEB = "web"
    """A chat on a website."""
    EMAIL = "email"
    """E-mail."""
    VOICE = "voice"
    """Telephone or another voice channel."""
    TELEGRAM = "telegram"
    """Telegram."""
    SLACK = "slack"
    """Slack."""
    CRISP = "crisp"
    """Crisp."""
    ZAPIER = "zapier"
    """Zapier."""
    FORM = "form"
    """A form."""
    DASHBOARD = "dashboard"
    """The provider's own dashboard."""
    API = "api"
    """The provider's API."""
    UNKNOWN = "unknown"
    """The channel is absent, or has no known meaning. `channel_code` contains the provider's word."""


class Role(StrEnum):
    """Role of the sender of a message."""

    CUSTOMER = "customer"
    """The customer."""
    AGENT = "agent"
    """The company. `speaker` says whether a bot or a person sent the message."""
    SYSTEM = "system"
    """The provider itself, for example a notice that someone joined."""
    UNKNOWN = "unknown"
    """The sender could not be determined."""


class AgentKind(StrEnum):
    """Kind of an agent."""

    BOT = "bot"
    """A program."""
    HUMAN = "human"
    """A person."""
    UNKNOWN = "unknown"
    """The kind could not be determined."""


class Rating(StrEnum):
    """Rating of a message."""

    GOOD = "good"
    """Rated good."""
    BAD = "bad"
    """Rated bad."""
    UNKNOWN = "unknown"
    """Rated with a word that has no known meaning."""


class Verdict(StrEnum):
    """Completeness of a record, in one word."""

    COMPLETE = "complete"
    """There is no sign that anything is missing."""
    IN_PROGRESS = "in_progress"
    """The conversation is still in progress. Fetch it again later."""
    TRUNCATED = "truncated"
    """Messages are missing."""
    UNKNOWN = "unknown"
    """Something may be missing. See `reasons`."""


class Reason(StrEnum):
    """Reason why a record may be incomplete."""

    MESSAGES_MISSING = "messages-missing"
    """The body has no list of messages."""
    MESSAGE_LEFT_OUT = "message-left-out"
    """An item of the list of messages is not a message."""
    NOT_FINISHED = "not-finished"
    """The body does not say when the conversation ended. For example, a body of Zild has no `finishedAt`."""
    NOT_RESOLVED = "not-resolved"
    """The status says that the conversation is not closed. For Superagentes, it is UNRESOLVED or HUMAN_REQUESTED."""
    STATUS_UNKNOWN = "status-unknown"
    """The status is absent or has no known meaning. For example, Superagentes sends a status that its spec lacks."""
    LAST_MESSAGE_DIFFERS = "last-message-differs"
    """The last message is not the announced one. For Zild, its text does not begin with `lastMessageContent`."""
    POSSIBLE_PAGE_LIMIT = "possible-page-limit"
    """There are exactly as many messages as fit on a page, so more may exist. A page of Superagentes has 50."""
    DUPLICATE_MESSAGE_IDS = "duplicate-message-ids"
    """Two messages have the same id."""
    MESSAGE_PROPERTY_LOST = "message-property-lost"
    """A property of a message, such as its text, could not be read."""
    MESSAGE_WITHOUT_TIME = "message-without-time"
    """A message has no time, or its time could not be read."""
    ID_MISMATCH = "id-mismatch"
    """The id in the body differs from the requested id."""
    UNREADABLE = "unreadable"
    """The id, or the property that shows whether the conversation is finished, could not be read."""


STILL_OPEN = frozenset({Reason.NOT_FINISHED, Reason.NOT_RESOLVED})
"""Reasons that disappear when the conversation ends."""


class Note(StrEnum):
    """Note about a value that the mapping inferred, repaired or lost."""

    AGENT_INFERRED = "agent-inferred"
    """The agent's identity or kind was inferred from other properties."""
    CONTACT_INFERRED = "contact-inferred"
    """The contact was inferred from other properties. For Zild, its address is `from`."""
    DURATION_UNREADABLE = "duration-unreadable"
    """The duration has an unknown form, or is not a string."""
    ID_MISMATCH = "id-mismatch"
    """The id in the body differs from the requested id."""
    NAIVE_TIME = "naive-time"
    """A time without offset was read in the configured time zone."""
    REDACTED = "redacted"
    """Personal data was replaced."""
    REFERENCES_UNWRAPPED = "references-unwrapped"
    """An object with `$values` was read as a list. Paths in `drift` are written as if the body had a list."""
    REORDERED = "reordered"
    """The messages, or the turns of a call, were not in order of time in the body. They were sorted."""
    ROLE_INFERRED = "role-inferred"
    """The role was inferred from addresses, or from the provider's word for the sender."""
    SCORE_INFERRED = "score-inferred"
    """A score of 0 was removed, as nothing was evaluated. For Zild, scores, checklist and status are 0 or missing."""
    SPEAKER_INFERRED = "speaker-inferred"
    """The kind of agent that sent a message, a bot or a person, was inferred."""
    STATUS_INFERRED = "status-inferred"
    """The status was inferred from other properties. For Zild, these are `finishedAt` and `active`."""
    TEXT_REPAIRED = "text-repaired"
    """The body was not valid UTF-8, had a lone surrogate, such as half an emoji, or began with a byte order mark."""
    TIME_REPAIRED = "time-repaired"
    """A time was read although its form is not the declared one."""
    TYPE_REPAIRED = "type-repaired"
    """A value was read although its type is not the declared one, for example 87.0 as 87, or a number as text."""
    ZERO_TIME = "zero-time"
    """A time that means "never" was removed, for example a time in the year 1 or 9999, or on 1900-01-01."""
