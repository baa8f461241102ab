"""Verification of the files of an export against the hashes and counts in its manifest, and the checksums."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing

from attrs import define, frozen

from conversas.errors import ExportError
from conversas.exporter.checksums import has_checksums
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import has_sha256, wrap_os_errors
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import PartFormat, part_format
from conversas.exporter.maintenance.tombstones import bodies_naming
from conversas.exporter.manifest import Manifest, body_name
from conversas.exporter.manifest_schema import HAS_UNDECODABLE, Part
from conversas.exporter.settings import load_settings
from conversas.exporter.sidecar import Sidecar, has_sidecar
from conversas.plurals import counted


@frozen
class ExportProblem:
    """One difference between an export and its manifest."""

    text: str
    """Description, on one line."""
    refs: AbstractSet[str] = frozenset()
    """Refs to fetch again, with `refresh="all"`."""


def verify(directory: ExportDirectory) -> list[ExportProblem]:
    """Check every file of an export against its manifest.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The directory is not an export, or cannot be read; a run is using it; or its manifest is damaged.
    """
    with (
        wrap_os_errors(directory.path),
        closing(Manifest.open(directory.manifest)) as manifest,
        directory.shared_lock(),
    ):
        settings = load_settings(manifest)
        format_ = part_format(settings.format, compress=settings.compress)
        unfinished = {ref for ref, is_pending in manifest.erased().items() if is_pending}
        return list(_Verification(directory, manifest, format_, settings.raw, unfinished).problems())


@define
class _Verification:
    directory: ExportDirectory
    manifest: Manifest
    part_format: PartFormat
    keeps_raw: bool
    unfinished: set[str]
    """Refs whose erasure did not finish. Parts may still hold them."""

    def problems(self) -> Iterator[ExportProblem]:
        if not self.manifest.passes_integrity_check():
            remedy = f"move it away, then run conversas adopt {self.directory.path} to rebuild it from the parts"
            yield ExportProblem(f"manifest.sqlite is damaged; {remedy}")
            return
        files = dict(self.manifest.files())
        yield from self._check_checksums(files)
        yield from self._check_sidecar()
        yield from self._check_orphans(files)
        yield from self._check_erased()
        for part in self.manifest.parts():
            yield from self._check_part(part)
        yield from self._check_undecodable()

    def _check_checksums(self, files: dict[str, str]) -> Iterator[ExportProblem]:
        if not self.directory.checksums.exists():
            yield ExportProblem("SHA256SUMS is missing: the last run did not finish; run the export again")
        elif not has_checksums(self.directory, files.items()):
            message = "manifest.sqlite or SHA256SUMS was changed after the last run; export to a new directory"
            yield ExportProblem(message)

    def _check_sidecar(self) -> Iterator[ExportProblem]:
        if self.directory.checksums.exists() and not has_sidecar(self.directory, Sidecar.of(self.manifest)):
            name = self.directory.sidecar.name
            yield ExportProblem(f"{name} is missing or differs from manifest.sqlite; run the export again")

    def _check_orphans(self, files: dict[str, str]) -> Iterator[ExportProblem]:
        own = self.manifest.own_names()
        for name in self.directory.foreign_entries(own):
            advice = f"move it away, or run conversas adopt {self.directory.path}"
            yield ExportProblem(f"{name} is not in the manifest, and no run deletes it; {advice}")
        for name in sorted(own - files.keys()):
            if name != self.directory.checksums.name and (self.directory.path / name).exists():
                yield ExportProblem(f"{name} was left by a run that did not finish; the next run deletes it")

    def _check_erased(self) -> Iterator[ExportProblem]:
        """Check that no outcome and no undecodable body belongs to an erased ref.

        Other checks compare parts and archives with the outcomes.
        """
        erased = self.manifest.erased()
        if not erased:
            return
        if self.unfinished:
            count = counted(len(self.unfinished), "ref")
            text = f"the erasure of {count} did not finish; run the same conversas erase again, or run an export"
            yield ExportProblem(text)
        for ref in filter(self.manifest.find, erased):
            yield ExportProblem(f"manifest.sqlite has an outcome of {ref}, which was erased; erase it again")
        for ref, sha256 in bodies_naming(self.directory, self.manifest, erased.keys()):
            yield ExportProblem(f"{body_name(sha256)} may be a body of {ref}, which was erased; erase it again")

    def _check_part(self, part: Part) -> Iterator[ExportProblem]:
        refs = self.manifest.refs_of(part)
        damaged = [file for file in part.files if not has_sha256(self.directory.file(file.name), file.sha256)]
        for file in damaged:
            yield ExportProblem(f"{file.name} is missing or damaged", refs)
        if not damaged:
            yield from self._check_content_if_sound(part, refs)

    def _check_content_if_sound(self, part: Part, refs: set[str]) -> Iterator[ExportProblem]:
        try:
            yield from self._check_content(part, refs)
        except ExportError:
            yield ExportProblem(f"{part.name} or its raw archive cannot be read: it was not written by conversas", refs)

    def _check_content(self, part: Part, refs: set[str]) -> Iterator[ExportProblem]:
        written = sorted(self.part_format.read_refs(self.directory.file(part.name)))
        if len(written) != part.conversations:
            text = f"{part.name} holds the wrong number of conversations: {len(written)}, expected {part.conversations}"
            yield ExportProblem(text, refs)
        elif written != sorted(refs.union(self.unfinished.intersection(written))):
            text = f"{part.name} does not hold the conversations that the manifest lists; run the export again"
            yield ExportProblem(text, refs - set(written))
        if self.keeps_raw and not part.raw_name:
            yield ExportProblem(f"{part.name} has no raw archive", refs)
        if part.raw_name and not self._has_bodies(part.raw_name, part):
            yield ExportProblem(f"{part.raw_name} does not hold the bodies that the manifest lists", refs)

    def _has_bodies(self, raw_name: str, part: Part) -> bool:
        rows = self.manifest.rows("part = ? AND sha256 IS NOT NULL", part.number)
        hashes = {row.ref: row.sha256 for row in rows}
        for ref, sha256 in raw_zip.read_hashes(self.directory.file(raw_name)):
            if hashes.pop(ref, None) != sha256 and ref not in self.unfinished:
                return False
        return not hashes

    def _check_undecodable(self) -> Iterator[ExportProblem]:
        for row in self.manifest.rows(HAS_UNDECODABLE):
            name = body_name(row.undecodable or "")
            if not has_sha256(self.directory.file(name), row.undecodable or ""):
                yield ExportProblem(f"{name} is missing or damaged", {row.ref})
