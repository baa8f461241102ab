"""The closed sets of words that records use."""

from enum import StrEnum


class Status(StrEnum):
    """Status of a conversation."""

    OPEN = "open"
    """The conversation goes on."""
    WAITING = "waiting"
    """The conversation waits for a person of the team."""
    CLOSED = "closed"
    """The conversation has ended."""
    UNKNOWN = "unknown"
    """The status is absent, or has no known meaning."""


class Channel(StrEnum):
    """The channel that a conversation runs on."""

    WHATSAPP = "whatsapp"
    """WhatsApp."""
    WEB = "web"
    """A chat on a website."""
    EMAIL = "email"
    """E-mail."""
    VOICE = "voice"
    """Telephone or voice."""
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
    """The channel is absent, or has no known meaning: `channel_code` has the provider's word."""


class Role(StrEnum):
    """Role of the sender of a message."""

    CUSTOMER = "customer"
    """The customer."""
    AGENT = "agent"
    """The company: a bot or a person, as `speaker` says."""
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
    """No sign that anything is missing."""
    IN_PROGRESS = "in_progress"
    """The conversation goes on: fetch it again later."""
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
    """Zild: no `finishedAt`."""
    NOT_RESOLVED = "not-resolved"
    """Superagentes: the status is UNRESOLVED or HUMAN_REQUESTED."""
    STATUS_UNKNOWN = "status-unknown"
    """Superagentes: the status is absent, or a word without a known meaning."""
    LAST_MESSAGE_DIFFERS = "last-message-differs"
    """Zild: the text of the last message does not begin with `lastMessageContent`."""
    POSSIBLE_PAGE_LIMIT = "possible-page-limit"
    """Superagentes: exactly 50 messages, which is the size of a page."""
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
    """Mark of a value that the mapping inferred, repaired or lost."""

    AGENT_INFERRED = "agent-inferred"
    """The agent's identity or kind was inferred from other properties."""
    CONTACT_INFERRED = "contact-inferred"
    """Zild: the contact was inferred. Its address is `from`."""
    DURATION_UNREADABLE = "duration-unreadable"
    """The duration has an unknown form, or is not a string."""
    ID_MISMATCH = "id-mismatch"
    """The id in the body differs from the requested id."""
    NAIVE_TIME = "naive-time"
    """A time without offset was read in the configured time zone."""
    REDACTED = "redacted"
    """Personal data was replaced."""
    REFERENCES_UNWRAPPED = "references-unwrapped"
    """An object with `$values` was read as a list. Paths in `drift` are written as if the body had the list itself."""
    REORDERED = "reordered"
    """The body did not list messages in order of time, or turns of a call in order of `offset`. They were sorted."""
    ROLE_INFERRED = "role-inferred"
    """The role was inferred from addresses, or from the provider's word for the sender."""
    SCORE_INFERRED = "score-inferred"
    """Zild: a score of 0 became None: there is no checklist and no other score, and the status is 0 or missing."""
    SPEAKER_INFERRED = "speaker-inferred"
    """The kind of agent that sent a message, a bot or a person, was inferred."""
    STATUS_INFERRED = "status-inferred"
    """Zild: the status was inferred from `finishedAt` and `active`."""
    TEXT_REPAIRED = "text-repaired"
    """The body was not valid UTF-8, had a lone surrogate such as half an emoji, or began with a byte order mark."""
    TIME_REPAIRED = "time-repaired"
    """A time was read although its form is not the declared one."""
    TYPE_REPAIRED = "type-repaired"
    """A value was read although its type is not the declared one, for example 87.0 as 87, or a number as text."""
    ZERO_TIME = "zero-time"
    """A time that means "never" became None, for example a time in the year 1 or 9999, or on 1900-01-01."""
