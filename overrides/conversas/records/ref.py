"""Refs: the provider and the id of a conversation."""

from typing import Self

from attrs import frozen

from conversas.errors import ConfigurationError


@frozen(order=True)
class ConversationRef:
    """Ref of one conversation: `ConversationRef("zild", "123")`, written `zild:123`.

    Refs are sorted by provider and then by id, both as strings.

    Raises:
        ConfigurationError: The provider or the id is not a string, or is empty.
    """

    provider: str
    """Name of the provider, such as `zild`."""
    id: str
    """Id of the conversation at the provider."""

    def __attrs_post_init__(self) -> None:
        for part in (self.provider, self.id):
            if not isinstance(part, str) or not part:  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
                raise ConfigurationError("a ref must be a provider name, a colon and an id, for example zild:123")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ref in a string `provider:id`.

        Raises:
            ConfigurationError: There is no provider before the first colon, or no id after it.
        """
        provider, _, id_ = text.partition(":")
        return cls(provider, id_)

    def __str__(self) -> str:
        """Return `provider:id` on one line, with unprintable characters escaped."""
        return escape_nonprintable(f"{self.provider}:{self.id}")


@frozen(order=True)
class ScannedRef(ConversationRef):
    """Ref with an id from a range. For an export, it is not a failure if the provider has no such conversation."""


@frozen(order=True)
class ListRef(ConversationRef):
    """Name that messages use for a provider's list of conversations. It is not the ref of a conversation."""

    id: str = "*"

    def __str__(self) -> str:
        """Return the name of the list in messages."""
        return f"{self.provider}: the list of conversations"


def escape_nonprintable(text: str) -> str:
    """Return a printable string unchanged. In any other string, escape everything that is not printable ASCII."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def coerce_ref(ref: object) -> ConversationRef:
    """Return a ref that a user passed as a ConversationRef or as a string.

    Raises:
        ConfigurationError: `ref` is neither a ConversationRef nor a string such as zild:123.
    """
    if isinstance(ref, str):
        return ConversationRef.parse(ref)
    if not isinstance(ref, ConversationRef):
        raise ConfigurationError("a ref must be a ConversationRef or a string, for example zild:123")
    return ref
