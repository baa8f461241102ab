"""Neutral records: a conversation in the same form for every provider.

All records are frozen and hashable. Times are aware. None means that the provider does not state the value.
"""

import datetime
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Self

from attrs import field, frozen

from conversas.errors import DecodeError, DecodeErrorReason
from conversas.plurals import counted
from conversas.records.deserialization import InvalidRecord, from_json
from conversas.records.drift import Drift
from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status, Verdict
from conversas.records.fast_init import fast_init
from conversas.records.ref import ConversationRef
from conversas.records.serialization import Record, SerializedRecord, to_json


@fast_init
@frozen(kw_only=True, repr=False)
class Agent(Record):
    """The agent that speaks for the company."""

    id: str | None = None
    """Id of the agent at the provider."""
    name: str | None = None
    """Name of the agent."""
    kind: AgentKind = AgentKind.UNKNOWN
    """Kind of agent: `bot`, `human` or `unknown`."""


@fast_init
@frozen(kw_only=True, repr=False)
class Contact(Record):
    """A customer."""

    id: str | None = None
    """Id of the contact at the provider."""
    name: str | None = None
    """Full name."""
    email: str | None = None
    """E-mail address."""
    address: str | None = None
    """Address on the channel, such as a telephone number."""


@fast_init
@frozen(kw_only=True, repr=False)
class Participant(Record):
    """A person or system that takes part in a conversation."""

    id: str | None = None
    """Id of the participant at the provider."""
    name: str | None = None
    """Name of the participant."""
    kind: str | None = None
    """The provider's word for the kind of the participant."""


@fast_init
@frozen(kw_only=True, repr=False)
class Attachment(Record):
    """A file that belongs to a message or to a conversation."""

    url: str | None = None
    """Address of the file."""
    name: str | None = None
    """Name of the file."""
    mime_type: str | None = None
    """MIME type, such as `image/jpeg`."""
    size_bytes: int | None = None
    """Size in bytes."""


@fast_init
@frozen(kw_only=True, repr=False)
class Citation(Record):
    """A source that a message of a bot is based on."""

    id: str | None = None
    """Id of the source at the provider."""
    name: str | None = None
    """Name of the source, such as a file name."""
    url: str | None = None
    """Address of the source."""


@fast_init
@frozen(kw_only=True, repr=False)
class MessageError(Record):
    """Reason why a message was not delivered."""

    code: str | None = None
    """The provider's error code."""
    message: str | None = None
    """The provider's description of the error."""


@fast_init
@frozen(kw_only=True, repr=False)
class Message(Record):
    """One message of a conversation."""

    id: str | None = None
    """Id of the message at the provider."""
    role: Role = Role.UNKNOWN
    """Role of the sender: `customer`, `agent`, `system` or `unknown`."""
    speaker: AgentKind | None = None
    """Kind of agent that sent the message: `bot`, `human` or `unknown`. Not set if no agent sent it."""
    author: str | None = None
    """Name or address of the sender, as the provider states it."""
    text: str | None = None
    """Text of the message."""
    sent_at: datetime.datetime | None = None
    """When the message was sent, with an offset."""
    read: bool | None = None
    """Whether the message was read."""
    delivered: bool | None = None
    """Whether the message was delivered."""
    rating: Rating | None = None
    """Rating of the message. Not set if the message was not rated."""
    sentiment: str | None = None
    """The provider's word for the sentiment of the message."""
    is_survey: bool | None = None
    """Whether the message belongs to a satisfaction survey."""
    attachments: tuple[Attachment, ...] = ()
    """Files that belong to the message."""
    citations: tuple[Citation, ...] = ()
    """Sources that the message is based on."""
    error: MessageError | None = None
    """Reason why the message was not delivered. Not set if no failure is known."""

    def __repr__(self) -> str:
        return f"<Message {self.role}, {self.sent_at.isoformat() if self.sent_at else 'no time'}>"


@fast_init
@frozen(kw_only=True, repr=False)
class Tag(Record):
    """A tag of a conversation."""

    id: str | None = None
    """Id of the tag at the provider."""
    name: str | None = None
    """Name of the tag."""


@fast_init
@frozen(kw_only=True, repr=False)
class Evaluation(Record):
    """Evaluation of the quality of a conversation."""

    score: int | None = None
    """Score, on the provider's scale. Not set if the conversation was not evaluated."""
    final_score: int | None = None
    """Final score, on the provider's scale. Not set if the conversation was not evaluated."""
    checklist_id: str | None = None
    """Id of the checklist at the provider."""
    status_code: str | None = None
    """The provider's own value for the status of the evaluation."""
    status_message: str | None = None
    """The provider's message about the status of the evaluation."""
    high_importance_error: bool | None = None
    """Whether an error of high importance was detected."""


@fast_init
@frozen(kw_only=True, repr=False)
class Call(Record):
    """Facts about a call."""

    status: str | None = None
    """The provider's word for the status of the call."""
    successful: bool | None = None
    """Whether the call was successful."""
    disconnection_reason: str | None = None
    """The provider's word for the reason why the call ended."""


