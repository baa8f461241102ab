"""What became of one ref in a run of many."""

from attrs import field, frozen

from conversas.errors import ConversasError
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef


@frozen
class Fetched:
    """The conversation is here. Matches as `Fetched(ref, conversation)`."""

    ref: ConversationRef
    """What was asked for."""
    conversation: Conversation
    """The record."""
    attempts: int = field(default=1, kw_only=True)
    """How many requests it took."""
    elapsed_seconds: float = field(default=0.0, kw_only=True, eq=False)
    """How long they took, with the waits between them."""


@frozen
class Failed:
    """The conversation is not here. Matches as `Failed(ref, error)`."""

    ref: ConversationRef
    """What was asked for."""
    error: ConversasError
    """Why. It knows the attempts, the time they took, and whether another run may succeed."""
