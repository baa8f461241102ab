"""Holds a folder against its manifest and its seal: every hash, every count, every file."""

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from os import PathLike
from pathlib import Path

from attrs import define, frozen

from conversas.exporter.checksums import seal_text
from conversas.exporter.directory import Folder, sha256_of, telling_of
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import Form, form_of
from conversas.exporter.manifest import Manifest, Part
from conversas.exporter.settings import settings_of


@frozen
class Problem:
    """One thing that is wrong with a folder."""

    text: str
    """What, in one line."""
    refs: AbstractSet[str] = frozenset()
    """Which refs are to be fetched again for it, with `refresh="all"`."""


def verify(folder: str | PathLike[str]) -> list[Problem]:
    """Give what is wrong with the folder of an export.

    Raises:
        ConfigurationError: It needs an extra that is not installed.
        ExportError: It is no such folder, cannot be read, or a run works in it; or its manifest is damaged.
    """
    place = Folder(Path(folder))
    with telling_of(place.path), closing(Manifest.open(place.manifest)) as manifest, place.at_rest():
        settings = settings_of(manifest)
        form = form_of(settings.format, compress=settings.compress)
        return list(_Verification(place, manifest, form, settings.raw).problems())


@define
class _Verification:
    folder: Folder
    manifest: Manifest
    form: Form
    keeps_raw: bool

    def problems(self) -> Iterator[Problem]:
        if not self.manifest.is_sound():
            yield Problem("manifest.sqlite is damaged: export to a new folder")
            return
        files = dict(self.manifest.files())
        yield from self._seal(files)
        for file in self.folder.files():
            if self.folder.name_of(file) not in files:
                yield Problem(f"{self.folder.name_of(file)} is not in the manifest: the next run deletes it")
        for part in self.manifest.parts():
            yield from self._part(part)
        yield from self._undecodable()

    def _seal(self, files: dict[str, str]) -> Iterator[Problem]:
        if not self.folder.sums.exists():
            yield Problem("SHA256SUMS is missing: the last run did not come to its end; begin it again")
        elif self.folder.sums.read_bytes() != seal_text(self.folder, files.items()):
            yield Problem("manifest.sqlite or SHA256SUMS was changed after the last run: export to a new folder")

    def _part(self, part: Part) -> Iterator[Problem]:
        refs = self.manifest.refs_of(part)
        damaged = [name for name, sha256 in part.files if not self._is_there(name, sha256)]
        for name in damaged:
            yield Problem(f"{name} is missing or damaged", refs)
        if not damaged:
            yield from self._content(part, refs)

    def _is_there(self, name: str, sha256: str) -> bool:
        path = self.folder.path / name
        return path.is_file() and sha256_of(path) == sha256

    def _content(self, part: Part, refs: set[str]) -> Iterator[Problem]:
        found = sorted(self.form.refs(self.folder.path / part.name))
        if len(found) != part.conversations:
            yield Problem(f"{part.name} holds {len(found)} conversations, and not {part.conversations}", refs)
        elif found != sorted(refs):
            yield Problem(f"{part.name} holds others than the manifest says: begin the run again", refs - set(found))
        if self.keeps_raw and not part.raw_name:
            yield Problem(f"{part.name} has no twin in raw", refs)
        if part.raw_name and not self._has_bodies(part.raw_name, part):
            yield Problem(f"{part.raw_name} holds other bodies than the manifest says", refs)

    def _has_bodies(self, name: str, part: Part) -> bool:
        hashes = {row.ref: row.sha256 for row in self.manifest.rows("part = ?", part.number)}
        bodies = raw_zip.read(self.folder.path / name)
        return hashes == {ref: hashlib.sha256(body).hexdigest() for ref, body in bodies}

    def _undecodable(self) -> Iterator[Problem]:
        for row in self.manifest.rows("outcome = 'failed' AND sha256 IS NOT NULL"):
            name = f"undecodable/{row.sha256}.body"
            if not self._is_there(name, row.sha256 or ""):
                yield Problem(f"{name} is missing or damaged", {row.ref})
