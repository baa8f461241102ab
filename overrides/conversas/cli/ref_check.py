"""Check of a ref before a run, with the rule of its provider."""

from conversas.errors import ConfigurationError
from conversas.providers import get_provider
from conversas.records.ref import ConversationRef


class InvalidRefError(Exception):
    """A text cannot be a ref. The message is the reason, and quotes nothing of the text."""


def valid_ref(name: str, id_: str) -> ConversationRef:
    """Return a ref whose id follows the rule of its provider.

    Raises:
        InvalidRefError: The id is invalid.
    """
    if not id_:
        raise InvalidRefError(f"there is no id after {name}:")
    ref = ConversationRef(name, id_)
    try:
        get_provider(name).parameters(ref)
    except ConfigurationError as error:
        reason = str(error).removeprefix(f"{ref}: ")
    else:
        return ref
    raise InvalidRefError(reason)
