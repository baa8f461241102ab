"""Compaction of parts: removal of conversations that were replaced in another part, erased or forgotten."""

from collections.abc import Set as AbstractSet

from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import has_sha256, temp_path
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import PartFormat
from conversas.exporter.maintenance.repair import Repair
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import Part
from conversas.exporter.writer import new_paths, publish_part


def compact(repair: Repair) -> None:
    """Rewrite stale parts until each ref is in one part only. If the process is killed, the next run continues."""
    for part in repair.manifest.stale_parts():
        compact_part(repair, part)


def compact_part(repair: Repair, part: Part) -> None:
    """Replace a stale part with a part that has only its current conversations."""
    directory, manifest = repair.directory, repair.manifest
    live = manifest.refs_of(part)
    if not live:
        manifest.replace_part(part, None)
    elif is_intact(directory, part):
        manifest.replace_part(
            part, _rewrite(directory, manifest, part, repair.part_format, live, compress=repair.compress)
        )
    else:
        repair.repair(part)
    sweep(directory, manifest)


def sweep(directory: ExportDirectory, manifest: Manifest) -> None:
    """Delete the files of killed runs and of replaced parts. Keep damaged files aside."""
    if files := manifest.open_files():
        directory.sweep(files, manifest.keep_aside)
        manifest.close_files(files)


def is_intact(directory: ExportDirectory, part: Part) -> bool:
    """Return whether the files of a part are unchanged since they were written."""
    return all(has_sha256(directory.file(file.name), file.sha256) for file in part.files)


def _rewrite(
    directory: ExportDirectory,
    manifest: Manifest,
    part: Part,
    part_format: PartFormat,
    refs: AbstractSet[str],
    *,
    compress: bool,
) -> Part:
    paths = new_paths(directory, manifest, part_format.suffix, keeps_raw=part.raw_name is not None)
    part_format.copy(directory.file(part.name), temp_path(paths.part), refs)
    if part.raw_name and paths.raw:
        raw_zip.copy(directory.file(part.raw_name), temp_path(paths.raw), refs, compress=compress)
    return publish_part(directory, paths, len(refs)).with_versions_of(part)
