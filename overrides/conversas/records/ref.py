"""References that name a conversation: the provider, and the id there."""

from typing import Self

from attrs import frozen

from conversas.errors import ConfigurationError


@frozen(order=True)
class ConversationRef:
    """Names one conversation: `ConversationRef("zild", "123")`, written `zild:123`. Refs sort as texts.

    Raises:
        ConfigurationError: The provider or the id is not a text, or empty.
    """

    provider: str
    """Name of the provider, such as `zild`."""
    id: str
    """Id of the conversation there."""

    def __attrs_post_init__(self) -> None:
        for part in (self.provider, self.id):
            if not isinstance(part, str) or not part:  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
                raise ConfigurationError("a ref must be a provider name, a colon and an id, for example zild:123")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `provider:id`.

        Raises:
            ConfigurationError: There is no provider before, or no id after the first colon.
        """
        provider, _, id_ = text.partition(":")
        return cls(provider, id_)

    def __str__(self) -> str:
        """Return `provider:id` on one line, with unprintable characters escaped."""
        return escape_nonprintable(f"{self.provider}:{self.id}")


@frozen(order=True)
class ScannedRef(ConversationRef):
    """Ref of a range of ids, which the provider may not have: then it is no failure of an export."""


@frozen(order=True)
class ListRef(ConversationRef):
    """The list of a provider's conversations, as messages name it. It names no conversation, and no error keeps it."""

    id: str = "*"

    def __str__(self) -> str:
        """Return its name in messages."""
        return f"{self.provider}: the list of conversations"


def escape_nonprintable(text: str) -> str:
    """Return a printable text unchanged; otherwise escape all that is not printable ASCII."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def coerce_ref(ref: object) -> ConversationRef:
    """Read a ref as users give it.

    Raises:
        ConfigurationError: It is neither a ConversationRef nor a text such as zild:123.
    """
    if isinstance(ref, str):
        return ConversationRef.parse(ref)
    if not isinstance(ref, ConversationRef):
        raise ConfigurationError("a ref must be a ConversationRef or a string, for example zild:123")
    return ref
