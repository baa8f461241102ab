"""Writer of parts: it commits each part to the disk first, and to the manifest afterwards.

The order is: fsync the part and its raw archive, rename them, fsync their directories, commit the rows. Whatever
happens in between, the manifest lists only files that exist, and the next run deletes files that it does not list.
"""

import contextlib
import time
from collections.abc import Generator
from pathlib import Path

from attrs import define, field

from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import (
    create_private_file,
    fsync_directory,
    fsync_file,
    publish,
    sha256_of,
    temp_path,
    wrap_os_errors,
)
from conversas.exporter.formats.raw_zip import RawArchive
from conversas.exporter.formats.registry import PartFormat, PartWriter
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import OutcomeRow, Part, Values, from_values, to_values
from conversas.exporter.settings import PartLimits
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord

MIB = 1024 * 1024


@define
class OpenPart:
    """A part that is being written."""

    number: int
    path: Path
    """Its name once it is finished."""
    part_writer: PartWriter
    raw_path: Path | None
    raw_archive: RawArchive | None
    conversations: int = 0

    def write(self, ref: str, serialized: SerializedRecord[Conversation]) -> None:
        self.part_writer.write(serialized)
        if self.raw_archive:
            self.raw_archive.write(ref, serialized.record.raw)
        self.conversations += 1

    def size(self) -> int:
        """Return the approximate size of its larger file, in bytes."""
        return max(self.part_writer.size(), self.raw_archive.size() if self.raw_archive else 0)

    def close(self) -> None:
        try:
            self.part_writer.close()
        finally:
            if self.raw_archive:
                self.raw_archive.close()


@define
class Writer:
    """Writer of outcomes, which commits them part by part."""

    directory: ExportDirectory
    manifest: Manifest
    part_format: PartFormat
    keeps_raw: bool
    compress: bool
    limits: PartLimits
    _part: OpenPart | None = field(default=None, init=False, repr=False)
    _rows: dict[str, Values] = field(factory=dict[str, Values], init=False, repr=False)
    _since: float = field(default=0.0, init=False)
    """Time of the first outcome that is not committed."""
    _confirmed: dict[str, str] = field(factory=dict[str, str], init=False)
    _bodies_kept: bool = field(default=False, init=False)
    _in_critical_section: bool = field(default=False, init=False)

    def pending(self, ref: str) -> OutcomeRow | None:
        """Return the outcome of a ref if it is not committed yet."""
        values = self._rows.get(ref)
        return from_values(values) if values else None

    def uncommitted(self) -> list[OutcomeRow]:
        """Return the outcomes that are not committed; those are lost once the writer is closed."""
        return [from_values(values) for values in self._rows.values()]

    def seconds_until_commit(self) -> float | None:
        """Return the time until the part is due; None if there is nothing to commit."""
        return max(0.0, self._since + self.limits.max_seconds - time.monotonic()) if self._rows else None

    def open_part(self) -> int:
        """Return the number of the open part; create a part if none is open.

        Raises:
            ExportError: The directory cannot be written.
        """
        if self._part is None:
            with self._critical_section():
                self._part = self._create_part()
        return self._part.number

    def add(self, row: OutcomeRow, serialized: SerializedRecord[Conversation] | None = None) -> None:
        """Write an outcome, with its conversation if it was fetched, which goes into the open part.

        Raises:
            ExportError: The directory cannot be written.
        """
        with self._critical_section():
            if serialized and self._part:
                self._part.write(row.ref, serialized)
            if not self._rows:
                self._since = time.monotonic()
            self._rows[row.ref] = to_values(row)

    def confirm(self, provider: str, since: str) -> None:
        """With the next commit, trust the permanent errors of a provider since then."""
        self._confirmed[provider] = since

    def keep_body(self, sha256: str, body: bytes) -> None:
        """Keep a body that is not a conversation, under the name of its SHA-256."""
        with self._critical_section():
            path = self.directory.undecodable / f"{sha256}.body"
            with create_private_file(temp_path(path)) as file:
                file.write(body)
            fsync_file(temp_path(path))
            temp_path(path).rename(path)
            self._bodies_kept = True

    def commit_if_full(self) -> None:
        """Commit the part if it has reached a limit.

        Raises:
            ExportError: The directory cannot be written.
        """
        if self._is_full():
            self.commit()

    def commit(self) -> None:
        """Commit all outcomes.

        Raises:
            ExportError: The directory cannot be written.
        """
        if not self._rows:
            return
        with self._critical_section():
            part = self._publish(self._part) if self._part else None
            if self._bodies_kept:
                fsync_directory(self.directory.undecodable)
            self.manifest.commit(self._rows.values(), part, self._confirmed)
            self._part, self._rows, self._confirmed, self._bodies_kept = None, {}, {}, False

    def close(self) -> None:
        """Commit all outcomes; after an error in the middle of a step, delete the open part instead."""
        if self._in_critical_section:
            self._rollback()
        else:
            self.commit()

    @contextlib.contextmanager
    def _critical_section(self) -> Generator[None]:
        """Remember whether a step was left in its middle."""
        self._in_critical_section = True
        with wrap_os_errors(self.directory.path):
            yield
        self._in_critical_section = False

    def _is_full(self) -> bool:
        if len(self._rows) >= self.limits.max_conversations or self.seconds_until_commit() == 0:
            return True
        return self._part is not None and self._part.size() >= self.limits.max_mib * MIB

    def _create_part(self) -> OpenPart:
        number = self.manifest.next_part_number()
        path = self.directory.parts / f"part-{number:06}{self.part_format.suffix}"
        raw_path = self.directory.raw / f"part-{number:06}.zip" if self.keeps_raw else None
        part_writer = self.part_format.create(temp_path(path))
        try:
            raw_archive = RawArchive(temp_path(raw_path), self.compress) if raw_path else None
        except BaseException:
            part_writer.close()
            raise
        return OpenPart(number, path, part_writer, raw_path, raw_archive)

    def _publish(self, part: OpenPart) -> Part:
        part.close()
        return publish_part(self.directory, part.number, part.conversations, part.path, part.raw_path)

    def _rollback(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        with contextlib.suppress(Exception):  # whatever step it was in; the next run deletes what is left
            part.close()
        for path in filter(None, (part.path, part.raw_path)):
            temp_path(path).unlink(missing_ok=True)


def publish_part(
    directory: ExportDirectory, number: int, conversations: int, path: Path, raw_path: Path | None
) -> Part:
    """Write a part and its raw archive to the disk, and rename them to their final names."""
    paths = [path, raw_path] if raw_path else [path]
    hashes = [sha256_of(temp_path(each)) for each in paths]
    publish(*paths)
    names = [directory.relative_name(each) for each in paths]
    raw = {"raw_name": names[1], "raw_sha256": hashes[1]} if raw_path else {}
    return Part(number=number, name=names[0], sha256=hashes[0], conversations=conversations, **raw)
