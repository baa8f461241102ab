"""Removal of conversations from an export: for good, as the law demands it, or until a later run fetches them again."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.maintenance.compaction import compact, sweep
from conversas.exporter.maintenance.session import maintenance
from conversas.exporter.maintenance.tombstones import erase_rows, finish_erasure, forget_rows
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import ref_key
from conversas.providers import get_provider, provider_names
from conversas.records.ref import ConversationRef, coerce_ref


@frozen(kw_only=True)
class ExportErasure:
    """Result of an erasure."""

    erased: int
    """Refs whose outcome was in the export, or whose erasure was killed before."""
    absent: int
    """Refs that the export did not have, or that were erased before. Later runs skip them as well."""
    damaged: int = 0
    """Damaged files that runs had kept aside, and that were deleted: such a file cannot be searched."""
    left: tuple[str, ...] = ()
    """Files that no manifest lists, and that may hold the refs or texts of their conversations. They are unchanged."""


def erase(directory: ExportDirectory, refs: Iterable[ConversationRef | str]) -> ExportErasure:
    """Delete these conversations for good, and leave tombstones.

    A text that is no ref, which a run recorded as a failure, is deleted without one.

    Raises:
        ConfigurationError: A ref is invalid; nothing was changed.
        ExportError: The directory is not an export, cannot be read or written, or a run is using it.
    """
    wanted = list(refs)
    with maintenance(directory) as repair:
        manifest = repair.manifest
        keys = {_key(manifest, ref) for ref in wanted}
        no_refs = {key for key in keys if not _is_ref(key)}
        unfinished = manifest.erased()
        erased = sum(manifest.find(key) is not None or unfinished.get(key, False) for key in keys)
        erase_rows(directory, manifest, keys - no_refs)
        forget_rows(manifest, no_refs)  # a tombstone would keep the text, and no run fetches it
        compact(repair)
        sweep(directory, manifest)
        damaged = finish_erasure(directory, manifest)
        if no_refs:
            manifest.vacuum()  # the pages of their rows stay otherwise
    left = tuple(_unlisted(directory))
    return ExportErasure(erased=erased, absent=len(keys) - erased, damaged=damaged, left=left)


def forget(directory: ExportDirectory, refs: Iterable[ConversationRef | str]) -> int:
    """Delete these conversations and their outcomes, and return how many there were.

    Raises:
        ConfigurationError: A ref is invalid; nothing was changed.
        ExportError: The directory is not an export, cannot be read or written, or a run is using it.
    """
    wanted = list(refs)
    with maintenance(directory) as repair:
        found = {key for ref in wanted if repair.manifest.find(key := _key(repair.manifest, ref))}
        forget_rows(repair.manifest, found)
    return len(found)


def _key(manifest: Manifest, ref: ConversationRef | str) -> str:
    """Return a ref as the manifest has it. One that no run would fetch is a mistake, unless the manifest has it.

    Raises:
        ConfigurationError: It is invalid.
    """
    if isinstance(ref, str) and manifest.find(ref_key(ref)):
        return ref_key(ref)
    parsed = coerce_ref(ref)
    get_provider(parsed.provider).parameters(parsed)
    return ref_key(f"{parsed.provider}:{parsed.id}")


def _is_ref(text: str) -> bool:
    """Return whether a run may fetch a text as a ref, maybe by a provider that is not installed here."""
    try:
        ref = coerce_ref(text)
        if ref.provider in provider_names():
            get_provider(ref.provider).parameters(ref)
    except ConfigurationError:
        return False
    return True


def _unlisted(directory: ExportDirectory) -> Iterator[str]:
    """Yield the files in `damaged/`, and the manifests that adoptions left."""
    journal = f"{directory.manifest.name}-journal"
    yield from sorted(
        file.name
        for file in directory.path.iterdir()
        if file.name.startswith(directory.manifest.name) and file.name not in (directory.manifest.name, journal)
    )
    if directory.damaged.is_dir():
        yield from sorted(directory.relative_name(file) for file in directory.damaged.rglob("*") if not file.is_dir())
