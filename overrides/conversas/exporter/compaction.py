"""Rewrites parts in which a conversation stands of which there is a newer version in another part."""

from attrs import evolve

from conversas.exporter.directory import Folder, sha256_of
from conversas.exporter.formats import raw_zip
from conversas.exporter.formats.registry import Form
from conversas.exporter.manifest import Manifest, Part, Row
from conversas.exporter.writer import settle, unfinished


def replace_stale_parts(folder: Folder, manifest: Manifest, form: Form, *, compress: bool) -> None:
    """Leave each ref in one part alone. A run that is killed meanwhile has it done by the next one."""
    for part in manifest.stale_parts():
        live = manifest.refs_of(part)
        if live and not is_sound(folder, part):
            lost = [_lost(row) for row in manifest.rows("part = ?", part.number)]
            manifest.replace_part(part, None, lost)
        else:
            manifest.replace_part(part, _rewrite(folder, manifest, part, form, live, compress) if live else None)
        for name, _ in part.files:
            (folder.path / name).unlink(missing_ok=True)


def _lost(row: Row) -> Row:
    reason = "the part that held it is damaged"
    return evolve(row, outcome="failed", error="ExportError", reason=reason, may_pass=True, sha256=None, part=None)


def is_sound(folder: Folder, part: Part) -> bool:
    """Whether the files of a part are what was written."""
    paths = [(folder.path / name, sha256) for name, sha256 in part.files]
    return all(path.is_file() and sha256_of(path) == sha256 for path, sha256 in paths)


def _rewrite(folder: Folder, manifest: Manifest, part: Part, form: Form, live: set[str], compress: bool) -> Part:  # noqa: FBT001
    number = manifest.next_number()
    path = folder.parts / f"part-{number:06}{form.suffix}"
    form.copy(folder.path / part.name, unfinished(path), live)
    raw_path = None
    if part.raw_name:
        raw_path = folder.raw / f"part-{number:06}.zip"
        raw_zip.copy(folder.path / part.raw_name, unfinished(raw_path), live, compress=compress)
    return settle(folder, number, len(live), path, raw_path)
