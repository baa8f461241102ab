"""Reads an export as any program can: by SQLite and by its files, without the package."""

import contextlib
import io
import json
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow
import zstandard
from pyarrow import parquet


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Query the manifest, or change it."""
    with closing(sqlite3.connect(folder / "manifest.sqlite")) as db, db:
        return db.execute(query).fetchall()


def outcomes(folder: Path) -> dict[str, str]:
    """Return the class of the error of each ref, or `fetched`."""
    return {ref: error or outcome for ref, outcome, error in ask(folder, "SELECT ref, outcome, error FROM outcomes")}


def fetched(folder: Path) -> set[str]:
    """Return the refs that are committed as fetched; an empty set if there is no manifest yet."""
    if not ask(folder, "SELECT name FROM sqlite_schema WHERE name = 'outcomes'"):
        return set()
    return {ref for (ref,) in ask(folder, "SELECT ref FROM outcomes WHERE outcome = 'fetched'")}


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield each line of each part."""
    for part in sorted((folder / "parts").iterdir()):
        with part.open("rb") as file:
            source = zstandard.ZstdDecompressor().stream_reader(file) if part.suffix == ".zst" else file
            for line in io.BufferedReader(source) if part.suffix == ".zst" else file:
                yield json.loads(line)


def exported(folder: Path) -> Counter[str]:
    """Count the lines of each ref."""
    return Counter(line["ref"] for line in lines(folder))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file, and what is in it once it is unpacked."""
    for file in files(folder):
        name, content = file.relative_to(folder).as_posix(), file.read_bytes()
        yield name, content
        kind = name.removesuffix(".tmp")
        with contextlib.suppress(zstandard.ZstdError, zipfile.BadZipFile, pyarrow.ArrowException):  # not finished
            if kind.endswith(".zst"):
                yield name, zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)).read()
            elif kind.endswith(".zip"):
                with zipfile.ZipFile(file) as archive:
                    yield from ((f"{name}/{member}", archive.read(member)) for member in archive.namelist())
            elif kind.endswith(".parquet"):
                yield name, str(parquet.read_table(file).to_pylist()).encode()


def holding(folder: Path, word: bytes) -> list[str]:
    """Return the names of the files that hold a word."""
    return sorted({name for name, content in contents(folder) if word in content})
