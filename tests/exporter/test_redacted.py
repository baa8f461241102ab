"""Redacted exports: nothing else reaches the disk, and no run mixes them with others."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversas import ConfigurationError, Export, ExportError, Note, Redactor, decode, read_export
from conversas.sandbox import Sandbox
from support.export_reader import ask

KEY, OTHER_KEY = b"a key of 32 bytes, for the tests", b"other key of 32 bytes, for tests"
NAME, CPF, PHONE = "Zuleica", "529.982.247-25", "+5511987654321"
BODY = json.dumps(
    {
        "id": 7,
        "from": PHONE,
        "contactName": f"{NAME} Tatu",
        "extra": NAME,
        "finishedAt": "2026-03-01T10:00:00Z",
        "messages": [{"id": 1, "from": PHONE, "content": f"Sou a {NAME.upper()}, CPF {CPF}"}],
    }
)
NOT_A_CONVERSATION = f'["{NAME}", "{CPF}"]'
OTHER_ID = BODY.replace('"id": 7', '"id": 99')
WORDS = [each.encode() for each in (NAME, NAME.upper(), CPF, PHONE, PHONE[1:])]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    bodies = {"zild:7": BODY, "zild:8": NOT_A_CONVERSATION, "zild:9": OTHER_ID}
    with Sandbox(bodies={ref: body.encode() for ref, body in bodies.items()}) as sandbox:
        yield sandbox


def words_in(folder: Path) -> list[tuple[str, bytes]]:
    """Return the files of a folder that have a word of the customer, each with the word."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    return [(path.name, word) for path in files for word in WORDS if word in path.read_bytes()]


@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
def test_nothing_of_a_customer_reaches_the_disk(run: Any, folder: Path, format_: str) -> None:
    summary = run(["zild:7", "zild:8", "zild:9"], format=format_, redact=Redactor(key=KEY))
    assert (summary.fetched, summary.failed, summary.drifting) == (1, 2, 0)
    assert words_in(folder) == []
    assert not [*folder.glob("undecodable/*")]
    (conversation,) = read_export(folder)
    assert Note.REDACTED in conversation.notes
    assert conversation == Redactor(key=KEY)(decode("zild", BODY.encode(), ref="zild:7")).conversation
    assert Export(folder).verify() == []


def test_the_key_is_not_in_the_directory_but_its_id(run: Any, folder: Path) -> None:
    run(["zild:7"], redact=Redactor(key=KEY, agents=True))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in files if KEY in path.read_bytes() or KEY.hex().encode() in path.read_bytes()] == []
    expected = f"key {Redactor(key=KEY).key_id}, agents"
    assert ask(folder, "SELECT value FROM settings WHERE name = 'redaction'") == [(expected,)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, Redactor()),
        (Redactor(), None),
        (Redactor(), Redactor(key=KEY)),
        (Redactor(key=KEY), Redactor(key=OTHER_KEY)),
        (Redactor(key=KEY), Redactor(key=KEY, agents=True)),
    ],
)
def test_a_run_that_redacts_otherwise_is_refused_and_changes_nothing(
    run: Any, folder: Path, first: Redactor | None, second: Redactor | None
) -> None:
    run(["zild:1"], redact=first)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ConfigurationError, match=r"holds conversations .*redacted.*; export to another directory"):
        run(["zild:2"], redact=second)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_same_redactor_continues(run: Any) -> None:
    run(["zild:1"], redact=Redactor(key=KEY))
    summary = run(["zild:1", "zild:2"], redact=Redactor(key=KEY), refresh="in-progress")
    assert (summary.failed, summary.fetched + summary.skipped) == (0, 2)


@pytest.mark.parametrize("option", ["raw", "original"])
def test_bodies_as_they_came_are_not_kept_with_it(run: Any, folder: Path, option: str) -> None:
    with pytest.raises(ConfigurationError, match="`redact` excludes `raw` and `original`"):
        run(["zild:7"], redact=Redactor(), **{option: True})
    assert not folder.exists()


def test_what_is_no_redactor_is_refused(run: Any, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"`redact` must be a Redactor, got bool; pass Redactor\(\)"):
        run(["zild:7"], redact=True)
    assert not folder.exists()


def test_there_is_nothing_to_decode_once_more(run: Any, folder: Path) -> None:
    run(["zild:7"], redact=Redactor())
    with pytest.raises(ExportError, match="is redacted and has no bodies to decode; export to a new directory"):
        Export(folder).redecode()


def test_a_damaged_part_is_repaired_without_a_word(run: Any, folder: Path) -> None:
    run(["zild:7", "zild:1"], redact=Redactor())
    part = next(folder.glob("parts/*"))
    part.write_bytes(part.read_bytes().partition(b"\n")[0] + b"\n{")
    summary = run(["zild:7", "zild:1"], redact=Redactor())
    assert (summary.damaged, summary.lost, summary.failed) == (1, 1, 0)
    assert words_in(folder) == []
    assert len([*read_export(folder)]) == 2


@pytest.mark.parametrize("has_sidecar", [True, False])
def test_a_directory_that_is_adopted_stays_redacted(run: Any, folder: Path, *, has_sidecar: bool) -> None:
    run(["zild:7"], redact=Redactor(key=KEY))
    (folder / "manifest.sqlite").unlink()
    if not has_sidecar:
        (folder / "manifest.json").unlink()
    Export(folder).adopt()
    with pytest.raises(ConfigurationError, match="export to another directory"):
        run(["zild:1"])
    if has_sidecar:
        assert run(["zild:1"], redact=Redactor(key=KEY)).fetched == 1
