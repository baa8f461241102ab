"""`original` puts the platform's own object next to each conversation, with all that came."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import Client, ConfigurationError, Conversation, Export, export
from conversas.exporter.formats.original import add_original, original_json, original_of
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, lines

BODY = (
    b'{"id": 1,\r\n  "messages": [], "finishedAt": "2026-01-05T13:00:00Z",\n "unknown": {"deep": [1.10, 1e2, -0.0]},'
    b' "big": 123456789012345678901234567890, "exact": 0.10000000000000000555,\n'
    b' "text": "\\u00e7\\n\xe2\x80\xa8\xe2\x80\xa9\xc2\x85 \\u2028", "conversationSummary": "oi"}'
)
REFS = [f"zild:{number}" for number in range(1, 11)]
each_format = pytest.mark.parametrize("options", [{}, {"compress": True}, {"format": "parquet"}], ids=str)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def send(folder: Path, body: bytes, **options: Any) -> None:
    with Sandbox(bodies={"zild:1": body}) as sandbox, Client(sandbox.zild) as client:
        assert export(["zild:1"], to=folder, client=client, original=True, **options).fetched == 1


def texts(folder: Path) -> dict[str, str | None]:
    """Return the text of each original, as a program finds it."""
    found = dict[str, str | None]()
    for part in sorted((folder / "parts").iterdir()):
        if part.suffix == ".parquet":
            table = pq.read_table(part).to_pydict()
            found |= dict(zip(table["ref"], table["original"], strict=True))
    if not found:
        found = {line["ref"]: json.dumps(line["original"]) for line in lines(folder)}
    return found


def exact(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


@each_format
def test_all_that_came_is_in_the_export(folder: Path, options: dict[str, Any]) -> None:
    send(folder, BODY, **options)
    text = texts(folder)["zild:1"]
    assert text is not None
    assert json.loads(text) == json.loads(BODY)
    assert Export(folder).verify() == []
    (conversation,) = Export(folder).conversations()
    assert (conversation.id, conversation.summary) == ("1", "oi")


def test_numbers_keep_all_their_digits_and_a_line_is_one_line(folder: Path) -> None:
    send(folder, BODY)
    (part,) = (folder / "parts").iterdir()
    (line,) = part.read_text("utf-8").splitlines()
    assert exact(line)["original"] == exact(BODY)
    conversation = Conversation.from_dict(json.loads(line))
    assert "original" not in conversation.to_dict()


def test_the_text_in_parquet_keeps_all_digits(folder: Path) -> None:
    send(folder, BODY, format="parquet")
    assert exact(texts(folder)["zild:1"] or "") == exact(BODY)


@pytest.mark.parametrize(
    ("body", "original"),
    [
        (b'\xef\xbb\xbf{"id": 1, "messages": []}', {"id": 1, "messages": []}),
        (b'{"id": 1, "messages": [], "x": "\\ud83d"}', {"id": 1, "messages": [], "x": "\ufffd"}),
        (b'{"id": 1, "messages": [], "x": "\xff"}', {"id": 1, "messages": [], "x": "\ufffd"}),
        (b'{"id": 1, "messages": [], "x": 1, "x": 2}', {"id": 1, "messages": [], "x": 2}),
        (b'{"id": 1, "messages": [], "x": %b}' % (b"9" * 5000), None),
    ],
    ids=["byte-order-mark", "half-emoji", "not-utf-8", "key-twice", "endless-number"],
)
@each_format
def test_a_body_that_is_no_proper_json_is_there_as_it_was_read(
    folder: Path, body: bytes, original: Any, options: dict[str, Any]
) -> None:
    send(folder, body, **options)
    assert json.loads(texts(folder)["zild:1"] or "null") == original
    assert len(list(Export(folder).conversations())) == 1
    assert Export(folder).verify() == []


@pytest.mark.parametrize("depth", [300, 900, 940, 980, 990])
@each_format
def test_a_deeply_nested_property_leaves_the_part_readable(folder: Path, options: dict[str, Any], depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    with (
        Sandbox(bodies={"zild:1": b'{"id": 1, "messages": [], "x": %b}' % nested}) as sandbox,
        Client(sandbox.zild) as client,
    ):
        export(["zild:1", "zild:2"], to=folder, client=client, original=True, **options)
    refs = {str(each.ref) for each in Export(folder).conversations()}
    assert refs == {ref for (ref,) in ask(folder, "SELECT ref FROM outcomes WHERE outcome = 'fetched'")}
    assert "zild:2" in refs
    assert Export(folder).verify() == []


@each_format
def test_originals_stay_with_their_conversations(
    run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any]
) -> None:
    run(REFS, original=True, **options)
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD)]
    run(REFS[:3])  # nothing to do
    assert run(REFS[:3], refresh="all").fetched == 3  # the first part is rewritten
    found = texts(folder)
    assert found.keys() == {*REFS}
    assert all(json.loads(text or "")["id"] == int(ref.partition(":")[2]) for ref, text in found.items())
    assert Export(folder).verify() == []


@pytest.mark.parametrize("raw", [False, True])
def test_the_sound_lines_of_a_damaged_part_keep_their_originals(
    run: Any, folder: Path, sandbox: Sandbox, *, raw: bool
) -> None:
    bodies = {ref: BODY.replace(b'"id": 1', b'"id": %d' % number) for number, ref in enumerate(REFS, 1)}
    with Sandbox(bodies=bodies) as other, Client(other.zild) as client:
        export(REFS, to=folder, client=client, original=True, raw=raw)
        before = texts(folder)
        (part,) = (folder / "parts").iterdir()
        found = part.read_bytes().replace(b"123456789012345678901234567890", b"123456789012345678901234567891", 1)
        part.write_bytes(found[:-20])
        summary = export(REFS, to=folder, client=client)
    assert (summary.fetched, summary.lost) == (2, 2)  # the first, whose unknown property is damaged, and the last
    assert texts(folder) == before
    assert Export(folder).verify() == []


@pytest.mark.parametrize("options", [{"compress": True}, {"format": "parquet"}], ids=str)
def test_what_is_lost_with_its_original_is_fetched_again(run: Any, folder: Path, options: dict[str, Any]) -> None:
    run(REFS, original=True, **options)
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(part.read_bytes()[:-20])
    assert run(REFS).skipped < len(REFS)
    assert None not in texts(folder).values()
    assert texts(folder).keys() == {*REFS}
    assert Export(folder).verify() == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner)))
def test_a_line_has_the_text_of_its_original_as_it_was(value: Any) -> None:
    text = original_json(json.dumps({"x": value, ',"original":': value}).encode())
    assert original_of(add_original(b'{"a":",\\"original\\":"}\n', text)) == text
    assert original_json(text) == text


def test_it_is_a_setting_of_the_directory(run: Any, folder: Path) -> None:
    run(REFS[:1], original=True)
    assert run(REFS[:2]).fetched == 1
    assert None not in texts(folder).values()
    with pytest.raises(ConfigurationError, match="was created with original=True; omit `original`"):
        run(REFS[:2], original=False)


@each_format
def test_an_adoption_without_a_manifest_keeps_the_setting(run: Any, folder: Path, options: dict[str, Any]) -> None:
    run(REFS[:2], original=True, **options)
    before = ask(folder, "SELECT ref, original FROM outcomes")
    (folder / "manifest.sqlite").unlink()
    Export(folder).adopt()
    assert ask(folder, "SELECT value FROM settings WHERE name = 'original'") == [("True",)]
    assert ask(folder, "SELECT ref, original FROM outcomes") == before
    run(REFS[:3])
    assert texts(folder).keys() == {*REFS[:3]}
