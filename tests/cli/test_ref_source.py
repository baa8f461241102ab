"""Refs before a run: how lists and tables are read, what is refused, and what is counted."""

import codecs
import io
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import ConfigurationError
from conversas.cli.ref_list import ref_of_line
from conversas.cli.ref_parser import RefRange
from conversas.cli.ref_source import RefSource
from conversas.cli.ref_spool import BATCH, RefSpool
from conversas.records.ref import ConversationRef, ScannedRef
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import Run, leading_to, one_line
from support.export_reader import exported

SECRET = "minha senha"


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZILD_TOKEN_FILE", "SUPERAGENTES_TOKEN_FILE", "SUPERAGENTES_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ZILD_BASE_URL", "https://zild.example")
    monkeypatch.setenv("ZILD_TOKEN", "a-token")
    monkeypatch.setenv("SUPERAGENTES_TOKEN", "a-token")


def read(*arguments: str | Path, provider: str | None = None, column: str | None = None) -> list[str]:
    with RefSource.parse([str(each) for each in arguments], provider, column).checked() as refs:
        found = list(map(str, refs))
        assert refs.count() == len(found)
        return found


def refused(*arguments: str | Path, provider: str | None = None, column: str | None = None) -> str:
    with pytest.raises((click.UsageError, ConfigurationError)) as error:
        read(*arguments, provider=provider, column=column)
    return str(error.value)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# One line


