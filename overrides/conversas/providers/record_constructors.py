"""Constructors of the records that mappings create. They take less than half the time of the classes."""

from collections.abc import Callable

from conversas.records.conversation import (
    Agent,
    Attachment,
    Call,
    Contact,
    Conversation,
    Evaluation,
    Message,
    NamedValue,
    Participant,
    Queue,
    Tag,
)
from conversas.records.fast_init import fast_constructor
from conversas.records.ref import ConversationRef

conversation = fast_constructor(Conversation)
message: Callable[..., Message] = fast_constructor(Message)  # accepts positional arguments
agent = fast_constructor(Agent)
attachment = fast_constructor(Attachment)
call = fast_constructor(Call)
contact = fast_constructor(Contact)
evaluation = fast_constructor(Evaluation)
named_value = fast_constructor(NamedValue)
participant = fast_constructor(Participant)
queue = fast_constructor(Queue)
ref = fast_constructor(ConversationRef)
tag = fast_constructor(Tag)
