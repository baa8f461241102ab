"""Conversations as chat messages for language models: whole, as next turns, and as rated answers."""

from collections.abc import Iterator
from typing import Literal, TypedDict, Unpack

from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.records.conversation import Conversation, Message
from conversas.records.enums import AgentKind, Rating, Role
from conversas.transcripts.attachments import spoken

ChatRole = Literal["system", "user", "assistant"]
Events = Literal["drop", "system"]
UnknownRoles = Literal["raise", "drop"]

_OTHER_SIDE = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}
_LABELS: dict[Rating | None, bool] = {Rating.GOOD: True, Rating.BAD: False}


class ChatMessage(TypedDict):
    """One message in the form that language models accept."""

    role: ChatRole
    """Role of the speaker: `system`, `user` or `assistant`."""
    content: str
    """Text of the message."""


class ChatOptions(TypedDict, total=False):
    """The options of `chat_messages`, which explains them."""

    assistant: Role
    system: str | None
    merge: bool
    strict: bool
    events: Events
    unknown: UnknownRoles


class NextTurn(TypedDict):
    """One turn of the assistant, and the messages before it."""

    prompt: list[ChatMessage]
    """The earlier messages, with the system prompt."""
    completion: list[ChatMessage]
    """The turn, as one message."""
    label: bool | None
    """Whether the turn was rated good. False if any of its messages was rated bad, None if no message was rated."""
    speaker: str
    """Kind of the agent that speaks: `bot`, `human` or `unknown`. It is `unknown` if a bot and a person both speak."""
    ref: str
    """The ref of the conversation, as a string."""


class RatedAnswer(TypedDict):
    """One rated answer, and the messages before it: a row of unpaired preference data."""

    prompt: list[ChatMessage]
    """The earlier messages, with the system prompt."""
    completion: list[ChatMessage]
    """The rated answer, as one message."""
    label: bool
    """Whether the answer was rated good."""
    speaker: str
    """Kind of the agent that speaks: `bot`, `human` or `unknown`."""
    ref: str
    """The ref of the conversation, as a string."""


@frozen
class _Turn:
    role: ChatRole
    messages: tuple[Message, ...]
    texts: tuple[str, ...]

    def chat_message(self, count: int | None = None) -> ChatMessage:
        """Return the turn, or its first messages, as one chat message."""
        return {"role": self.role, "content": "\n".join(self.texts[:count])}


def chat_messages(
    conversation: Conversation,
    *,
    assistant: Role = Role.AGENT,
    system: str | None = None,
    merge: bool = True,
    strict: bool = False,
    events: Events = "drop",
    unknown: UnknownRoles = "raise",
) -> list[ChatMessage]:
    """Return a conversation as chat messages. A file becomes `[file: name]`. Messages without any content are left out.

    Args:
        conversation: The conversation.
        assistant: The side that the model speaks for: `Role.AGENT` or `Role.CUSTOMER`.
        system: Text of a system message, which comes first.
        merge: Join consecutive messages of one side, each on lines of its own.
        strict: Begin with the user and end with the assistant, as strict chat templates require. Messages before and
            after are left out, so the result may be empty.
        events: Treatment of the provider's system messages: `drop` leaves them out, `system` keeps them.
        unknown: Treatment of messages whose role is unknown: `raise` raises an error, `drop` leaves them out.

    Raises:
        ConfigurationError: The role of a message is unknown, `assistant` is invalid, or options exclude each other.
    """
    options: ChatOptions = {"assistant": assistant, "merge": merge, "strict": strict, "events": events}
    turns = _turns(conversation, {**options, "unknown": unknown})
    while strict and turns and turns[-1].role != "assistant":
        turns.pop()
    return [*_system_message(system if turns else None), *(turn.chat_message() for turn in turns)]


def next_turns(conversation: Conversation, **options: Unpack[ChatOptions]) -> Iterator[NextTurn]:
    """Yield each turn of the assistant after the first turn of the user, with the earlier messages: an evaluation set.

    Args:
        conversation: The conversation.
        options: Options of `chat_messages`.

    Raises:
        ConfigurationError: The role of a message is unknown, `assistant` is invalid, or options exclude each other.
    """
    for turn, prompt in _answers(conversation, options):
        ratings = [message.rating for message in turn.messages if message.rating in _LABELS]
        yield {
            "prompt": prompt,
            "completion": [turn.chat_message()],
            "label": Rating.BAD not in ratings if ratings else None,
            "speaker": _speaker(turn.messages),
            "ref": _ref(conversation),
        }


