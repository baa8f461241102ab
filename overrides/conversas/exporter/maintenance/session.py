"""Start and end of every change to an export: leftovers of a killed run are deleted, checksums are rewritten."""

import contextlib
from collections.abc import Generator
from contextlib import closing

from conversas.errors import ConfigurationError
from conversas.exporter.checksums import check_checksums, remove_checksums, write_checksums
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import wrap_os_errors
from conversas.exporter.maintenance.compaction import compact, sweep
from conversas.exporter.maintenance.repair import Repair
from conversas.exporter.maintenance.tombstones import erase_rows, finish_erasure
from conversas.exporter.manifest import Manifest
from conversas.exporter.settings import load_settings
from conversas.exporter.sidecar import Sidecar, update_sidecar


@contextlib.contextmanager
def maintenance(directory: ExportDirectory) -> Generator[Repair]:
    """Lock and prepare an existing export, and finish it at the end, unless an error makes that impossible.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The directory is not an export, cannot be read or written, or contains other files; or a run is
            using it.
    """
    Manifest.open(directory.manifest).close()  # before a lock is created in a directory that is not an export
    with (
        wrap_os_errors(directory.path),
        directory.exclusive_lock(),
        closing(Manifest.open(directory.manifest)) as manifest,
    ):
        repair = Repair.of(directory, manifest, load_settings(manifest))
        prepare(repair)
        try:
            yield repair
        except ConfigurationError:  # an argument is invalid, and nothing was changed
            finish(repair)
            raise
        finish(repair)


def prepare(repair: Repair) -> None:
    """Check that the subdirectories hold only the export's own files, then delete what a killed run left."""
    directory, manifest = repair.directory, repair.manifest
    with wrap_os_errors(directory.path):
        check_checksums(directory)
        sidecar = Sidecar.read(directory)
        directory.prepare(manifest.own_names())
        remove_checksums(directory)
        sweep(directory, manifest)
        if forgotten := sidecar.erased - manifest.erased().keys():
            erase_rows(directory, manifest, forgotten)  # the manifest is older, or an erasure was killed
        repair.repair_resized()
        sweep(directory, manifest)


def finish(repair: Repair) -> None:
    """Compact the parts, close the manifest, and write the checksums."""
    directory, manifest = repair.directory, repair.manifest
    with wrap_os_errors(directory.path):
        compact(repair)
        sweep(directory, manifest)
        finish_erasure(directory, manifest)
        update_sidecar(directory, manifest)
        files = dict(manifest.files())
        manifest.open_names([directory.relative_name(directory.checksums)])
        manifest.close()
        write_checksums(directory, files.items())