@pytest.mark.parametrize(
    ("line", "ref"),
    [
        ("zild:1", "zild:1"),
        ("\t zild:1 \t\r\n", "zild:1"),
        ('"zild:1"', "zild:1"),
        ("'zild:1',  # the first", "zild:1"),
        ("“zild:1”", "zild:1"),
        ("zild:1,", "zild:1"),
        ("zild:1 ;", "zild:1"),
        ("zild:1 # reclamação", "zild:1"),
        ("zild:1\t#2", "zild:1"),
        ("superagentes:a#b", "superagentes:a#b"),
        ('"superagentes:a #b,"', "superagentes:a #b,"),
        ("# zild:1", ""),
        ("  ", ""),
        ("\ufeffzild:1", "zild:1"),
        ('"zild:1', '"zild:1'),
    ],
)
def test_a_line_has_a_ref_and_what_people_put_around_it(line: str, ref: str) -> None:
    assert ref_of_line(line) == ref


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_each_encoding_that_programs_write(tmp_path: Path, encoding: str, end: str) -> None:
    path = written(tmp_path / "refs", f"zild:1{end}superagentes:ação{end}{end}zild:2".encode(encoding))
    assert read(path) == ["zild:1", "superagentes:ação", "zild:2"]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf_16_of_both_ends_is_told_by_its_mark(tmp_path: Path, mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    assert read(written(tmp_path / "refs", mark + "zild:1\nzild:2\n".encode(encoding))) == ["zild:1", "zild:2"]
    assert "is not valid UTF-16" in refused(written(tmp_path / "cut", mark + "zild:1\n".encode(encoding) + b"z"))


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    assert "save it as CSV" in refused(written(tmp_path / "refs.xlsx", b"PK\x03\x04rest"))
    assert "decompress it" in refused(written(tmp_path / "refs.gz", b"\x1f\x8b\x08rest"))
    assert "is too long" in refused(written(tmp_path / "blob", b"x" * 200_000))


# What cannot be a ref


def test_each_invalid_line_is_told_by_its_number_without_a_word_of_it(
    command: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    lines = ["zild:1", SECRET, "zild:99999999999", f"https://else.example/conversations/1?{SECRET}", "", "zild:"]
    path = written(tmp_path / "refs.txt", "\n".join(lines).encode() + b"\nzild:\xff\n")
    code, out, err = command("export", str(path), "--to", str(tmp_path / "export"), **leading_to(sandbox))
    assert (code, out, list(sandbox.requests), (tmp_path / "export").exists()) == (2, "", [], False)
    assert SECRET not in err
    assert [line.removeprefix(f"{path}:").partition(":")[0] for line in err.splitlines()[:-1]] == [*"23467"]
    assert "the host else.example of the URL" in err
    assert err.splitlines()[-1].startswith(f"error: {path} has 5 invalid refs; nothing was fetched")


def test_the_first_twenty_are_told_and_all_are_counted(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    path = written(tmp_path / "refs.txt", "x\n" * 1234)
    arguments = ("export", str(path), "--provider", "zild", "--to", str(tmp_path / "export"))
    code, _, err = command(*arguments, **leading_to(sandbox))
    assert (code, len(err.splitlines())) == (2, 21)
    assert "has 1,234 invalid refs (the first 20 are above)" in err


def test_one_invalid_ref_is_one_line(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    code, _, err = command("export", "zild:1", "zild:x", "--to", str(tmp_path / "export"), **leading_to(sandbox))
    assert (code, list(sandbox.requests)) == (2, [])
    assert one_line(err).startswith("error: zild:x: a Zild id must be a 32-bit integer")


def test_a_ref_of_a_provider_that_is_not_configured_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERAGENTES_TOKEN")
    assert "superagentes is not configured; set SUPERAGENTES_TOKEN" in refused("zild:1", "superagentes:a")


def test_stdin_is_read_to_its_end_before_anything_is_fetched(
    command: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"zild:1\n" * 3 + b"zild:x\n")))
    code, _, err = command("export", "-", "--to", str(tmp_path / "export"), **leading_to(sandbox))
    assert (code, list(sandbox.requests)) == (2, [])
    assert one_line(err).startswith("error: stdin:4: a Zild id")


# URLs


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("https://zild.example/api/Conversation/123", "zild:123"),
        ("HTTPS://Zild.Example:443/atendimento/123?aba=1", "zild:123"),
        ("https://dash.superagentes.ai/logs?tab=all&conversationId=c1", "superagentes:c1"),
        ("https://dash.superagentes.ai/api/conversations/abc", "superagentes:abc"),
    ],
)
def test_a_url_on_the_host_of_a_provider_is_a_ref(tmp_path: Path, url: str, ref: str) -> None:
    assert read(url) == [ref]
    assert read(written(tmp_path / "refs", f'"{url}",\n'), provider="zild") == [ref]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://else.example/conversations/1", "else.example of the URL does not belong to a provider"),
        ("https://zild.example:8443/api/Conversation/1", "does not belong to a provider"),
        ("https://zild.example.evil.example/api/Conversation/1", "does not belong to a provider"),
        ("https://zild.example@evil.example/api/Conversation/1", "does not belong to a provider"),
        ("https://zild.example/settings", "the URL has no id"),
        ("https://zild.example/a/1?id=2", "may name several"),
        ("https://[zild/1", "the URL is invalid"),
    ],
)
def test_any_other_url_is_told_and_not_guessed(url: str, why: str) -> None:
    assert why in refused(url)
    assert "/1" not in refused(url)


def test_a_url_may_be_longer_than_a_name_of_a_file() -> None:
    assert read(f"https://zild.example/chat/7?note={'x' * 5000}") == ["zild:7"]


def test_a_host_of_two_providers_goes_by_the_path_of_the_request_or_by_the_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUPERAGENTES_BASE_URL", "https://zild.example/api")
    assert read("https://zild.example/api/Conversation/7") == ["zild:7"]
    assert read("https://zild.example/api/conversations/7") == ["superagentes:7"]
    assert "may name several" in refused("https://zild.example/chat/7")
    assert read("https://zild.example/chat/7", provider="superagentes") == ["superagentes:7"]


# Ranges


def test_a_range_has_both_its_ends_and_may_go_down() -> None:
    assert read("zild:1..3", "zild:-1..-1") == ["zild:1", "zild:2", "zild:3", "zild:-1"]
    assert read("zild:2 .. -1") == ["zild:2", "zild:1", "zild:0", "zild:-1"]
    assert read("5..6", provider="zild") == ["zild:5", "zild:6"]


@pytest.mark.parametrize(
    "text", ["zild:1..2147483648", "zild:01..2", "zild:1..", "zild:..2", "zild:1...2", "zild:a..b"]
)
def test_an_end_of_a_range_is_an_id_of_its_provider(text: str) -> None:
    assert "a Zild id must be a 32-bit integer" in refused(text)


