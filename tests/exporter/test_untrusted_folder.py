"""A folder that comes from elsewhere: nothing outside of it is read or deleted, nothing hangs, and no text leaks."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from conversas import ConversasError, DecodeError, Export, ExportError, read_export
from conversas.exporter.formats.limits import MAX_RECORD_BYTES
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask
from support.tracebacks import texts_of

REFS = [f"zild:{number}" for number in range(1, 8)]
SECRET = "Maria da Silva"
MIB = bytes(1024 * 1024)
READERS: dict[str, Callable[[Path], object]] = {
    "conversations": lambda folder: list(read_export(folder)),
    "verify": lambda folder: Export(folder).verify(),
    "status": lambda folder: Export(folder).status(),
    "drift": lambda folder: str(Export(folder).drift()),
    "failures": lambda folder: list(Export(folder).failures()),
}


@pytest.fixture
def export_folder(run: Any, folder: Path, sandbox: Sandbox) -> Path:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, ids=["1"]), Rule(Fault.TRUNCATED_JSON, ids=["2"])]
    run(REFS, raw=True)
    return folder


def errors_of(folder: Path) -> dict[str, ConversasError]:
    """Return the error of each reader that raises one, which must be of ours and without the secret."""
    errors = dict[str, ConversasError]()
    for name, read in READERS.items():
        try:
            assert SECRET not in repr(read(folder))
        except (ExportError, DecodeError) as error:
            errors[name] = error
    assert [text for error in errors.values() for text in texts_of(error) if SECRET in text] == []
    return errors


def replace_part(folder: Path, name: str, content: bytes) -> None:
    """Put other content into a part, as the manifest then has it."""
    (folder / name).write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    ask(folder, f"UPDATE parts SET raw_sha256 = '{sha256}' WHERE raw_name = '{name}'")
    ask(folder, f"UPDATE parts SET sha256 = '{sha256}' WHERE name = '{name}'")


# Names


@pytest.mark.parametrize("column", ["name", "raw_name"])
@pytest.mark.parametrize(
    "name",
    [
        "{elsewhere}",
        "parts/../../elsewhere.jsonl",
        "parts/part-000001.jsonl/../../../elsewhere.jsonl",
        "../elsewhere.jsonl",
        "parts//part-000001.jsonl",
        "parts\\part-000001.jsonl",
        "parts/part-000001.jsonl\n",
        "parts/part-000001.jsonl:stream",
        "parts/part-١٢٣٤٥٦.jsonl",
        "parts/CON",
        "lock",
        "manifest.sqlite",
        "",
    ],
)
def test_a_name_that_is_not_of_an_export_is_neither_read_nor_deleted(
    run: Any, export_folder: Path, tmp_path: Path, column: str, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    shutil.copy(export_folder / "parts" / "part-000001.jsonl", elsewhere)
    with closing(sqlite3.connect(export_folder / "manifest.sqlite")) as db, db:
        db.execute(f"UPDATE parts SET {column} = ?", (name.format(elsewhere=elsewhere),))
    assert "verify" in errors_of(export_folder)
    with pytest.raises(
        ExportError,
        match=r"names a file that no export writes|contains other files|has values.*export to a new directory",
    ):
        run(REFS, refresh="all")
    assert elsewhere.exists()
    assert (export_folder / "manifest.sqlite").exists()


# Links, pipes and devices


@pytest.mark.parametrize("name", ["parts", "raw", "undecodable"])
def test_a_linked_directory_is_refused(run: Any, export_folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (export_folder / name).rename(elsewhere)
    (elsewhere / "thesis.txt").write_text("years of work")
    before = sorted(elsewhere.iterdir())
    (export_folder / name).symlink_to(elsewhere)
    assert "verify" in errors_of(export_folder)
    with pytest.raises(ExportError, match=f"contains other files, which no manifest lists: {name};"):
        run(["zild:99"])
    assert sorted(elsewhere.iterdir()) == before


OWN_FILES = [
    "parts/part-000001.jsonl",
    "manifest.sqlite",
    "manifest.sqlite-journal",
    "lock",
    "SHA256SUMS",
    "manifest.json",
]


@pytest.mark.parametrize("name", OWN_FILES)
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_what_is_no_regular_file_is_refused(export_folder: Path, tmp_path: Path, name: str, kind: str) -> None:
    file, elsewhere = export_folder / name, tmp_path / "elsewhere"
    if file.exists() and kind == "link":
        file.rename(elsewhere)
    elif file.exists():
        file.unlink()
    else:
        elsewhere.write_bytes(b"")
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(elsewhere)
    assert errors_of(export_folder) or "missing" in str(Export(export_folder).verify())


def test_a_journal_that_names_another_file_is_refused_and_that_file_stays(export_folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_bytes(b"precious")
    name = os.fsencode(precious)
    manifest = (export_folder / "manifest.sqlite").read_bytes()
    header = bytes.fromhex("d9d505f920a163d7") + bytes(4) + b"\0\0\0\1" + (len(manifest) // 4096).to_bytes(4, "big")
    header = (header + (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")).ljust(512, b"\0")
    end = (
        (4096 * 1024 * 1024 // 4096 + 1).to_bytes(4, "big")
        + name
        + len(name).to_bytes(4, "big")
        + (sum(name)).to_bytes(4, "big")
        + bytes.fromhex("d9d505f920a163d7")
    )
    (export_folder / "manifest.sqlite-journal").write_bytes(header + end)
    assert errors_of(export_folder).keys() == READERS.keys()
    assert precious.read_bytes() == b"precious"


# Content of parts


def damaged_parts() -> Iterator[tuple[str, str, bytes]]:
    """Yield what a part may hold instead of conversations, with the name of the part."""
    line = json.dumps({"schema_version": 1, "ref": "zild:1", "provider": "zild", "title": SECRET})
    texts: dict[str, bytes] = {
        "cut": line[:-2].encode(),
        "no UTF-8": line.encode().replace(b"Maria", b"Maria \xff"),
        "a key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n".encode(),
        "a list": f'["{SECRET}"]\n'.encode(),
        "a text": f'"{SECRET}"\n'.encode(),
        "no ref": f'{{"title": "{SECRET}"}}\n'.encode(),
        "a ref that is a list": f'{{"ref": ["zild:1"], "title": "{SECRET}"}}\n'.encode(),
        "deep": b"[" * 100_000 + SECRET.encode(),
        "digits": b'{"ref": "zild:1", "title": ' + b"9" * 5000 + b"}\n",
        "other types": line.replace(f'"{SECRET}"', f'[{{"x": "{SECRET}"}}]').encode() + b"\n",
        "empty": b"",
    }
    yield from ((name, "parts/part-000001.jsonl", content) for name, content in texts.items())
    yield "no zip", "raw/part-000001.zip", f"PK {SECRET}".encode()


@pytest.mark.parametrize(("name", "content"), [pytest.param(*part[1:], id=part[0]) for part in damaged_parts()])
def test_what_a_part_holds_otherwise_is_told_without_its_text(export_folder: Path, name: str, content: bytes) -> None:
    replace_part(export_folder, name, content)
    assert errors_of(export_folder).keys() <= {"conversations"}
    assert any(problem.refs for problem in Export(export_folder).verify())


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"ref": ["zild:1"]}),
        pa.table({"ref": [["zild:1"]], "title": [SECRET]}),
        pa.table({"ref": pa.array([None], pa.string())}),
    ],
)
def test_parquet_of_other_columns_is_told_without_its_text(run: Any, folder: Path, table: Any) -> None:
    run(REFS, format="parquet")
    pq.write_table(table, folder / "other.parquet")
    replace_part(folder, "parts/part-000001.parquet", (folder / "other.parquet").read_bytes())
    (folder / "other.parquet").unlink()
    assert errors_of(folder).keys() == {"conversations"}
    replace_part(folder, "parts/part-000001.parquet", b"PAR1" + SECRET.encode() + b"PAR1")
    assert errors_of(folder).keys() == {"conversations"}


# Bombs


def test_a_zip_bomb_ends_at_a_limit(export_folder: Path) -> None:
    file = export_folder / "raw" / "part-000001.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zild/1.json", "w") as member:
        for _ in range(MAX_RECORD_BYTES // len(MIB) + 1):
            member.write(MIB)
    replace_part(export_folder, "raw/part-000001.zip", file.read_bytes())
    assert any("or its raw archive cannot be read" in problem.text for problem in Export(export_folder).verify())


def test_a_zip_member_that_holds_more_than_it_declares_ends_there(export_folder: Path) -> None:
    file = export_folder / "raw" / "part-000001.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zild/1.json", 300 * MIB)
    declared = (300 * len(MIB)).to_bytes(4, "little")
    replace_part(export_folder, "raw/part-000001.zip", file.read_bytes().replace(declared, b"\x10\0\0\0"))
    assert any("or its raw archive cannot be read" in problem.text for problem in Export(export_folder).verify())


@pytest.mark.parametrize("window", [21, 27], ids=["small window", "large window"])
def test_a_zstd_bomb_ends_at_a_limit(run: Any, folder: Path, window: int) -> None:
    run(REFS, compress=True)
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=window)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    count = MAX_RECORD_BYTES // len(MIB) + 1
    bomb = b"".join(compressor.compress(MIB) for _ in range(count)) + compressor.flush()
    replace_part(folder, "parts/part-000001.jsonl.zst", bomb)
    assert errors_of(folder).keys() == {"conversations"}
    assert any("cannot be read" in problem.text for problem in Export(folder).verify())


# The manifest

VALUES = [
    "parts SET conversations = -1",
    "parts SET conversations = 'many'",
    "parts SET number = 9223372036854775807",
    "parts SET number = -1",
    "parts SET sha256 = 7",
    "parts SET name = x'00ff'",
    "parts SET raw_sha256 = NULL",
    "outcomes SET outcome = 'erased'",
    "outcomes SET verdict = 'Maria da Silva'",
    "outcomes SET verdict = NULL WHERE outcome = 'fetched'",
    "outcomes SET reasons = 'Maria da Silva'",
    "outcomes SET reasons = '{}'",
    "outcomes SET reasons = '[1]'",
    """outcomes SET reasons = '["Maria da Silva"]'""",
    "outcomes SET reasons = x'5b5d'",
    "outcomes SET drift = 'Maria da Silva'",
    "outcomes SET drift = '[]'",
    """outcomes SET drift = '{"99": 1}' """,
    """outcomes SET drift = '{"1": -1}' """,
    """outcomes SET drift = '{"1": 1e400}' """,
    """outcomes SET drift = '{"1": "Maria da Silva"}' """,
    "outcomes SET time = 'Maria da Silva'",
    "outcomes SET time = '9999-99-99T99:99:99.999999+00:00'",
    "outcomes SET time = '0000-01-01T00:00:00.000000+00:00'",
    "outcomes SET time = 7",
    "outcomes SET attempts = -1",
    "outcomes SET attempts = 1.5",
    "outcomes SET fetch_again = 'Maria da Silva'",
    "outcomes SET part = 'Maria da Silva'",
    "outcomes SET sha256 = '../../../etc/passwd'",
    "outcomes SET ref = x'ff' WHERE ref = 'zild:1'",
    "outcomes SET ref = 'Maria da Silva' WHERE ref = 'zild:1'",
    "outcomes SET error = NULL WHERE outcome = 'failed'",
    "drift SET kind = 'Maria da Silva'",
    "drift SET path = 'Maria da Silva' WHERE drift_id = 1",
    "drift SET found = 1.5",
    "drift SET expected = x'ff'",
    "settings SET value = 'Maria da Silva' WHERE name = 'format'",
    "settings SET value = 'yes' WHERE name = 'compress'",
    "settings SET value = x'ff' WHERE name = 'raw'",
    "settings SET name = 'color' WHERE name = 'format'",
]


@pytest.mark.parametrize("change", VALUES)
def test_a_value_that_is_not_written_here_is_refused(run: Any, export_folder: Path, change: str) -> None:
    ask(export_folder, f"UPDATE {change}")
    assert errors_of(export_folder)
    with pytest.raises(ExportError) as raised:
        run(["zild:99"])
    assert [text for text in texts_of(raised.value) if SECRET in text] == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON outcomes BEGIN DELETE FROM outcomes; END",
        "ALTER TABLE outcomes RENAME TO o; CREATE VIEW outcomes AS SELECT * FROM o",
        "ALTER TABLE outcomes ADD COLUMN more TEXT",
        "CREATE TABLE more (x)",
        "DROP TABLE drift",
        "DROP INDEX outcomes_by_part",
    ],
)
def test_tables_that_are_not_created_here_are_refused(run: Any, export_folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(export_folder / "manifest.sqlite")) as db:
        db.executescript(statement)
    assert errors_of(export_folder).keys() == READERS.keys()
    with pytest.raises(ExportError, match=r"has tables that this version .*; upgrade conversas, or export"):
        run(["zild:99"])


def test_a_table_that_sqlite_itself_adds_is_taken(run: Any, export_folder: Path) -> None:
    ask(export_folder, "ANALYZE")
    assert errors_of(export_folder) == {}
    assert run(["zild:99"]).fetched == 1


def test_a_text_beyond_all_measure_is_refused(export_folder: Path) -> None:
    ask(export_folder, "UPDATE outcomes SET reason = replace(hex(zeroblob(20000000)), '00', 'x')")
    assert errors_of(export_folder)


def test_text_that_is_not_utf_8_is_refused_without_it(export_folder: Path) -> None:
    ask(export_folder, f"UPDATE outcomes SET reason = CAST('{SECRET}' || x'ff' AS TEXT)")
    assert errors_of(export_folder).keys() >= {"failures", "status"}


def test_a_schema_that_cannot_be_parsed_is_refused_without_its_text(export_folder: Path) -> None:
    with closing(sqlite3.connect(export_folder / "manifest.sqlite")) as db:
        db.executescript(f"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = '{SECRET}', sql = '{SECRET}'")
    assert errors_of(export_folder).keys() == READERS.keys()
