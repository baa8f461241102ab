"""The providers: each maps the model that is generated from its spec to neutral records."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import get_data
from typing import Any, Protocol

from attrs import field, frozen

from conversas.errors import ConfigurationError
from conversas.providers.mapping import Reading
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef

NAMES = ("superagentes", "zild")


class GeneratedModel(Protocol):
    """A class of conversas_api that reads a checked JSON object."""

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Any: ...
    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Any: ...


@frozen
class Adapter:
    """All that is particular to a provider's bodies, and to asking for one."""

    name: str
    model: type[GeneratedModel] = field(repr=False)
    schema: dict[str, Any] = field(repr=False)
    """The run-time schema of a body."""
    extra: Any = field(repr=False)
    """The key under which the model looks for the unknown properties of an object."""
    to_neutral: Callable[[Any, Reading], Conversation] = field(repr=False)
    endpoint: Callable[[ConversationRef], dict[str, Any]] = field(repr=False)
    """Gives `method` and `url`, a path, of the request for a conversation; ConfigurationError where the id is none."""


@cache
def adapter_of(provider: str) -> Adapter:
    """Give the adapter of a provider, imported at the first call.

    Raises:
        ConfigurationError: There is no such provider.
    """
    if provider not in NAMES:
        raise ConfigurationError(f"there is no such provider: take one of {', '.join(NAMES)}")
    module = import_module(f"conversas.providers.{provider}")
    schema = json.loads(get_data(f"conversas_api.{provider}", "getConversation.schema.json") or b"")
    return Adapter(provider, module.MODEL, schema, module.EXTRA, module.to_neutral, module.endpoint)