def test_ids_that_are_not_integers_have_no_range() -> None:
    assert "so they have no ranges" in refused("superagentes:1..5")


def test_the_widest_range_is_read_as_it_is_needed() -> None:
    with RefSource.parse(["zild:-2147483648..2147483647"], None).checked() as refs:
        assert refs.count() == 2**32
        assert str(next(iter(refs))) == "zild:-2147483648"


RANGES = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(st.lists(st.integers(-20, 20) | RANGES, max_size=12))
def test_each_ref_of_any_list_comes_once_and_the_others_are_counted(given: list[int | tuple[int, int]]) -> None:
    every: list[int] = []
    with RefSpool() as spool:
        for each in given:
            if isinstance(each, int):
                spool.add(ConversationRef("zild", str(each)))
                every.append(each)
            else:
                spool.add(RefRange("zild", *each))
                every.extend(range(min(each), max(each) + 1))
        ids = [int(ref.id) for ref in spool]
        assert sorted(ids) == sorted(set(every))
        assert (spool.count(), spool.duplicates) == (len(ids), len(every) - len(ids))


def test_only_refs_of_a_range_are_scanned() -> None:
    with RefSource.parse(["zild:1", "zild:2..3"], None).checked() as refs:
        assert [isinstance(ref, ScannedRef) for ref in refs] == [False, True, True]


def test_a_scan_ends_well_where_ids_are_not_there(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["2", "4"])]
    code, _, err = command("export", "zild:1..4", "--to", str(tmp_path / "export"), **leading_to(sandbox))
    assert (code, err.splitlines()[-1][:54]) == (0, "2 fetched, 0 failed, 0 already done, 2 not there, 0 re")
    assert command("status", str(tmp_path / "export"))[1].splitlines()[1:] == [
        "        2 not there, requested as part of a range, e.g. zild:2"
    ]


# Duplicates


def test_duplicates_are_counted_in_each_run(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    path = written(tmp_path / "refs.txt", "zild:1\nzild:2\nzild:1\n2\nzild:2..3\n")
    folder = tmp_path / "export"
    for counts in ("3 fetched, 0 failed, 0 already done", "0 fetched, 0 failed, 3 already done"):
        arguments = ("export", str(path), "--provider", "zild", "--to", str(folder))
        code, _, err = command(*arguments, **leading_to(sandbox))
        first, last = err.splitlines()
        assert (code, first) == (0, "3 refs, 3 duplicates left out")
        assert last.startswith(counts)
        assert ", 3 duplicates left out, in " in last
    assert exported(folder) == {"zild:1": 1, "zild:2": 1, "zild:3": 1}


def test_refs_beyond_the_memory_are_in_a_file_that_only_its_owner_can_open(tmp_path: Path) -> None:
    with RefSpool() as spool:
        spool._database.execute("COMMIT")
        spool._database.execute("PRAGMA cache_size = 10")
        for number in range(2 * BATCH):
            spool.add(ConversationRef("superagentes", f"{number:0100}"))
        assert spool.count() == 2 * BATCH
        modes = {stat.S_IMODE(mode) for mode in _deleted_files()}
        assert modes == {0o600}


def _deleted_files() -> Iterator[int]:
    """Yield the mode of each open file of this process that has no name any more."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            state, target = link.stat(), link.readlink()
        except FileNotFoundError:  # that of the folder itself
            continue
        if stat.S_ISREG(state.st_mode) and state.st_nlink == 0 and "etilqs" in target.name:
            yield state.st_mode


# Tables

BRAZIL = '\ufeffID;"Nome; completo";Observação\r\n1;"Silva; João";"duas\r\nlinhas"\r\n2,0;;x\r\n;y;\r\n3;z;\r\n'


@pytest.mark.parametrize("column", ["ID", "id", " Id "])
def test_a_column_is_read_as_excel_writes_it_in_brazil(tmp_path: Path, column: str) -> None:
    path = written(tmp_path / "t.csv", BRAZIL)
    with RefSource.parse([str(path)], "zild", column).checked() as refs:
        assert (list(map(str, refs)), refs.empty) == (["zild:1", "zild:2", "zild:3"], 1)
    assert read(written(tmp_path / "ansi.csv", BRAZIL[1:].encode("cp1252")), provider="zild", column=column)[1:2]


@pytest.mark.parametrize(
    "content",
    [
        "name,ref\n,zild:1\n,zild:2\n",
        "name\tref\n\tzild:1\n\tzild:2\n",
        "a, b, c\tref\n\tzild:1\n\tzild:2\n",
        "ref\nzild:1\nzild:2\n",
        "sep=|\nname|ref\n|zild:1\n|zild:2\n",
        '"na\n,me",ref\n"a, ""b""\nc",zild:1\n\nx,"zild:2"\n',
        'ref\n"=""zild:1"""\nzild:2\n',
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_a_table_is_read_by_what_is_in_it(tmp_path: Path, content: str, suffix: str) -> None:
    assert read(written(tmp_path / f"t{suffix}", content), column="ref") == ["zild:1", "zild:2"]
    assert read(written(tmp_path / f"u{suffix}", content.encode("utf-16")), column="REF") == ["zild:1", "zild:2"]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "ação;id\n1;2\n".encode("cp1252"))
    assert refused(path, column="ref") == f"{path} has no column ref; it has ação, id"
    assert "2 columns named id" in refused(written(tmp_path / "u.csv", "id,id\n1,2\n"), column="id")
    assert "pass one file" in refused("zild:1", column="id")
    assert "for a table, pass --column" in refused(path)


