"""The closed sets of words that records use."""

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def direct_members(kind: type[E]) -> type[E]:
    """Store the members of an enum as plain attributes: on Python 3.11, they are slow to reach. A class decorator."""
    for name, member in kind.__members__.items():
        type.__setattr__(kind, name, member)
    return kind


@direct_members
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


@direct_members
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


@direct_members
class Role(StrEnum):
    """Role of the sender of a message."""

    CUSTOMER = "customer"
    """The customer."""
    AGENT = "agent"
    """The company: a bot or a person, as `speaker` says."""
    SYSTEM = "system"
    """The provider, for example a note that someone joined."""
    UNKNOWN = "unknown"
    """The sender could not be determined."""


@direct_members
class AgentKind(StrEnum):
    """Kind of an agent."""

    BOT = "bot"
    """A program."""
    HUMAN = "human"
    """A person."""
    UNKNOWN = "unknown"
    """The kind could not be determined."""


@direct_members
class Rating(StrEnum):
    """Rating of a message."""

    GOOD = "good"
    """Rated good."""
    BAD = "bad"
    """Rated bad."""
    UNKNOWN = "unknown"
    """Rated with a word that has no known meaning."""


@direct_members
class Verdict(StrEnum):
    """Verdict on whether a record holds all of its conversation."""

    COMPLETE = "complete"
    """No sign that anything is missing."""
    IN_PROGRESS = "in_progress"
    """The conversation goes on: fetch it again later."""
    TRUNCATED = "truncated"
    """Messages are missing."""
    UNKNOWN = "unknown"
    """Something may be missing: `reasons` says what was seen."""


@direct_members
class Reason(StrEnum):
    """Reason why a record may not hold all of its conversation."""

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
    """Zild: the last message does not begin with what `lastMessageContent` shows."""
    POSSIBLE_PAGE_LIMIT = "possible-page-limit"
    """Superagentes: exactly 50 messages, which is the size of a page."""
    DUPLICATE_MESSAGE_IDS = "duplicate-message-ids"
    """Two messages have the same id."""
    MESSAGE_PROPERTY_LOST = "message-property-lost"
    """A property of a message, such as its text, is not of its declared type and could not be read."""
    MESSAGE_WITHOUT_TIME = "message-without-time"
    """A message has no time, or one that could not be read."""
    ID_MISMATCH = "id-mismatch"
    """The body has another id than the one that was asked for."""
    UNREADABLE = "unreadable"
    """The id, or what tells that the conversation is finished, is not of its declared type."""


STILL_OPEN = frozenset({Reason.NOT_FINISHED, Reason.NOT_RESOLVED})
"""The reasons that time removes: the conversation goes on."""


@direct_members
class Note(StrEnum):
    """A step that guessed, repaired or lost something, so that no guess is mistaken for a fact."""

    AGENT_INFERRED = "agent-inferred"
    """The agent's identity or kind was inferred from other properties."""
    CONTACT_INFERRED = "contact-inferred"
    """Zild: that `from` is the address of the contact."""
    DURATION_UNREADABLE = "duration-unreadable"
    """The duration is in no known form, or no text."""
    ID_MISMATCH = "id-mismatch"
    """The body has another id than the one that was asked for."""
    NAIVE_TIME = "naive-time"
    """A time without offset was read in the provider's time zone."""
    REDACTED = "redacted"
    """Personal data was replaced."""
    REFERENCES_UNWRAPPED = "references-unwrapped"
    """A list came as an object with `$values`. Paths of drift below it are those of the list."""
    REORDERED = "reordered"
    """The messages came in another order than that of their times, or of their offsets at one time."""
    ROLE_INFERRED = "role-inferred"
    """The role was inferred: the provider's word covers several parties, or addresses were compared."""
    SCORE_INFERRED = "score-inferred"
    """Zild: a score of 0 became None, since there is neither a checklist nor a status of an evaluation."""
    SPEAKER_INFERRED = "speaker-inferred"
    """The kind of agent that speaks, a bot or a person, was inferred from the ids of a message."""
    STATUS_INFERRED = "status-inferred"
    """Zild: the status was inferred from `finishedAt` and `active`."""
    TEXT_REPAIRED = "text-repaired"
    """The body was no proper UTF-8 or JSON text: a byte order mark, half a character."""
    TIME_REPAIRED = "time-repaired"
    """A time in another form than the declared one was read."""
    TYPE_REPAIRED = "type-repaired"
    """A value of another type than the declared one was read: 87.0 as 87, the number of a variable as text."""
    ZERO_TIME = "zero-time"
    """A time that stands for "never", such as one of the year 1 or 9999, or 1900-01-01, became None."""
