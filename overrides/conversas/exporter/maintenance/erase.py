"""Removal of conversations from an export: for good, as laws may require, or until a later run fetches them again."""

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
    """Number of refs whose outcome was in the export, or whose earlier erasure did not finish."""
    absent: int
    """Number of refs that the export never had. Later runs also skip these refs."""
    erased_before: int = 0
    """Number of refs that were erased before."""
    damaged: int = 0
    """Number of deleted files that runs had kept aside because they were damaged: a damaged file cannot be searched."""
    left: tuple[str, ...] = ()
    """Files that no manifest lists and that may hold the refs or texts of the conversations. They stay unchanged."""


def erase(directory: ExportDirectory, refs: Iterable[ConversationRef | str]) -> ExportErasure:
    """Delete these conversations for good, and leave tombstones.

    If a text is not a ref, and a run recorded it as a failure, it is deleted without a tombstone.

    Raises:
        ConfigurationError: A ref is invalid; nothing was changed.
        ExportError: The directory is not an export, cannot be read or written, or a run is using it.
    """
    wanted = list(refs)
    with maintenance(directory) as repair:
        manifest = repair.manifest
        keys = {_key(manifest, ref) for ref in wanted}
        no_refs = {key for key in keys if not _is_ref(key)}
        earlier = manifest.erased()
        erased = {key for key in keys if manifest.find(key) is not None or earlier.get(key, False)}
        erased_before = len(keys & earlier.keys() - erased)
        erase_rows(directory, manifest, keys - no_refs)
        forget_rows(manifest, no_refs)  # a tombstone would keep the text, and no run would fetch it
        compact(repair)
        sweep(directory, manifest)
        damaged = finish_erasure(directory, manifest)
        if no_refs:
            manifest.vacuum()  # otherwise the pages of their rows would stay
    left = tuple(_unlisted(directory))
    absent = len(keys) - len(erased) - erased_before
    return ExportErasure(erased=len(erased), absent=absent, erased_before=erased_before, damaged=damaged, left=left)


def forget(directory: ExportDirectory, refs: Iterable[ConversationRef | str]) -> int:
    """Delete these conversations and their outcomes. Return how many there were.

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
    """Return a ref as the manifest stores it.

    Raises:
        ConfigurationError: No run would fetch the ref, and the manifest does not have it.
    """
    if isinstance(ref, str) and manifest.find(ref_key(ref)):
        return ref_key(ref)
    parsed = coerce_ref(ref)
    get_provider(parsed.provider).parameters(parsed)
    return ref_key(f"{parsed.provider}:{parsed.id}")


def _is_ref(text: str) -> bool:
    """Return whether a run could fetch a text as a ref, possibly from a provider that is not installed here."""
    try:
        ref = coerce_ref(text)
        if ref.provider in provider_names():
            get_provider(ref.provider).parameters(ref)
    except ConfigurationError:
        return False
    return True


def _unlisted(directory: ExportDirectory) -> Iterator[str]:
    """Yield the manifests that adoptions left, and the files in `damaged/`."""
    journal = f"{directory.manifest.name}-journal"
    yield from sorted(
        file.name
        for file in directory.path.iterdir()
        if file.name.startswith(directory.manifest.name) and file.name not in (directory.manifest.name, journal)
    )
    if directory.damaged.is_dir():
        yield from sorted(directory.relative_name(file) for file in directory.damaged.rglob("*") if not file.is_dir())
