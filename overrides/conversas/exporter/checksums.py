"""The seal of a folder: SHA256SUMS, which is there when a run came to its end, and `sha256sum --check` reads."""

from collections.abc import Iterable

from conversas.exporter.directory import Folder, create, sha256_of, sync_file, sync_folder
from conversas.exporter.writer import unfinished


def unseal(folder: Folder) -> None:
    """Say that what is in the folder may change now."""
    folder.sums.unlink(missing_ok=True)
    sync_folder(folder.path)


def seal(folder: Folder, files: Iterable[tuple[str, str]]) -> None:
    """Say that the run came to its end, with the hash of each file. The manifest is closed by now."""
    with create(unfinished(folder.sums)) as file:
        file.write(seal_text(folder, files))
    sync_file(unfinished(folder.sums))
    unfinished(folder.sums).rename(folder.sums)
    sync_folder(folder.path)


def seal_text(folder: Folder, files: Iterable[tuple[str, str]]) -> bytes:
    """Give what the seal says of the manifest as it is, and of the files that it names."""
    manifest = folder.name_of(folder.manifest), sha256_of(folder.manifest)
    return b"".join(f"{sha256}  {name}\n".encode() for name, sha256 in sorted([manifest, *files]))
