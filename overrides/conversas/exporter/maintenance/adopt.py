"""Adoption: a new manifest for the sound parts of a directory whose manifest is missing, outdated or damaged."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from attrs import define, evolve, field, frozen

from conversas.client.refresh import is_scored
from conversas.decoding.decoder import decode
from conversas.errors import ConversasError, ExportError
from conversas.exporter.checksums import check_checksums, remove_checksums, write_checksums
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import fsync_directory, fsync_file, is_regular_file, wrap_os_errors
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import ExportFormat, PartFormat, part_format
from conversas.exporter.maintenance.repair import mark_lost
from conversas.exporter.maintenance.tombstones import add_tombstones
from conversas.exporter.manifest import Manifest, drift_counts
from conversas.exporter.manifest_schema import OutcomeRow, Part, to_values
from conversas.exporter.settings import Settings, create_manifest, load_settings
from conversas.exporter.sidecar import Sidecar, update_sidecar
from conversas.exporter.writer import PartPaths, part_of
from conversas.records.conversation import Conversation
from conversas.records.enums import Note
from conversas.records.serialization import ORIGINAL

_UNKNOWN_REDACTION = "unknown key"
"""Setting for redacted parts if no manifest names their key. No run can add conversations to such an export."""
_PART = re.compile(r"part-(\d{6,12})(\.jsonl|\.jsonl\.zst|\.parquet)")


@frozen(kw_only=True)
class ExportAdoption:
    """Result of an adoption."""

    parts: int
    """Number of parts that the new manifest lists."""
    conversations: int
    """Conversations in these parts."""
    rejected: tuple[str, ...] = ()
    """Files that are not sound parts. They stay unchanged, and no run can start until they are moved away."""


def adopt(directory: ExportDirectory) -> ExportAdoption:
    """Write a new manifest that lists the sound parts of a directory, and keep the old one under another name.

    The new manifest takes over what no part holds. From the old manifest, if it can be read: outcomes without a part,
    for example failures; the versions of each part; the accounts; and the erased refs. From manifest.json: accounts and
    erased refs. No file is deleted except SHA256SUMS, which is written again.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The directory has no sound part, or its manifest lists every file; the directory cannot be read or
            written; or a run is using it.
    """
    with wrap_os_errors(directory.path):
        if not directory.parts.is_dir():
            raise ExportError(f"{directory.path} has no directory parts, so there is nothing to adopt")
        with directory.exclusive_lock():
            check_checksums(directory)
            return _Adopter(directory).adopt()


@frozen
class _Candidate:
    """A file that has the name of a part, with its raw archive if there is one."""

    number: int
    path: Path
    suffix: str
    raw_path: Path | None


@define
class _Adopter:
    directory: ExportDirectory
    old: Manifest | None = field(default=None, init=False)
    """The old manifest, if it can be read."""
    _old_parts: dict[str, Part] = field(factory=dict[str, Part], init=False)
    """Parts of the old manifest, by SHA-256."""
    _kept: Sidecar = field(factory=Sidecar, init=False)
    """Accounts and tombstones of the old manifest and its sidecar."""

    def adopt(self) -> ExportAdoption:
        with contextlib.suppress(ExportError):
            self.old = Manifest.open(self.directory.manifest)
        with closing(self.old) if self.old else contextlib.nullcontext():
            if self.old and self._lists_every_file(self.old):
                raise ExportError(f"{self.directory.path} has nothing to adopt: its manifest lists every file")
            self._old_parts = {part.sha256: part for part in self.old.parts()} if self.old else {}
            self._kept = self._accounts_and_tombstones()
            candidates = list(self._candidates())
            if not candidates:
                raise ExportError(f"{self.directory.path} has nothing to adopt: no file in parts is named like a part")
            return self._adopt(candidates)

    def _accounts_and_tombstones(self) -> Sidecar:
        kept = Sidecar.read(self.directory)
        if not self.old:
            return kept
        old = Sidecar.of(self.old)
        return evolve(old, accounts=old.accounts or kept.accounts, erased=old.erased | kept.erased)

    def _lists_every_file(self, manifest: Manifest) -> bool:
        has_foreign = any(self.directory.foreign_entries(manifest.own_names()))
        return not has_foreign and all((self.directory.path / name).exists() for name, _ in manifest.files())

    def _candidates(self) -> Iterator[_Candidate]:
        """Yield the files that have the name of a part, sorted by number."""
        for path in sorted(self.directory.parts.iterdir(), key=lambda path: (len(path.name), path.name)):
            match = _PART.fullmatch(path.name)
            if match and is_regular_file(path):
                raw_path = self.directory.raw / f"part-{match[1]}.zip"
                has_raw = os.path.lexists(raw_path) and is_regular_file(raw_path)
                yield _Candidate(int(match[1]), path, match[2], raw_path if has_raw else None)

    def _adopt(self, candidates: list[_Candidate]) -> ExportAdoption:
        settings = self._settings(candidates)
        part_format_ = part_format(settings.format, compress=settings.compress, original=settings.original)
        path = self._new_manifest_path()
        with closing(create_manifest(path, settings)) as manifest:
            for candidate in candidates:
                if candidate.suffix == part_format_.suffix:
                    self._adopt_part(manifest, part_format_, candidate)
            add_tombstones(manifest, self._kept.erased)
            for name in self.old.kept_aside() if self.old else ():
                manifest.keep_aside(name)
            parts = manifest.parts()
            conversations = sum(len(manifest.refs_of(part)) for part in parts)
            manifest.commit(map(to_values, self._other_rows(manifest)), None, {}, accounts=self._kept.accounts)
            manifest.open_names([self.directory.checksums.name])
            own, files = manifest.own_names(), list(manifest.files())
        if not parts:
            path.unlink()
            raise ExportError(f"{self.directory.path} has no sound part to adopt; nothing was changed")
        self._replace_manifest(path)
        with closing(Manifest.open(self.directory.manifest)) as manifest:
            update_sidecar(self.directory, manifest)
        write_checksums(self.directory, files)
        rejected = tuple(self.directory.foreign_entries(own))
        return ExportAdoption(parts=len(parts), conversations=conversations, rejected=rejected)

    def _settings(self, candidates: list[_Candidate]) -> Settings:
        """Return the settings of the old manifest; if it cannot be read, the settings that the newest part shows."""
        if self.old:
            return load_settings(self.old)
        suffix = candidates[-1].suffix
        format_ = ExportFormat.PARQUET if suffix == ".parquet" else ExportFormat.JSONL
        compress, raw = suffix.endswith(".zst"), any(candidate.raw_path for candidate in candidates)
        record = _first_record(part_format(format_, compress=compress), candidates[-1])
        is_redacted = Note.REDACTED in record.get("notes", ())
        redaction = self._kept.redaction or (_UNKNOWN_REDACTION if is_redacted else "")
        return Settings(format_, compress, raw, ORIGINAL in record, redaction)

    def _adopt_part(self, manifest: Manifest, part_format: PartFormat, candidate: _Candidate) -> None:
        """List a part in the new manifest if all its conversations can be read. Do the same for its raw archive."""
        rows = dict[str, OutcomeRow]()
        try:
            time = datetime.fromtimestamp(candidate.path.stat().st_mtime, UTC).isoformat(timespec="microseconds")
            for record in part_format.read(candidate.path):
                row = _row(Conversation.from_dict(record), candidate.number, time)
                if row.ref in rows:
                    return
                rows[row.ref] = row
            if part_format.original:
                _add_originals(rows, part_format, candidate.path)
        except Exception:  # noqa: BLE001  # a reader may raise anything for a damaged file; the file stays unchanged
            return
        with_bodies = self._with_bodies(manifest, candidate.raw_path, rows) if candidate.raw_path else None
        raw_path = candidate.raw_path if with_bodies else None
        part = part_of(self.directory, PartPaths(candidate.number, candidate.path, raw_path), len(rows))
        manifest.commit(map(to_values, (with_bodies or rows).values()), self._with_versions(part), {})

    def _with_versions(self, part: Part) -> Part:
        """Return a part with its versions in the old manifest."""
        old = self._old_parts.get(part.sha256)
        return part.with_versions_of(old) if old else part

    def _with_bodies(self, manifest: Manifest, path: Path, rows: Mapping[str, OutcomeRow]) -> dict[str, OutcomeRow]:
        """Return the outcomes with the hash and drift of their bodies; nothing if the archive is damaged or differs."""
        found = dict[str, OutcomeRow]()
        try:
            for ref, body in raw_zip.read(path):
                drift = _drift_counts(manifest, ref, body)
                found[ref] = evolve(rows[ref], sha256=hashlib.sha256(body).hexdigest(), drift=drift)
        except Exception:  # noqa: BLE001  # as above
            return {}
        return found if found.keys() == rows.keys() else {}

    def _other_rows(self, manifest: Manifest) -> Iterator[OutcomeRow]:
        """Yield the outcomes of the old manifest that no adopted part has. Mark the outcomes of a lost part as lost."""
        for row in self.old.batched_rows("TRUE") if self.old else ():
            if manifest.find(row.ref) is None:
                yield row if row.part is None else mark_lost(row)

    def _new_manifest_path(self) -> Path:
        """Return the path of the new manifest. Delete what a killed adoption left there."""
        path = self.directory.manifest.with_name(f"{self.directory.manifest.name}.new")
        if Manifest.exists(path):
            Manifest.open(path).close()  # raises if it is not a manifest
            path.unlink()
        return path

    def _replace_manifest(self, new: Path) -> None:
        """Replace the old manifest with the new manifest, and keep a copy of the old manifest."""
        manifest = self.directory.manifest
        backup, number = manifest.with_name(f"{manifest.name}.old"), 1
        while os.path.lexists(backup):
            backup, number = manifest.with_name(f"{manifest.name}.old.{number}"), number + 1
        if self.old:
            self.old.close()
        if manifest.exists() and manifest.stat().st_size:
            shutil.copy2(manifest, backup)
            fsync_file(backup)
        journal = manifest.with_name(f"{manifest.name}-journal")
        if journal.exists():  # SQLite would apply it to the new manifest
            journal.rename(backup.with_name(f"{backup.name}-journal"))
        remove_checksums(self.directory)
        new.replace(manifest)
        fsync_directory(self.directory.path)


def _first_record(part_format: PartFormat, candidate: _Candidate) -> dict[str, Any]:
    """Return the first record of a part, with the provider's own object if the part has it; empty if unreadable."""
    with contextlib.suppress(Exception):  # as above
        return next(iter(part_format.read(candidate.path)))
    return {}


def _add_originals(rows: dict[str, OutcomeRow], part_format: PartFormat, path: Path) -> None:
    """Add the hashes of the provider's own objects to the outcomes of a readable part."""
    for record, text in part_format.salvage(path):
        ref = str(record["ref"])
        rows[ref] = evolve(rows[ref], original=hashlib.sha256(text).hexdigest())


def _row(conversation: Conversation, part: int, time: str) -> OutcomeRow:
    completeness = conversation.completeness
    return OutcomeRow(
        ref=str(conversation.ref),
        outcome="fetched",
        fingerprint=conversation.fingerprint,
        verdict=str(completeness.verdict),
        reasons=orjson.dumps(completeness.reasons).decode(),
        scored=is_scored(conversation),
        time=time,
        part=part,
    )


def _drift_counts(manifest: Manifest, ref: str, body: bytes) -> str | None:
    with contextlib.suppress(ConversasError):  # the provider may not be installed
        return drift_counts(manifest, decode(ref.partition(":")[0], body, ref=ref).drift)
    return None
