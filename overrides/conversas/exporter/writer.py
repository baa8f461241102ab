"""Writes outcomes into parts, and commits each part: first the files are on the disk, then the manifest says so.

The order is: fsync the part and its twin, rename them, fsync their folders, commit the rows. Whatever happens in
between, the manifest names only what is there, and what it does not name is deleted at the next start.
"""

import contextlib
import time
from collections.abc import Generator
from pathlib import Path

from attrs import define, field, frozen

from conversas.client.retry import is_positive
from conversas.errors import ConfigurationError
from conversas.exporter.directory import UNFINISHED, Folder, create, sha256_of, sync_file, sync_folder, telling_of
from conversas.exporter.formats.raw_zip import RawBodies
from conversas.exporter.formats.registry import Form, Sink
from conversas.exporter.manifest import Manifest, Part, Row, Values, row_of, values_of
from conversas.records.conversation import Conversation
from conversas.records.serialization import NeutralForm

MIB = 1024 * 1024


@frozen(kw_only=True)
class PartLimits:
    """When a part is closed and committed: as soon as one of these is reached.

    Raises:
        ConfigurationError: A number is not above 0.
    """

    mib: float = 64.0
    """Size of the file, in MiB."""
    conversations: int = 10_000
    """Outcomes in it."""
    seconds: float = 10.0
    """Time since its first outcome."""

    def __attrs_post_init__(self) -> None:
        if not all(map(is_positive, (self.mib, self.conversations, self.seconds))):
            raise ConfigurationError("the limits of a part are numbers above 0")


@define
class OpenPart:
    """A part that is being written."""

    number: int
    path: Path
    """Its name once it is finished."""
    sink: Sink
    raw_path: Path | None
    raw: RawBodies | None
    conversations: int = 0

    def write(self, ref: str, neutral: NeutralForm[Conversation]) -> None:
        self.sink.write(neutral)
        if self.raw:
            self.raw.write(ref, neutral.record.raw)
        self.conversations += 1

    def size(self) -> int:
        return max(self.sink.size(), self.raw.size() if self.raw else 0)

    def close(self) -> None:
        try:
            self.sink.close()
        finally:
            if self.raw:
                self.raw.close()


@define
class Writer:
    """Takes outcomes, and commits them part by part."""

    folder: Folder
    manifest: Manifest
    form: Form
    keeps_raw: bool
    compress: bool
    limits: PartLimits
    _part: OpenPart | None = field(default=None, init=False, repr=False)
    _rows: dict[str, Values] = field(factory=dict[str, Values], init=False, repr=False)
    _since: float = field(default=0.0, init=False)
    _believed: dict[str, str] = field(factory=dict[str, str], init=False)
    _bodies_kept: bool = field(default=False, init=False)
    _at_work: bool = field(default=False, init=False)

    def pending(self, ref: str) -> Row | None:
        """Give what became of a ref, where that is not committed yet."""
        values = self._rows.get(ref)
        return row_of(values) if values else None

    def uncommitted(self) -> list[Row]:
        """Give what was taken and is not committed; once the writer was left, it is given up."""
        return [row_of(values) for values in self._rows.values()]

    def seconds_left(self) -> float | None:
        """Tell in how many seconds the part is to be committed; None where there is nothing to commit."""
        return max(0.0, self._since + self.limits.seconds - time.monotonic()) if self._rows else None

    def open_part(self) -> int:
        """Begin a part where none is open, and give its number.

        Raises:
            ExportError: The folder cannot be written.
        """
        if self._part is None:
            with self._working():
                self._part = self._begin_part()
        return self._part.number

    def add(self, row: Row, neutral: NeutralForm[Conversation] | None = None) -> None:
        """Take one outcome, with the conversation where it was fetched: it goes into the part that is open.

        Raises:
            ExportError: The folder cannot be written.
        """
        with self._working():
            if neutral and self._part:
                self._part.write(row.ref, neutral)
            if not self._rows:
                self._since = time.monotonic()
            self._rows[row.ref] = values_of(row)

    def believe(self, provider: str, since: str) -> None:
        """With the next commit, believe what the platform said of conversations since then, where that would last."""
        self._believed[provider] = since

    def commit_if_full(self) -> None:
        """Commit what was taken, where it reached a limit.

        Raises:
            ExportError: The folder cannot be written.
        """
        if self._is_full():
            self.commit()

    @contextlib.contextmanager
    def _working(self) -> Generator[None]:
        """Remember whether a step was left in its middle."""
        self._at_work = True
        with telling_of(self.folder.path):
            yield
        self._at_work = False

    def keep_body(self, sha256: str, body: bytes) -> None:
        """Keep a body that is no conversation, under the name of its hash."""
        with self._working():
            path = self.folder.undecodable / f"{sha256}.body"
            with create(unfinished(path)) as file:
                file.write(body)
            sync_file(unfinished(path))
            unfinished(path).rename(path)
            self._bodies_kept = True

    def _is_full(self) -> bool:
        if len(self._rows) >= self.limits.conversations or self.seconds_left() == 0:
            return True
        return self._part is not None and self._part.size() >= self.limits.mib * MIB

    def _begin_part(self) -> OpenPart:
        number = self.manifest.next_number()
        path = self.folder.parts / f"part-{number:06}{self.form.suffix}"
        raw_path = self.folder.raw / f"part-{number:06}.zip" if self.keeps_raw else None
        sink = self.form.create(unfinished(path))
        try:
            raw = RawBodies(unfinished(raw_path), self.compress) if raw_path else None
        except BaseException:
            sink.close()
            raise
        return OpenPart(number, path, sink, raw_path, raw)

    def commit(self) -> None:
        """Commit all that was taken.

        Raises:
            ExportError: The folder cannot be written.
        """
        if not self._rows:
            return
        with self._working():
            part = self._finish(self._part) if self._part else None
            if self._bodies_kept:
                sync_folder(self.folder.undecodable)
            self.manifest.commit(self._rows.values(), part, self._believed)
            self._part, self._rows, self._believed, self._bodies_kept = None, {}, {}, False

    def _finish(self, part: OpenPart) -> Part:
        part.close()
        return settle(self.folder, part.number, part.conversations, part.path, part.raw_path)

    def leave(self) -> None:
        """Commit what was taken, where that can be: in the middle of a step, what is not committed is given up."""
        if self._at_work:
            self._abandon()
        else:
            self.commit()

    def _abandon(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        with contextlib.suppress(Exception):  # whatever it was in the middle of; the next run sweeps what is left
            part.close()
        for path in filter(None, (part.path, part.raw_path)):
            unfinished(path).unlink(missing_ok=True)


def unfinished(path: Path) -> Path:
    """Give the name that a file has while it is written: one that nobody takes for a finished part."""
    return path.with_name(path.name + UNFINISHED)


def settle(folder: Folder, number: int, conversations: int, path: Path, raw_path: Path | None) -> Part:
    """Bring a part and its twin to the disk, and give them the names that they keep."""
    paths = [path, raw_path] if raw_path else [path]
    for each in paths:
        sync_file(unfinished(each))
    hashes = [sha256_of(unfinished(each)) for each in paths]
    for each in paths:
        unfinished(each).rename(each)
    for each in paths:
        sync_folder(each.parent)
    names = [folder.name_of(each) for each in paths]
    twin = {"raw_name": names[1], "raw_sha256": hashes[1]} if raw_path else {}
    return Part(number=number, name=names[0], sha256=hashes[0], conversations=conversations, **twin)
