"""Strict checks of values against annotations: True is no int."""

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from conversas import Conversation

hints = cache(get_type_hints)


def is_true(conversation: Conversation) -> bool:
    """Return whether a conversation holds what it says, its generated model too, and aware times alone."""
    times = [getattr(conversation, name) for name in hints(Conversation) if name.endswith("_at")]
    times += [message.sent_at for message in conversation.messages]
    models = [conversation.source] if conversation.raw else []
    return all(map(holds_what_it_says, [conversation, *models])) and all(time.tzinfo for time in times if time)


def holds_what_it_says(value: Any) -> bool:
    """Return whether each attribute of a record or model, all the way down, is of its annotated type."""
    kinds = hints(type(value))
    return all(fits(getattr(value, field.name), kinds[field.name]) for field in attrs.fields(type(value)))


def fits(value: Any, kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is UnionType:
        return any(fits(value, option) for option in get_args(kind))
    if origin in (list, tuple):
        return type(value) is origin and all(fits(item, get_args(kind)[0]) for item in value)
    if origin is dict:
        return type(value) is dict
    if origin is Callable:
        return callable(value)
    if kind is object or kind is Any:
        kind = type(value)
    if kind is float:
        return type(value) in (float, int)  # an integer is a number
    return type(value) is kind and (not attrs.has(kind) or holds_what_it_says(value))