@fast_init
@frozen(kw_only=True, repr=False)
class Queue(Record):
    """The queue that a conversation waited in."""

    id: str | None = None
    """Id of the queue at the provider."""
    name: str | None = None
    """Name of the queue."""


@fast_init
@frozen(kw_only=True, repr=False)
class NamedValue(Record):
    """A variable, or one item of collected data."""

    name: str | None = None
    """Name of the value."""
    value: str | None = None
    """The value, as text."""


@fast_init
@frozen(kw_only=True, repr=False)
class Completeness(Record):
    """Completeness of a record: a verdict with reasons."""

    verdict: Verdict = Verdict.UNKNOWN
    """`complete`, `in_progress`, `truncated` or `unknown`."""
    reasons: tuple[Reason, ...] = ()
    """Reasons why the record may be incomplete. Empty if there is no such reason."""

    def __repr__(self) -> str:
        return f"<Completeness {': '.join((self.verdict, ', '.join(self.reasons))).rstrip(': ')}>"


@fast_init
@frozen(kw_only=True, repr=False)
class Conversation(Record):
    """One customer conversation.

    `==`, the hash, `to_dict` and `fingerprint` ignore `source`, `raw` and `drift`.
    """

    provider: str
    """Name of the provider, such as `zild`."""
    id: str | None = None
    """Id of the conversation in the body. If the body has no id, the requested id."""
    ref: ConversationRef | None = None
    """The requested ref. If no ref was requested, the ref made from the id in the body."""
    title: str | None = None
    """Title of the conversation."""
    summary: str | None = None
    """Summary of the conversation."""
    status: Status = Status.UNKNOWN
    """Status of the conversation: `open`, `waiting`, `closed` or `unknown`."""
    status_code: str | None = None
    """The provider's own value for the status."""
    ended_reason_code: str | None = None
    """The provider's own value for the reason why the conversation ended."""
    channel: Channel = Channel.UNKNOWN
    """Channel of the conversation. It is `unknown` if the provider's value has no published meaning."""
    channel_code: str | None = None
    """The provider's own value for the channel."""
    created_at: datetime.datetime | None = None
    """When the conversation was created, with an offset."""
    updated_at: datetime.datetime | None = None
    """When the conversation was last updated, with an offset."""
    queued_at: datetime.datetime | None = None
    """When the conversation was queued, with an offset."""
    ended_at: datetime.datetime | None = None
    """When the conversation ended, with an offset."""
    duration: datetime.timedelta | None = None
    """Duration of the conversation, as the provider states it."""
    queue: Queue | None = None
    """The queue that the conversation waited in."""
    agent: Agent | None = None
    """The agent that speaks for the company."""
    contacts: tuple[Contact, ...] = ()
    """The customers."""
    participants: tuple[Participant, ...] = ()
    """All participants that the provider lists."""
    messages: tuple[Message, ...] = ()
    """The messages, sorted by time. The mapping states the order of messages with equal times or without a time."""
    attachments: tuple[Attachment, ...] = ()
    """Files that belong to the whole conversation, such as the recording of a call."""
    tags: tuple[Tag, ...] = ()
    """The tags."""
    evaluation: Evaluation | None = None
    """Evaluation of the quality of the conversation."""
    sentiment: str | None = None
    """The provider's word for the sentiment of the whole conversation."""
    call: Call | None = None
    """Facts about the call. Not set if nothing is known about a call."""
    variables: tuple[NamedValue, ...] = ()
    """Variables that the conversation was started with."""
    collected_data: tuple[NamedValue, ...] = ()
    """Data that was collected in the conversation."""
    completeness: Completeness = Completeness()
    """Completeness of the record: a verdict with reasons."""
    notes: tuple[Note, ...] = ()
    """One note for each step that inferred, repaired or lost a value."""
    drift: tuple[Drift, ...] = field(default=(), eq=False)
    """Each deviation of the body from the spec."""
    raw: bytes = field(default=b"", eq=False)
    """The exact bytes of the body."""
    _read_source: Callable[["Conversation"], object] | None = field(default=None, eq=False, alias="read_source")
    """Function that returns the generated model of the body."""

    @cached_property
    def source(self) -> object:
        """The generated model of the body, read from `raw` at the first access. None if `raw` is empty."""
        return self._read_source(self) if self._read_source and self.raw else None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the neutral content, in hexadecimal. Equal records have equal fingerprints."""
        return SerializedRecord(self).fingerprint()

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON values that match the published schema."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the record that `to_dict` converted. A missing field gets its default.

        Raises:
            DecodeError: The value has a different schema version, or does not match the schema. The message names the
                location.
        """
        try:
            return from_json(cls, data)
        except InvalidRecord as misfit:
            problem = str(misfit)
        del data  # a traceback may show the locals of this frame
        raise DecodeError(problem, reason=DecodeErrorReason.INVALID_RECORD)

    def __repr__(self) -> str:
        name = self.ref or f"{self.provider}:?"
        drift = f"{len(self.drift)} drift" if self.drift else "no drift"
        messages = counted(len(self.messages), "message")
        return f"<Conversation {name}, {messages}, {self.status}, {self.completeness.verdict}, {drift}>"
