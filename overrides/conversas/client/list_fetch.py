"""Fetch of the list of a provider's conversations."""

from attrs import define, evolve

from conversas.client.fetch import Fetch, FetchOptions, ProviderState
from conversas.decoding.listing import decode_refs
from conversas.errors import ConfigurationError, ConversasError
from conversas.records.ref import ConversationRef, ListRef
from conversas.transport.messages import Response

STATUS_MESSAGES = {
    403: "the token gives no access to the list of conversations",
    404: "there is no list of conversations at this URL; is base_url right?",
}


@define
class ListFetch(Fetch):
    """Fetch of a list. Tokens, rate limit, retries and errors are the same as for a conversation."""

    @classmethod
    def of(cls, state: ProviderState, options: FetchOptions, status: object, agent_id: object) -> "ListFetch":
        """Return the fetch of a list. Nothing is sent yet.

        Raises:
            ConfigurationError: The spec has no such operation, or a filter is invalid.
        """
        request = state.provider.build_list_request(_text("status", status), _text("agent_id", agent_id))
        provider = evolve(state.provider, status_messages={**state.provider.status_messages, **STATUS_MESSAGES})
        named = evolve(state, provider=provider)
        return cls(ListRef(state.provider.name), named, options, options.timeout, request)

    def refs(self, response: Response) -> list[ConversationRef]:
        """Return the refs in a response with a body.

        Raises:
            ConversasError: The fetch failed. The error has the number of attempts and their duration.
        """
        try:
            return decode_refs(self.ref.provider, response.body, on_drift=self.options.on_drift)
        except ConversasError as error:
            self._annotate(error)
            raise

    def _annotate(self, error: ConversasError) -> None:
        super()._annotate(error)
        error.ref = None


def _text(name: str, value: object) -> str | None:
    """Check a filter, and return it."""
    if value is None or (isinstance(value, str) and value and value.isprintable()):
        return value
    raise ConfigurationError(f"{name} must be a printable string that is not empty, or None")
