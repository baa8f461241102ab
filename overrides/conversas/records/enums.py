"""The closed sets of words that records use."""

from enum import StrEnum


class Status(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """The channel that a conversation runs on."""

    WHATSAPP = "whatsapp"
    WEB = "web"
    EMAIL = "email"
    VOICE = "voice"
    TELEGRAM = "telegram"
    SLACK = "slack"
    CRISP = "crisp"
    ZAPIER = "zapier"
    FORM = "form"
    DASHBOARD = "dashboard"
    API = "api"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """Who speaks in a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class AgentKind(StrEnum):
    """What an agent is."""

    BOT = "bot"
    HUMAN = "human"
    UNKNOWN = "unknown"


class Rating(StrEnum):
    """How a message was rated."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether a record holds all of its conversation."""

    COMPLETE = "complete"
    IN_PROGRESS = "in_progress"
    TRUNCATED = "truncated"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a record may not hold all of its conversation."""

    MESSAGES_MISSING = "messages-missing"
    """The body has no list of messages."""
    MESSAGE_LEFT_OUT = "message-left-out"
    """An item of the list of messages is not a message."""
    NOT_FINISHED = "not-finished"
    """Zild: no `finishedAt`."""
    NOT_RESOLVED = "not-resolved"
    """Superagentes: the status is not RESOLVED."""
    LAST_MESSAGE_DIFFERS = "last-message-differs"
    """Zild: the last message is not the one that `lastMessageContent` shows."""
    POSSIBLE_PAGE_LIMIT = "possible-page-limit"
    """Superagentes: exactly 50 messages, which is the size of a page."""
    DUPLICATE_MESSAGE_IDS = "duplicate-message-ids"
    MESSAGE_WITHOUT_TIME = "message-without-time"
    ID_MISMATCH = "id-mismatch"
    """The body has another id than the one that was asked for."""
    UNREADABLE = "unreadable"
    """The id, or what tells that the conversation is finished, is not of its declared type."""


class Note(StrEnum):
    """A step that guessed, repaired or lost something, so that nobody takes a guess for a fact."""

    AGENT_INFERRED = "agent-inferred"
    """Who the agent is, or of which kind, was inferred from other properties."""
    CONTACT_INFERRED = "contact-inferred"
    """Zild: that `from` is the address of the contact."""
    DURATION_UNREADABLE = "duration-unreadable"
    ID_MISMATCH = "id-mismatch"
    NAIVE_TIME = "naive-time"
    """A time without offset was read in the provider's time zone."""
    REORDERED = "reordered"
    """The messages came in another order than that of their times."""
    ROLE_INFERRED = "role-inferred"
    """Zild: who speaks was inferred from the sender of the conversation."""
    STATUS_INFERRED = "status-inferred"
    """Zild: the status was inferred from `finishedAt` and `active`."""
    TEXT_REPAIRED = "text-repaired"
    """The body was no proper UTF-8 or JSON text: a byte order mark, half a character."""
    TIME_REPAIRED = "time-repaired"
    """A time in another form than the declared one was read."""
    ZERO_TIME = "zero-time"
    """A time of the year 1, which stands for "never", became None."""
