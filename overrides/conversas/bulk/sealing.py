"""The seal of a folder: SHA256SUMS, which is there when a run came to its end, and `sha256sum --check` reads."""

import re
from collections.abc import Iterable

from conversas.bulk.folder import Folder, create, sha256_of, sync_file, sync_folder
from conversas.bulk.writer import unfinished

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def unseal(folder: Folder) -> None:
    """Say that what is in the folder may change now."""
    folder.sums.unlink(missing_ok=True)
    sync_folder(folder.path)


def seal(folder: Folder, files: Iterable[tuple[str, str]]) -> None:
    """Say that the run came to its end, with the hash of each file. The manifest is closed by now."""
    manifest = folder.name_of(folder.manifest), sha256_of(folder.manifest)
    with create(unfinished(folder.sums)) as file:
        for name, sha256 in sorted([manifest, *files]):
            file.write(f"{sha256}  {name}\n".encode())
    sync_file(unfinished(folder.sums))
    unfinished(folder.sums).rename(folder.sums)
    sync_folder(folder.path)


def read_seal(folder: Folder) -> dict[str, str] | None:
    """Give the hash of each file by its name; None where the last run did not come to its end."""
    if not folder.sums.exists():
        return None
    lines = folder.sums.read_text("utf-8", "replace").splitlines()
    matches = [_LINE.fullmatch(line) for line in lines]
    return {match[2]: match[1] for match in matches if match}
