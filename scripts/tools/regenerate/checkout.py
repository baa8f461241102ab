"""Replacement of generated files in a checkout with new files, and comparison with them."""

import difflib
from collections.abc import Iterator
from pathlib import Path


def make_folder(folder: Path) -> Path:
    """Return the folder. Create it and its parents if they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def swap(new_package: Path, target: Path, temporary: Path, *, whole: bool) -> None:
    """Replace the old folders as a whole with the new folders, so that no stale file stays."""
    parts = [(new_package, target)] if whole else [(part, target / part.name) for part in new_package.iterdir()]
    for number, (new, old) in enumerate(parts):
        make_folder(old.parent)
        aside = temporary / f"old-{number}"
        if old.exists():
            old.rename(aside)
        try:
            new.rename(old)
        except OSError:
            aside.rename(old)
            raise


def compare(root: Path, new_package: Path, target: Path, others: dict[str, bytes], *, whole: bool) -> list[str]:
    """Return the lines of a diff from the files below `root` to the new files; empty if all are the same.

    Args:
        root: The folder that the paths in `others` and in the diff start from.
        new_package: The folder of the new package.
        target: The folder of the package in the checkout.
        others: The content of the new files outside the package, by path.
        whole: Compare the whole package, and not only the entries that `new_package` has.
    """
    entries = None if whole else {path.name for path in new_package.iterdir()}
    prefix = target.relative_to(root).as_posix()
    old = {path: (root / path).read_bytes() for path in others if (root / path).exists()}
    return list(_differences(old | _files(target, prefix, entries), others | _files(new_package, prefix, entries)))


def _files(folder: Path, prefix: str, entries: set[str] | None) -> dict[str, bytes]:
    """Return the content of each file by its path. `entries` limits the files to these entries of the folder."""
    found = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    paths = {file.relative_to(folder): file for file in found}
    return {
        f"{prefix}/{path.as_posix()}": file.read_bytes()
        for path, file in paths.items()
        if entries is None or path.parts[0] in entries
    }


def _differences(old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) == new.get(path):
            continue
        before, after = (
            side.get(path, b"").decode("utf-8", "backslashreplace").splitlines(keepends=True) for side in (old, new)
        )
        yield from difflib.unified_diff(before, after, path, f"{path}, from its source")
        if path not in old or path not in new:
            yield f"{path}: {'missing' if path not in old else 'has no source'}\n"