def ratings(conversation: Conversation, **options: Unpack[ChatOptions]) -> Iterator[RatedAnswer]:
    """Yield each rated message of the assistant, with the earlier messages: unpaired preference data.

    A merged turn is cut after the rated message, so the completion has only what existed when the message was rated.

    Args:
        conversation: The conversation.
        options: Options of `chat_messages`.

    Raises:
        ConfigurationError: The role of a message is unknown, `assistant` is invalid, or options exclude each other.
    """
    for turn, prompt in _answers(conversation, options):
        for count, message in enumerate(turn.messages, start=1):
            if (label := _LABELS.get(message.rating)) is not None:
                yield {
                    "prompt": [each.copy() for each in prompt],
                    "completion": [turn.chat_message(count)],
                    "label": label,
                    "speaker": _speaker(turn.messages[:count]),
                    "ref": _ref(conversation),
                }


def _answers(conversation: Conversation, options: ChatOptions) -> Iterator[tuple[_Turn, list[ChatMessage]]]:
    """Yield each turn of the assistant after the first turn of the user, with its prompt."""
    turns = _turns(conversation, options)
    before, is_asked = _system_message(options.get("system")), False
    for turn in turns:
        if turn.role == "assistant" and is_asked:
            yield turn, [message.copy() for message in before]
        before.append(turn.chat_message())
        is_asked = is_asked or turn.role == "user"


def _turns(conversation: Conversation, options: ChatOptions) -> list[_Turn]:
    """Return the turns. With `strict`, they begin with the first turn of the user."""
    merge, strict = options.get("merge", True), options.get("strict", False)
    events, assistant = options.get("events", "drop"), options.get("assistant", Role.AGENT)
    if strict and (not merge or events != "drop"):
        raise ConfigurationError('`strict` needs alternating turns; leave out `merge=False` and `events="system"`')
    roles = _chat_roles(assistant, events)
    runs: list[tuple[ChatRole, list[Message], list[str]]] = []
    for message in conversation.messages:
        if not (text := spoken(message)) or (role := _role(message, roles, conversation, options)) is None:
            continue
        if strict and not runs and role != "user":
            continue
        if not merge or not runs or runs[-1][0] != role:
            runs.append((role, [], []))
        runs[-1][1].append(message)
        runs[-1][2].append(text)
    return [_Turn(role, tuple(messages), tuple(texts)) for role, messages, texts in runs]


def _chat_roles(assistant: Role, events: Events) -> dict[Role, ChatRole | None]:
    if assistant not in _OTHER_SIDE:
        raise ConfigurationError(f"`assistant` must be Role.AGENT or Role.CUSTOMER, got {assistant!r}")
    return {
        assistant: "assistant",
        _OTHER_SIDE[assistant]: "user",
        Role.SYSTEM: "system" if events == "system" else None,
    }


def _role(
    message: Message, roles: dict[Role, ChatRole | None], conversation: Conversation, options: ChatOptions
) -> ChatRole | None:
    if message.role in roles:
        return roles[message.role]
    if options.get("unknown", "raise") == "drop":
        return None
    raise ConfigurationError(
        f'{_ref(conversation)} has a message with an unknown role; pass `unknown="drop"` to leave out such messages, '
        "or leave out the conversation",
        provider=conversation.provider,
        ref=conversation.ref,
    )


def _system_message(text: str | None) -> list[ChatMessage]:
    return [{"role": "system", "content": text}] if text else []


def _speaker(messages: tuple[Message, ...]) -> str:
    kinds = {message.speaker for message in messages}
    return str(kinds.pop() or AgentKind.UNKNOWN) if len(kinds) == 1 else str(AgentKind.UNKNOWN)


def _ref(conversation: Conversation) -> str:
    return str(conversation.ref or f"{conversation.provider}:?")
