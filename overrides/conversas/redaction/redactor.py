"""The redactor: a copy of a conversation without what identifies its customers."""

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
    """The copy. Its `source`, `raw` and `drift` are empty, and its notes have `redacted`."""
    counts: Mapping[str, int]
    """Number of replaced values of each kind."""


class Redactor:
    """Replaces personal data in conversations by placeholders such as `[CPF]`.

    `redactor(conversation)` returns a copy. What the record itself holds of its customers, such as their names and
    numbers, is replaced in all of its texts; detectors find the rest. `docs/redaction.md` says what is not found.

    Args:
        key: With a secret key of 32 bytes or more, equal values get equal placeholders, such as `[CPF 7K3QF2M9]`, and
            can be joined. Keep it secret: a person who has it can find the value of a placeholder by trying.
        detectors: Functions that find personal data in a text.
        agents: Replace the names and ids of those who answer for the company as well.
        keep: Kinds that stay, such as `CEP`, and texts that stay, such as the telephone number of the company.

    Raises:
        ConfigurationError: The key has fewer than 32 bytes, or is not bytes; or `keep` is a string, not a collection.
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
            raise ConfigurationError("`keep` must be a collection of texts, got one text; pass it in a list")
        kept_texts = frozenset(map(kept_form, keep))
        self._options = RedactionOptions(tuple(detectors), pseudonyms, agents, frozenset(keep), kept_texts)

    def __repr__(self) -> str:
        return f"<Redactor {'with' if self.key_id else 'without'} a key>"

    @property
    def key_id(self) -> str | None:
        """A fingerprint of the key, which tells keys apart; None without a key."""
        return self._options.pseudonyms.key_id

    @property
    def agents(self) -> bool:
        """Whether the names and ids of those who answer for the company are replaced."""
        return self._options.agents

    def __call__(self, conversation: Conversation) -> Redacted:
        """Return a copy of a conversation without personal data, and how many values were replaced."""
        return Redacted(*redact(conversation, self._options))

    def text(self, text: str) -> str:
        """Return a text without what the detectors find in it. Names that only a record would tell are not found."""
        return TextRedaction(self._options, KnownValues()).text(text)
