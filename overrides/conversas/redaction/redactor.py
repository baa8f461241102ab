"""Redactor: it returns copies of conversations without the data that identifies customers."""

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.records.conversation import Conversation
from conversas.redaction.detectors import DETECTORS
from conversas.redaction.findings import Detector
from conversas.redaction.known_values import KnownValues
from conversas.redaction.pseudonyms import Pseudonyms
from conversas.redaction.record_redaction import redact
from conversas.redaction.text_redaction import RedactionOptions, TextRedaction, kept_form


@frozen
class Redacted:
    """A conversation without personal data."""

    conversation: Conversation
    """The redacted copy. Its `source`, `raw` and `drift` are empty, and its notes contain `redacted`."""
    counts: Mapping[str, int]
    """Number of replaced values of each kind."""


class Redactor:
    """A callable that replaces personal data in conversations with placeholders such as `[CPF]`.

    `redactor(conversation)` returns a `Redacted` with a copy. Personal data in the fields of the record, such as the
    customers' names and numbers, is replaced in all its texts. Detectors find other personal data.
    `docs/redaction.md` lists what is not found.

    Args:
        key: A secret of 32 bytes or more. With a key, equal values get equal placeholders, such as `[CPF 7K3QF2M9]`,
            so they can be joined. A person who knows the key can find the value of a placeholder by trying all values.
        detectors: Functions that find personal data in a text.
        agents: Also replace the names and ids of the agents, who speak for the company.
        keep: Kinds and texts that are not replaced, such as `CEP`, or the telephone number of the company.

    Raises:
        ConfigurationError: The key is not bytes or has fewer than 32, or `keep` is a string instead of a collection.
    """

    def __init__(
        self,
        *,
        key: bytes | None = None,
        detectors: Sequence[Detector] = DETECTORS,
        agents: bool = False,
        keep: Collection[str] = (),
    ) -> None:
        pseudonyms = Pseudonyms(key)
        del key  # a traceback may show the locals of this frame
        if isinstance(keep, str):
            raise ConfigurationError("`keep` must be a collection of strings, got one string; pass it in a list")
        kept_texts = frozenset(map(kept_form, keep))
        self._options = RedactionOptions(tuple(detectors), pseudonyms, agents, frozenset(keep), kept_texts)

    def __repr__(self) -> str:
        return f"<Redactor {'with' if self.key_id else 'without'} a key>"

    @property
    def key_id(self) -> str | None:
        """A fingerprint that distinguishes keys; None without a key."""
        return self._options.pseudonyms.key_id

    @property
    def agents(self) -> bool:
        """Whether the names and ids of the agents, who speak for the company, are replaced."""
        return self._options.agents

    def __call__(self, conversation: Conversation) -> Redacted:
        """Return a copy of a conversation without personal data, and the number of replaced values of each kind."""
        return Redacted(*redact(conversation, self._options))

    def text(self, text: str) -> str:
        """Return a text without the personal data that detectors find. Names are not found: only a record has them."""
        return TextRedaction(self._options, KnownValues()).text(text)
