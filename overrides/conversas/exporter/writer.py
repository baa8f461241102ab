"""Writer of parts, which commits each part first to the disk, and then to the manifest.

The steps are: commit the names of the part and its raw archive as open files, create and write the files, fsync and
rename them, fsync their directories, commit the rows. Whatever happens in between, the manifest lists only files that
exist, and names every file that the export has created. The next run deletes open files, and no other files.
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Generator, Mapping
from pathlib import Path

import orjson
from attrs import define, evolve, field, frozen

from conversas._version import __version__
from conversas.client.refresh import is_scored
from conversas.errors import ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import (
    create_private_file,
    has_sha256,
    publish,
    sha256_of,
    temp_path,
    wrap_os_errors,
)
from conversas.exporter.formats.raw_zip import RawArchive
from conversas.exporter.formats.registry import PartFormat, PartWriter
from conversas.exporter.manifest import Manifest, body_name, drift_counts
from conversas.exporter.manifest_schema import Account, OutcomeRow, Part, StoredFile, Values, from_values, to_values
from conversas.exporter.settings import PartLimits
from conversas.exporter.sidecar import update_sidecar
from conversas.providers import get_provider
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord

MIB = 1024 * 1024


@frozen
class PartPaths:
    """Paths of a part once it is finished."""

    number: int
    part: Path
    raw: Path | None

    @property
    def all(self) -> list[Path]:
        return [self.part, self.raw] if self.raw else [self.part]


@define
class OpenPart:
    """A part that is being written."""

    paths: PartPaths
    part_writer: PartWriter
    raw_archive: RawArchive | None
    conversations: int = 0
    providers: set[str] = field(factory=set[str])

    def write(self, ref: str, serialized: SerializedRecord[Conversation], original: bytes | None) -> None:
        self.part_writer.write(serialized, original)
        if self.raw_archive:
            self.raw_archive.write(ref, serialized.record.raw)
        self.conversations += 1
        self.providers.add(serialized.record.provider)

    def size(self) -> int:
        """Return the approximate size of the larger file of the part, in bytes."""
        return max(self.part_writer.size(), self.raw_archive.size() if self.raw_archive else 0)

    def close(self) -> None:
        try:
            self.part_writer.close()
        finally:
            if self.raw_archive:
                self.raw_archive.close()


@define
class Writer:
    """Writer of outcomes, which are committed part by part."""

    directory: ExportDirectory
    manifest: Manifest
    part_format: PartFormat
    keeps_raw: bool
    compress: bool
    limits: PartLimits
    accounts: Mapping[str, Account]
    """Accounts that conversations come from, by provider."""
    _part: OpenPart | None = field(default=None, init=False, repr=False)
    _rows: dict[str, Values] = field(factory=dict[str, Values], init=False, repr=False)
    _since: float = field(default=0.0, init=False)
    """Time of the first outcome that is not committed, on the monotonic clock."""
    _confirmed: dict[str, str] = field(factory=dict[str, str], init=False)
    _bodies: dict[str, bytes] = field(factory=dict[str, bytes], init=False, repr=False)
    """Undecodable bodies by their SHA-256."""
    _body_bytes: int = field(default=0, init=False)
    _kept_accounts: set[Account] = field(factory=set[Account], init=False)
    """Accounts that this run has written to the sidecar."""
    _in_critical_section: bool = field(default=False, init=False)
    _error: ExportError | None = field(default=None, init=False)
    """Error that interrupted a step. No step can follow."""

    def pending(self, ref: str) -> OutcomeRow | None:
        """Return the outcome of a ref if the outcome is not committed yet; None if there is no such outcome."""
        values = self._rows.get(ref)
        return from_values(values) if values else None

    def uncommitted(self) -> list[OutcomeRow]:
        """Return the outcomes that are not committed. After `close`, they are the outcomes that it could not commit."""
        return [from_values(values) for values in self._rows.values()]

    def seconds_until_commit(self) -> float | None:
        """Return the seconds until the part is due; None if there is nothing to commit."""
        return max(0.0, self._since + self.limits.max_seconds - time.monotonic()) if self._rows else None

    def open_part(self) -> int:
        """Return the number of the open part. Create a part if no part is open.

        Raises:
            ExportError: The directory cannot be written.
        """
        if self._part is None:
            with self._critical_section():
                self._part = self._create_part()
        return self._part.paths.number

    def add(
        self,
        row: OutcomeRow,
        serialized: SerializedRecord[Conversation] | None = None,
        original: bytes | None = None,
    ) -> None:
        """Write an outcome. If its conversation was fetched, write the conversation to the open part.

        `original` is the provider's own object, as JSON text.

        Raises:
            ExportError: The directory cannot be written.
        """
        with self._critical_section():
            if serialized and self._part:
                self._part.write(row.ref, serialized, original)
            if not self._rows:
                self._since = time.monotonic()
            self._rows[row.ref] = to_values(row)

    def confirm(self, provider: str, since: str) -> None:
        """Trust, from the next commit on, the permanent errors of a provider that occurred after `since`."""
        self._confirmed[provider] = since

    def keep_body(self, sha256: str, body: bytes) -> None:
        """Keep a body that is not a conversation. The next commit writes it to a file named by its SHA-256."""
        if sha256 not in self._bodies:
            self._bodies[sha256] = body
            self._body_bytes += len(body)

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
            bodies = self._publish_bodies()
            part = self._publish(self._part) if self._part else None
            accounts = self._accounts_of(self._part) if self._part else []
            self.manifest.commit(self._rows.values(), part, self._confirmed, bodies, accounts)
            self._part, self._rows, self._confirmed, self._bodies, self._body_bytes = None, {}, {}, {}, 0
            self._keep_accounts(accounts)

    def close(self) -> None:
        """Commit all outcomes. After an error in the middle of a step, delete the open part instead."""
        try:
            if not self._in_critical_section:
                self.commit()
        finally:
            if self._in_critical_section:
                self._rollback()

    @contextlib.contextmanager
    def _critical_section(self) -> Generator[None]:
        """Record whether a step was interrupted, and by what error."""
        if self._error:
            raise self._error
        self._in_critical_section = True
        try:
            with wrap_os_errors(self.directory.path):
                yield
        except ExportError as error:
            self._error = error
            raise
        self._in_critical_section = False

    def _is_full(self) -> bool:
        if len(self._rows) >= self.limits.max_conversations or self.seconds_until_commit() == 0:
            return True
        return self._body_bytes + (self._part.size() if self._part else 0) >= self.limits.max_mib * MIB

    def _create_part(self) -> OpenPart:
        paths = new_paths(self.directory, self.manifest, self.part_format.suffix, keeps_raw=self.keeps_raw)
        part_writer = self.part_format.create(temp_path(paths.part))
        try:
            raw_archive = RawArchive(temp_path(paths.raw), self.compress) if paths.raw else None
        except BaseException:
            part_writer.close()
            raise
        return OpenPart(paths, part_writer, raw_archive)

    def _publish(self, part: OpenPart) -> Part:
        part.close()
        versions = {name: get_provider(name).spec_version for name in sorted(part.providers)}
        published = publish_part(self.directory, part.paths, part.conversations)
        return evolve(published, package_version=__version__, spec_versions=json.dumps(versions))

    def _accounts_of(self, part: OpenPart) -> list[Account]:
        return [self.accounts[name] for name in sorted(part.providers & self.accounts.keys())]

    def _keep_accounts(self, accounts: list[Account]) -> None:
        """Write new accounts to the sidecar, once for each run."""
        if not self._kept_accounts.issuperset(accounts):
            self._kept_accounts.update(accounts)
            update_sidecar(self.directory, self.manifest)

    def _publish_bodies(self) -> list[str]:
        """Write the undecodable bodies that are not on the disk yet, and return their names."""
        paths = {body_name(sha256): body for sha256, body in self._bodies.items()}
        missing = {name: body for name, body in paths.items() if not self._has_body(name)}
        if missing:
            self.manifest.open_names(missing)
        for name, body in missing.items():
            path = self.directory.path / name
            if path.exists():  # the file is damaged
                path.unlink()
            with create_private_file(temp_path(path)) as file:
                file.write(body)
        publish(*(self.directory.path / name for name in missing))
        return list(missing)

    def _has_body(self, name: str) -> bool:
        path = self.directory.path / name
        return has_sha256(path, path.stem)

    def _rollback(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        with contextlib.suppress(Exception):  # the next run deletes what is left
            part.close()
        for path in part.paths.all:
            temp_path(path).unlink(missing_ok=True)


def new_paths(directory: ExportDirectory, manifest: Manifest, suffix: str, *, keeps_raw: bool) -> PartPaths:
    """Return the paths of a new part. Their names are committed as open files of the export."""
    number = manifest.next_part_number()
    raw = directory.raw / f"part-{number:06}.zip" if keeps_raw else None
    paths = PartPaths(number, directory.parts / f"part-{number:06}{suffix}", raw)
    manifest.open_names(map(directory.relative_name, paths.all), number)
    return paths


def publish_part(directory: ExportDirectory, paths: PartPaths, conversations: int) -> Part:
    """Write a part and its raw archive to the disk, and rename them to their final names."""
    publish(*paths.all)
    return part_of(directory, paths, conversations)


def part_of(directory: ExportDirectory, paths: PartPaths, conversations: int) -> Part:
    """Return the row of a finished part."""
    part, *raw = (StoredFile(directory.relative_name(path), sha256_of(path), path.stat().st_size) for path in paths.all)
    return Part(
        number=paths.number,
        name=part.name,
        sha256=part.sha256,
        bytes=part.bytes,
        conversations=conversations,
        raw_name=raw[0].name if raw else None,
        raw_sha256=raw[0].sha256 if raw else None,
        raw_bytes=raw[0].bytes if raw else None,
    )


def fetched_row(
    manifest: Manifest,
    serialized: SerializedRecord[Conversation],
    original: bytes | None,
    *,
    ref: str,
    attempts: int,
    time: str,
    part: int,
) -> OutcomeRow:
    """Return the row of a conversation that has its body. Add new kinds of drift to the manifest."""
    conversation = serialized.record
    completeness = conversation.completeness
    return OutcomeRow(
        ref=ref,
        outcome="fetched",
        attempts=attempts,
        sha256=hashlib.sha256(conversation.raw).hexdigest(),
        fingerprint=serialized.fingerprint(),
        verdict=str(completeness.verdict),
        reasons=orjson.dumps(completeness.reasons).decode(),
        scored=is_scored(conversation),
        original=None if original is None else hashlib.sha256(original).hexdigest(),
        drift=drift_counts(manifest, conversation.drift),
        time=time,
        part=part,
    )
