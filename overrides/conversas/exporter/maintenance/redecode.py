"""Repeated decoding of the raw bodies of an export, after an upgrade, without a request to a provider."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import closing

from attrs import define, evolve, field, frozen

from conversas.decoding.decoder import decode
from conversas.errors import ConversasError, ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import has_sha256
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.original import original_json
from conversas.exporter.maintenance.compaction import compact_part, is_intact, sweep
from conversas.exporter.maintenance.repair import Repair
from conversas.exporter.maintenance.session import maintenance
from conversas.exporter.manifest import Manifest, body_name
from conversas.exporter.manifest_schema import HAS_UNDECODABLE, Account, OutcomeRow, Part
from conversas.exporter.settings import PartLimits, load_settings
from conversas.exporter.writer import Writer, fetched_row
from conversas.providers.environment import timezone_from_env
from conversas.records.conversation import Conversation
from conversas.records.enums import Note
from conversas.records.serialization import SerializedRecord

_LIMITS = PartLimits(max_seconds=86_400)


@frozen(kw_only=True)
class ExportRedecoding:
    """Result of decoding an export again."""

    conversations: int
    """Number of conversations that were decoded from their bodies."""
    changed: int
    """Number of decoded conversations whose record, completeness or drift has changed."""
    recovered: int
    """Number of conversations whose bodies could not be decoded before."""
    kept: tuple[str, ...] = ()
    """Refs of conversations that stay unchanged: the body is missing, or is no longer recognized."""
    skipped: tuple[str, ...] = ()
    """Parts that stay unchanged because they are damaged or have no raw archive."""


def redecode(directory: ExportDirectory) -> ExportRedecoding:
    """Decode the raw bodies of an export again, in the time zone of its account, and replace the records.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The export has no raw bodies, or cannot be read or written; or a run is using it.
    """
    with closing(Manifest.open(directory.manifest)) as manifest:
        settings = load_settings(manifest)
    if settings.redaction:
        raise ExportError(f"{directory.path} is redacted and has no bodies to decode; export to a new directory")
    if not settings.raw:
        raise ExportError(f"{directory.path} has no raw bodies to decode; export with raw to a new directory")
    with maintenance(directory) as repair:
        return _Redecoder(repair, repair.manifest.accounts()).redecode()


@define
class _Redecoder:
    """Decoding of one part after another. A part is replaced as soon as its new records are committed."""

    repair: Repair
    accounts: Mapping[str, Account]
    writer: Writer = field(init=False)
    changed: int = field(default=0, init=False)
    conversations: int = field(default=0, init=False)
    recovered: int = field(default=0, init=False)
    kept: list[str] = field(factory=list[str], init=False)
    skipped: list[str] = field(factory=list[str], init=False)

    def __attrs_post_init__(self) -> None:
        self.writer = Writer(
            self.repair.directory,
            self.repair.manifest,
            self.repair.part_format,
            keeps_raw=True,
            compress=self.repair.compress,
            limits=_LIMITS,
            accounts=self.accounts,
        )

    def redecode(self) -> ExportRedecoding:
        with closing(self.writer):
            for part in self.repair.manifest.parts():
                if part.raw_name and is_intact(self.repair.directory, part):
                    self._redecode_part(part, part.raw_name)
                else:
                    self.skipped.append(part.name)
            self._recover()
        return ExportRedecoding(
            conversations=self.conversations,
            changed=self.changed,
            recovered=self.recovered,
            kept=tuple(self.kept),
            skipped=tuple(self.skipped),
        )

    def _redecode_part(self, part: Part, raw_name: str) -> None:
        """Replace a part if any of its records has changed. The bodies are then read a second time."""
        rows = {row.ref: row for row in self.repair.manifest.rows("part = ?", part.number)}
        decoded, changed = set[str](), set[str]()
        for row, serialized in self._decode_archive(raw_name, rows):
            decoded.add(row.ref)
            if self._row(row, serialized, part.number) != row:
                changed.add(row.ref)
        self.kept += sorted(rows.keys() - decoded)
        self.conversations += len(decoded)
        self.changed += len(changed)
        if changed:
            for row, serialized in self._decode_archive(raw_name, rows):
                self._write(row, serialized)
            self.writer.commit()
            compact_part(self.repair, part)

    def _decode_archive(
        self, raw_name: str, rows: dict[str, OutcomeRow]
    ) -> Iterator[tuple[OutcomeRow, SerializedRecord[Conversation]]]:
        """Yield the outcome so far and the new record of each body that is a conversation."""
        for ref, body in raw_zip.read(self.repair.directory.file(raw_name)):
            if ref in rows and (serialized := self._decode(ref, body)):
                yield rows[ref], serialized

    def _recover(self) -> None:
        """Write the conversations whose bodies can be decoded now, but could not be decoded when they were fetched."""
        for row in self.repair.manifest.batched_rows(HAS_UNDECODABLE):
            path = self.repair.directory.file(body_name(row.undecodable or ""))
            if has_sha256(path, row.undecodable or "") and (serialized := self._decode(row.ref, path.read_bytes())):
                self._write(evolve(row, error=None, reason=None, fetch_again=False, undecodable=None), serialized)
                self.recovered += 1
        self.writer.commit()
        sweep(self.repair.directory, self.repair.manifest)

    def _decode(self, ref: str, body: bytes) -> SerializedRecord[Conversation] | None:
        provider = ref.partition(":")[0]
        with contextlib.suppress(ConversasError):
            conversation = decode(provider, body, ref=ref, timezone=self._timezone_of(provider))
            return None if Note.ID_MISMATCH in conversation.notes else SerializedRecord(conversation)
        return None

    def _timezone_of(self, provider: str) -> str:
        """Return the time zone of a provider's account; if a rebuilt manifest lacks it, the configured time zone."""
        account = self.accounts.get(provider)
        return account.timezone if account else timezone_from_env(provider)

    def _write(self, row: OutcomeRow, serialized: SerializedRecord[Conversation]) -> None:
        new = self._row(row, serialized, self.writer.open_part())
        self.writer.add(new, serialized, self._original(serialized))
        self.writer.commit_if_full()

    def _row(self, row: OutcomeRow, serialized: SerializedRecord[Conversation], part: int) -> OutcomeRow:
        """Return the new outcome. It keeps the result of the last attempt to refresh the conversation."""
        new = fetched_row(
            self.repair.manifest,
            serialized,
            self._original(serialized),
            ref=row.ref,
            attempts=row.attempts,
            time=row.time,
            part=part,
        )
        return evolve(new, error=row.error, reason=row.reason, fetch_again=row.fetch_again, undecodable=row.undecodable)

    def _original(self, serialized: SerializedRecord[Conversation]) -> bytes | None:
        return original_json(serialized.record.raw) if self.repair.part_format.original else None
