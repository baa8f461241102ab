"""Drift of many conversations, counted by place, and a proposal for the spec."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

from attrs import define, field, frozen

from conversas.decoding.spec_patch import build_json_patch
from conversas.errors import ConfigurationError
from conversas.plurals import counted
from conversas.providers import provider_names
from conversas.records.conversation import Conversation
from conversas.records.drift import Drift, DriftKind
from conversas.records.ref import escape_nonprintable

_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")

Key = tuple[str, Drift]
"""A provider, and a deviation whose path has a `*` for each index."""


@frozen
class DriftCount:
    """Frequency of one deviation."""

    provider: str
    """Name of the provider."""
    drift: Drift
    """The deviation; each index of a list in its path is a `*`."""
    count: int
    """Number of values that deviate in this way."""
    conversations: int
    """Number of conversations that have such a value."""
    first_ref: str | None
    """Ref of the first conversation with this deviation, if known."""


@define
class DriftReport:
    """Drift of many conversations, counted by provider, path and kind.

    Like `Drift`, it contains no value of a body, except numbers of unknown enum members. It contains names of unknown
    properties, and ids of conversations.
    `str(report)` is a table: the number of conversations, the deviation, and how often it occurs.
    """

    conversations: int = field(default=0, init=False)
    """Number of conversations that were added."""
    drifting: int = field(default=0, init=False)
    """Number of conversations with drift."""
    _counts: Counter[Key] = field(factory=Counter[Key], init=False, repr=False)
    _conversations: Counter[Key] = field(factory=Counter[Key], init=False, repr=False)
    _first: dict[Key, str | None] = field(factory=dict[Key, str | None], init=False, repr=False)

    @classmethod
    def from_conversations(cls, conversations: Iterable[Conversation]) -> Self:
        """Count the drift of these conversations. The conversations are read one by one, and not kept."""
        report = cls()
        for conversation in conversations:
            report.add(conversation)
        return report

    def add(self, conversation: Conversation) -> None:
        """Count the drift of one more conversation."""
        ref = str(conversation.ref) if conversation.ref else None
        counted = Counter(with_wildcards(drift) for drift in conversation.drift)
        self.add_counts(conversation.provider, ref, counted.items())

    def add_counts(self, provider: str, ref: str | None, counted: Iterable[tuple[Drift, int]]) -> None:
        """Count the drift of one more conversation whose deviations are already counted, as in an export."""
        drifts = False
        for drift, count in counted:
            drifts = True
            self._counts[provider, drift] += count
            self._conversations[provider, drift] += 1
            self._first.setdefault((provider, drift), ref)
        self.conversations += 1
        self.drifting += drifts

    @property
    def counts(self) -> tuple[DriftCount, ...]:
        """Deviations with their counts. Deviations in the most conversations come first."""
        counts = [
            DriftCount(*key, count, self._conversations[key], self._first[key]) for key, count in self._counts.items()
        ]
        return tuple(sorted(counts, key=_order))

    def to_json_patch(self, spec: Mapping[str, Any], *, provider: str | None = None) -> list[dict[str, Any]]:
        """Propose a JSON Patch (RFC 6902) for the parsed spec of a provider.

        Applied to the parsed spec, the patch makes three kinds of drift disappear: an unexpected null, an unknown value
        of an integer enum, and an unknown property. For other drift, it has a `test` operation, which changes nothing,
        with a `comment` that says what a person must decide. For example, it adds no value to a string enum, because a
        report does not contain these values: they may be a customer's words. Edit the YAML file by hand, to keep its
        comments; `path` says where.

        Raises:
            ConfigurationError: The report holds drift of several providers and `provider` does not choose one, or there
                is no such provider.
        """
        providers = {name for name, _ in self._counts}
        if provider is not None and provider not in provider_names():
            raise ConfigurationError(f"unknown provider; expected one of: {', '.join(provider_names())}")
        if provider is None and len(providers) > 1:
            raise ConfigurationError(
                f"the report has drift of several providers: choose one of {', '.join(sorted(providers))}"
            )
        chosen = [drift for name, drift in self._counts if provider in (None, name)]
        return build_json_patch(spec, sorted(chosen, key=lambda drift: (drift.path, drift.kind, str(drift.found))))

    def __str__(self) -> str:
        verb = "differs" if self.drifting == 1 else "differ"
        lines = [f"{self.drifting:,} of {counted(self.conversations, 'conversation')} {verb} from the spec"]
        for seen in self.counts:
            drift, path = seen.drift, escape_nonprintable(seen.drift.path)  # a path contains names of properties
            first = escape_nonprintable(seen.first_ref or "a conversation without a ref")
            found = f"{drift.kind}: {drift.found} instead of {drift.expected}"
            times = f"{seen.count:,} times" if seen.count > 1 else "once"
            lines.append(f"{seen.conversations:>8}  {seen.provider}  {path}  {found}, {times}, first in {first}")
        return "\n".join(lines)


def _order(seen: DriftCount) -> tuple[object, ...]:
    return -seen.conversations, -seen.count, seen.provider, seen.drift.path, seen.drift.kind


def with_wildcards(drift: Drift) -> Drift:
    """Return the deviation with a `*` for each index of a list. An unknown property keeps a name of digits."""
    above, _, last = drift.path.rpartition("/")
    if drift.kind is not DriftKind.UNKNOWN_FIELD:
        last = _INDEX.sub("*", "/" + last)[1:]
    return Drift(_INDEX.sub("*", above) + "/" + last, drift.kind, drift.expected, drift.found)
