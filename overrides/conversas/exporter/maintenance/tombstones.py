"""Tombstones: erased refs, which the manifest keeps, and the removal of their outcomes and their text from all files.

One transaction commits the tombstones and deletes the rows. This makes the parts stale, so compaction rewrites them. If
this run is killed, the next run rewrites them.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from conversas.decoding.decoder import decode
from conversas.errors import ConversasError
from conversas.exporter import manifest_schema as sql
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import is_regular_file
from conversas.exporter.maintenance.compaction import sweep
from conversas.exporter.manifest import Manifest, body_name
from conversas.exporter.sidecar import update_sidecar
from conversas.providers import get_provider

_OF_REFS = "ref IN (SELECT value FROM json_each(?))"
_DELETE_ROWS = f"DELETE FROM outcomes WHERE {_OF_REFS}"  # noqa: S608  # only constants, here and below
_DELETE_UNUSED_DRIFT = """
DELETE FROM drift WHERE drift_id NOT IN (SELECT CAST(key AS INTEGER) FROM outcomes, json_each(outcomes.drift))
"""
"""The path of a drift may contain the name of an unknown property, which is text from the body."""


def forget_rows(manifest: Manifest, refs: AbstractSet[str]) -> None:
    """Delete the outcomes of these refs. Their undecodable bodies become open files, unless other refs share them."""
    listed = json.dumps(sorted(refs))
    with manifest.transaction() as db:
        bodies = [sha256 for (sha256,) in db.execute(sql.SELECT_BODIES_OF, (listed,))]
        db.execute(_DELETE_ROWS, (listed,))
        unused = [each for each in bodies if db.execute(sql.SELECT_REFS_OF_BODY, (each,)).fetchone() is None]
        db.executemany(sql.OPEN_FILE, [(body_name(sha256), None, False) for sha256 in unused])


def erase_rows(directory: ExportDirectory, manifest: Manifest, refs: AbstractSet[str]) -> None:
    """Replace the outcomes of these refs with tombstones. All undecodable bodies of these refs become open files."""
    listed = json.dumps(sorted(refs))
    update_sidecar(directory, manifest, refs)
    named = {sha256 for _, sha256 in bodies_naming(directory, manifest, refs)}
    with manifest.transaction() as db:
        bodies = {sha256 for (sha256,) in db.execute(sql.SELECT_BODIES_OF, (listed,))} | named
        db.executemany("INSERT OR REPLACE INTO erased VALUES (?, TRUE)", ((ref,) for ref in refs))
        db.execute(_DELETE_ROWS, (listed,))
        query = "UPDATE outcomes SET undecodable = NULL WHERE undecodable = ?"
        db.executemany(query, [(sha256,) for sha256 in bodies])
        db.executemany(sql.OPEN_FILE, [(body_name(sha256), None, False) for sha256 in bodies])


def bodies_naming(directory: ExportDirectory, manifest: Manifest, refs: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Yield each of these refs with the hash of each undecodable body that names it, whatever ref the body came for."""
    providers = {ref.partition(":")[0] for ref in refs}
    for row in manifest.batched_rows(sql.HAS_UNDECODABLE):
        provider, path = row.ref.partition(":")[0], directory.file(body_name(row.undecodable or ""))
        if provider in providers and is_regular_file(path):
            yield from ((ref, row.undecodable or "") for ref in _refs_in(provider, path.read_bytes()) if ref in refs)


def _refs_in(provider: str, body: bytes) -> set[str]:
    """Return the refs that a body may belong to: all its ids, even if it is cut short, in an envelope, or in UTF-16."""
    with contextlib.suppress(ConversasError):
        name = re.escape(get_provider(provider).id_property.encode())
        found = re.findall(rb'"%b"\s*:\s*"?([^"\s,}\]]+)' % name, body.replace(b"\0", b""), re.IGNORECASE)
        refs = {f"{provider}:{id_.decode(errors='replace')}" for id_ in found}
        with contextlib.suppress(ConversasError):
            refs.add(str(decode(provider, body).ref))
        return refs
    return set()


def add_tombstones(manifest: Manifest, erased: AbstractSet[str]) -> None:
    """Add tombstones to a rebuilt manifest. The next run erases their conversations again."""
    with manifest.transaction() as db:
        db.executemany("INSERT INTO erased VALUES (?, TRUE)", [(ref,) for ref in erased])
        db.execute(_DELETE_ROWS, (json.dumps(list(erased)),))


def finish_erasure(directory: ExportDirectory, manifest: Manifest) -> int:
    """Delete everything else that may hold text of erased refs, once their parts are rewritten.

    Return the number of damaged files that were deleted: a damaged file that was kept aside cannot be searched. The
    manifest is rewritten because the pages of deleted rows would otherwise stay.
    """
    if not any(manifest.erased().values()):
        return 0
    kept = manifest.kept_aside()
    with manifest.transaction() as db:
        db.executemany(sql.OPEN_FILE, [(name, None, False) for name in kept])
        db.execute("DELETE FROM kept_aside")
        db.execute(_DELETE_UNUSED_DRIFT)
    deleted = sum((directory.path / name).exists() for name in kept)
    sweep(directory, manifest)
    manifest.vacuum()
    with manifest.transaction() as db:
        db.execute("UPDATE erased SET pending = FALSE")
    return deleted
