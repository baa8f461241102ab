"""Compaction: rewrites parts with conversations of which another part has a newer version."""

from attrs import evolve

from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import has_sha256, temp_path
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import PartFormat
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import OutcomeRow, Part
from conversas.exporter.writer import publish_part


def compact(directory: ExportDirectory, manifest: Manifest, part_format: PartFormat, *, compress: bool) -> None:
    """Leave each ref in one part only. If a run is killed before it is done, the next one continues."""
    for part in manifest.stale_parts():
        live = manifest.refs_of(part)
        if live and not is_intact(directory, part):
            manifest.replace_part(part, None, [_mark_lost(row) for row in manifest.rows("part = ?", part.number)])
        elif live:
            manifest.replace_part(part, _rewrite(directory, manifest, part, part_format, live, compress=compress))
        else:
            manifest.replace_part(part, None)
        for name, _ in part.files:
            directory.file(name).unlink(missing_ok=True)


def _mark_lost(row: OutcomeRow) -> OutcomeRow:
    reason = "the part that held it is damaged"
    return evolve(row, outcome="failed", error="ExportError", reason=reason, fetch_again=True, sha256=None, part=None)


def is_intact(directory: ExportDirectory, part: Part) -> bool:
    """Return whether the files of a part are those that were written."""
    return all(has_sha256(directory.file(name), sha256) for name, sha256 in part.files)


def _rewrite(
    directory: ExportDirectory,
    manifest: Manifest,
    part: Part,
    part_format: PartFormat,
    refs: set[str],
    *,
    compress: bool,
) -> Part:
    number = manifest.next_part_number()
    path = directory.parts / f"part-{number:06}{part_format.suffix}"
    part_format.copy(directory.file(part.name), temp_path(path), refs)
    raw_path = None
    if part.raw_name:
        raw_path = directory.raw / f"part-{number:06}.zip"
        raw_zip.copy(directory.file(part.raw_name), temp_path(raw_path), refs, compress=compress)
    return publish_part(directory, number, len(refs), path, raw_path)
