"""Repair of damaged parts: sound content moves to a new part, the rest is fetched again, old files are kept aside."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Self

from attrs import define, evolve, field

from conversas.errors import ConversasError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import is_regular_file, temp_path
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.raw_zip import RawArchive
from conversas.exporter.formats.registry import PartFormat, part_format
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import OutcomeRow, Part
from conversas.exporter.settings import Settings
from conversas.exporter.writer import OpenPart, new_paths, publish_part
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord

_LOST = "the part that held it is damaged"


@define
class Repair:
    """Repair of the parts of a directory, with counts of what was damaged."""

    directory: ExportDirectory
    manifest: Manifest
    part_format: PartFormat
    compress: bool
    damaged: int = field(default=0, init=False)
    """Number of parts that were missing or damaged."""
    lost: int = field(default=0, init=False)
    """Number of conversations that are fetched again."""

    @classmethod
    def of(cls, directory: ExportDirectory, manifest: Manifest, settings: Settings) -> Self:
        """Return the repair of a directory with these settings.

        Raises:
            ConfigurationError: The format needs an extra that is not installed.
        """
        format_ = part_format(settings.format, compress=settings.compress, original=settings.original)
        return cls(directory, manifest, format_, settings.compress)

    def repair_resized(self) -> None:
        """Repair the parts that are missing, or whose size differs from the size in the manifest."""
        for part in self.manifest.parts():
            if not all(_has_size(self.directory, file.name, file.bytes) for file in part.files):
                self.repair(part)

    def repair(self, part: Part) -> None:
        """Replace a damaged part with a part of its sound content. The old files become open files to keep aside."""
        rows = {row.ref: row for row in self.manifest.rows("part = ?", part.number)}
        new = self._open_part(part) if rows else None
        kept = set(self._copy_conversations(part, rows, new)) if new else set[str]()
        with_body = set(self._copy_bodies(part, rows, new, kept)) if new and part.raw_name else kept
        published = self._publish(new, part) if new else None
        changed = [evolve(rows[ref], sha256=None) for ref in kept - with_body]
        lost = [mark_lost(row) for ref, row in rows.items() if ref not in kept]
        self.manifest.replace_part(part, published, [*changed, *lost], damaged=bool(rows))
        self.damaged += bool(rows)
        self.lost += len(lost) + len(changed)

    def _open_part(self, part: Part) -> OpenPart:
        keeps_raw = part.raw_name is not None
        paths = new_paths(self.directory, self.manifest, self.part_format.suffix, keeps_raw=keeps_raw)
        raw_archive = RawArchive(temp_path(paths.raw), self.compress) if paths.raw else None
        return OpenPart(paths, self.part_format.create(temp_path(paths.part)), raw_archive)

    def _copy_conversations(self, part: Part, rows: Mapping[str, OutcomeRow], new: OpenPart) -> Iterator[str]:
        """Copy the sound conversations, and yield their refs."""
        copied = set[str]()
        for record, text in self.part_format.salvage(self.directory.file(part.name)):
            serialized, original = _serialize(record), text if self.part_format.original else None
            ref = str(serialized.record.ref) if serialized else ""
            if serialized and ref not in copied and ref in rows and _is_sound(serialized, original, rows[ref]):
                new.part_writer.write(serialized, original)
                new.conversations += 1
                copied.add(ref)
                yield ref

    def _copy_bodies(
        self, part: Part, rows: Mapping[str, OutcomeRow], new: OpenPart, kept: AbstractSet[str]
    ) -> Iterator[str]:
        """Copy the sound bodies of the conversations that are kept, and yield their refs."""
        copied = set[str]()
        for ref, body in raw_zip.salvage(self.directory.file(part.raw_name or "")):
            is_sound = ref in kept and hashlib.sha256(body).hexdigest() == rows[ref].sha256
            if is_sound and ref not in copied and new.raw_archive:
                new.raw_archive.write(ref, body)
                copied.add(ref)
                yield ref

    def _publish(self, new: OpenPart, old: Part) -> Part | None:
        new.close()
        if not new.conversations:
            return None
        return publish_part(self.directory, new.paths, new.conversations).with_versions_of(old)


def _serialize(record: object) -> SerializedRecord[Conversation] | None:
    """Return a record of a part as a conversation; None if the record is not a conversation."""
    with contextlib.suppress(ConversasError):
        return SerializedRecord(Conversation.from_dict(record))  # type: ignore[arg-type]  # from_dict checks it
    return None


def _is_sound(serialized: SerializedRecord[Conversation], original: bytes | None, row: OutcomeRow) -> bool:
    """Return whether a conversation and the provider's own object are unchanged since they were written."""
    if serialized.fingerprint() != row.fingerprint:
        return False
    return original is None or hashlib.sha256(original).hexdigest() == row.original


def _has_size(directory: ExportDirectory, name: str, size: int) -> bool:
    path = directory.file(name)
    return is_regular_file(path) and path.stat().st_size == size


def mark_lost(row: OutcomeRow) -> OutcomeRow:
    """Return the outcome of a conversation that is no longer in any part."""
    return evolve(row, outcome="failed", error="ExportError", reason=_LOST, fetch_again=True, sha256=None, part=None)