def test_a_cell_that_cannot_be_a_ref_is_told_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", f'id,words\n1,"{SECRET}\n"\n1.000,{SECRET}\n')
    told = refused(path, provider="zild", column="id")
    assert told.startswith(f"{path}:4: a Zild id must be")
    assert SECRET not in told


def test_a_quote_that_is_never_closed_hides_no_row(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", f'id,words\n1,"{SECRET}\n2,b\n')
    assert refused(path, provider="zild", column="id").startswith(f"{path}:2: the table cannot be read: ")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, None, 2], pa.int64()),
        pa.array([1.0, None, 2.0]),
        pa.array([1.0, float("nan"), 2.0]),
        pa.array(["1", None, " 2 "]),
        pa.array(["1", "", "2"]).dictionary_encode(),
        pa.array([b"1", None, b"2"], pa.binary()),
        pa.array([1, None, 2], pa.int64()).cast(pa.decimal128(24, 2)),
    ],
    ids=lambda column: str(column.type),
)
def test_a_column_of_parquet_is_read_whatever_its_type(tmp_path: Path, column: pa.Array) -> None:
    path = tmp_path / "refs.data"
    pq.write_table(pa.table({"Id": column, "words": pa.array([SECRET] * 3)}), path)
    with RefSource.parse([str(path)], "zild", "id").checked() as refs:
        assert (list(map(str, refs)), refs.empty) == (["zild:1", "zild:2"], 1)


def test_what_is_wrong_with_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [1.5, 2.0], "yes": [True, False], "deep": [{"id": 1}] * 2}), path)
    assert refused(path, column="ref") == f"{path} has no column ref; it has id, yes, deep"
    assert refused(path) == f"{path} is Parquet; pass --column with one of: id, yes, deep"
    assert "must hold text or numbers, got bool" in refused(path, column="yes")
    assert "got struct" in refused(path, column="deep")
    assert refused(path, provider="zild", column="id").startswith(f"{path} row 1: a Zild id must be")
    assert "cannot be read" in refused(written(tmp_path / "cut", path.read_bytes()[:50]), column="id")


def test_a_name_with_dots_is_a_column_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a.b": [1, 2], "a": [{"b": 7}] * 2, "ação; x": ["3", "4"]}), path)
    assert read(path, provider="zild", column="a.b") == ["zild:1", "zild:2"]
    assert read(path, provider="zild", column="AÇÃO; X") == ["zild:3", "zild:4"]


def test_a_table_may_come_by_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [1, 2]}), path)
    for content in (path.read_bytes(), b"id\n1\n2\n"):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        assert read("-", provider="zild", column="id") == ["zild:1", "zild:2"]
