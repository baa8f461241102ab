"""`conversas convert`: what is written and left out, and that no file is half there, open to others, or replaced."""

import base64
import csv
import datetime
import gzip
import io
import json
import re
import stat
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from conversas import (
    Client,
    Conversation,
    ConversationRef,
    Evaluation,
    Export,
    Fetched,
    Message,
    MessageError,
    Redactor,
    Role,
    chat_messages,
    export,
    gallery_html,
    next_turns,
    ratings,
    read_export,
    to_text,
)
from conversas.cli.conversion import LABELS, Conversion, Form
from conversas.cli.output_file import output_file
from conversas.cli.xlsx_file import write_xlsx
from conversas.sandbox import Sandbox
from conversas.transcripts.tables import CONVERSATION_COLUMNS, MESSAGE_COLUMNS, conversation_row, message_rows
from support.cli import Run, leading_to, one_line
from support.examples import at
from support.planted import SCRIPTS, planted

REFS = [*(f"zild:{number}" for number in range(1, 21)), *(f"superagentes:s{number}" for number in range(20))]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("convert") / "export"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        with Sandbox(seed=7) as sandbox, Client(sandbox.zild, sandbox.superagentes) as client:
            export(REFS, to=folder, client=client)
    return folder


@pytest.fixture
def convert(command: Run, exported: Path, tmp_path: Path) -> Any:
    """Return a function that converts the export, and returns exit code, stderr and the content of the file."""

    def convert(form: str, *options: str) -> tuple[int, str, bytes]:
        file = tmp_path / f"out.{form}"
        code, out, err = command("convert", str(exported), "--as", form, "-o", str(file), *options)
        assert out == ""
        return code, err, file.read_bytes() if file.exists() else b""

    return convert


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def json_lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def test_chat_lines_are_what_the_library_makes(convert: Any, exported: Path) -> None:
    code, _, content = convert("chat", "--system", "Be kind", "--strict", "--unknown-roles", "drop")
    chats = [chat_messages(each, system="Be kind", strict=True, unknown="drop") for each in read_export(exported)]
    assert (code, json_lines(content)) == (0, [{"messages": chat} for chat in chats if chat])


def test_next_turns_have_a_label_that_is_always_a_word(convert: Any, exported: Path) -> None:
    _, err, content = convert("next-turn", "--unknown-roles", "drop", "--speaker", "human")
    turns = [turn for each in read_export(exported) for turn in next_turns(each, unknown="drop")]
    human = [{**turn, "label": LABELS[turn["label"]]} for turn in turns if turn["speaker"] == "human"]
    assert json_lines(content) == human
    assert {turn["label"] for turn in human} >= {"unrated"}
    others = Counter(turn["speaker"] for turn in turns)
    assert f", {others['human']} lines written; see " in err
    assert (
        f"\nlines left out by --speaker human: {others['bot']} by a bot, {others['unknown']} by a bot and a human"
        in err
    )


def test_rated_answers_are_lines(convert: Any, exported: Path) -> None:
    _, _, content = convert("ratings", "--unknown-roles", "drop")
    assert json_lines(content) == [row for each in read_export(exported) for row in ratings(each, unknown="drop")] != []


def test_a_page_is_the_gallery(convert: Any, exported: Path) -> None:
    options = ("--timezone", "America/Sao_Paulo", "--language", "pt-BR")
    page = gallery_html(read_export(exported), timezone="America/Sao_Paulo", language="pt-BR")
    assert convert("html", *options)[::2] == (0, page.encode())


def test_a_page_counts_the_deviations_of_a_body(command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    body = b'{"id": 7, "new": 1, "messages": [{"id": 1, "new": 1}, {"id": 2, "new": 1}]}'
    with Sandbox(bodies={"zild:7": body}) as sandbox, Client(sandbox.zild) as client:
        (fetched,) = client.get_many(["zild:7"])
        export(["zild:7"], to=tmp_path / "export", client=client)
    assert isinstance(fetched, Fetched)
    assert len(fetched.conversation.drift) == 3
    file = tmp_path / "page.html"
    assert command("convert", str(tmp_path / "export"), "--as", "html", "-o", str(file))[0] == 0
    assert file.read_text("utf-8") == gallery_html([fetched.conversation])
    command("convert", str(tmp_path / "export"), "--as", "html", "-o", str(file), "--force", "--redact")
    assert file.read_text("utf-8") == gallery_html([Redactor()(fetched.conversation).conversation])


def test_a_text_is_what_the_terminal_shows(convert: Any, exported: Path) -> None:
    assert convert("text")[::2] == (0, "".join(f"{to_text(each)}\n" for each in read_export(exported)).encode())


def test_incomplete_conversations_are_left_out_on_demand(convert: Any, exported: Path) -> None:
    complete = Export(exported).status().fetched_complete
    code, err, content = convert("csv", "--only-complete")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert (code, len(rows)) == (0, complete)
    assert {row["completeness"] for row in rows} == {"complete"}
    assert err.startswith(f"{len(REFS)} read, {len(REFS) - complete} left out as incomplete; see ")


def test_csv_has_a_row_for_each_message_on_demand(convert: Any, exported: Path) -> None:
    _, _, content = convert("csv", "--rows", "messages")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(header) == MESSAGE_COLUMNS
    assert len(rows) == sum(len(each.messages) for each in read_export(exported))


def test_xlsx_has_both_tables(convert: Any, exported: Path) -> None:
    _, _, content = convert("xlsx", "--timezone", "America/Sao_Paulo")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["conversations", "messages"]
    first, *rows = book["conversations"].iter_rows(values_only=True)
    assert first == CONVERSATION_COLUMNS
    assert [row[0] for row in rows] == [str(each.ref) for each in read_export(exported)]
    column = CONVERSATION_COLUMNS.index("created_at")
    brazil = datetime.timezone(datetime.timedelta(hours=-3))
    for row, conversation in zip(rows, read_export(exported), strict=True):
        wanted = conversation.created_at and conversation.created_at.astimezone(brazil).replace(tzinfo=None)
        assert (row[column] is None) == (wanted is None)
        assert wanted is None or abs(row[column] - wanted) < datetime.timedelta(seconds=1)


FORMULAS = ["=1+1", '=HYPERLINK("https://elsewhere.invalid")', "+5511", "-1", "@SUM(1)", "\t=1", "https://x.invalid"]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link_and_each_is_the_text(tmp_path: Path) -> None:
    texts = [*FORMULAS, *SCRIPTS]
    file = io.BytesIO()
    write_xlsx(map(planted, texts), file, directory=tmp_path, zone=None)
    book = openpyxl.load_workbook(file)
    for sheet in book:
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
        assert kinds <= {"s", "n", "d"}
        assert [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink] == []
    titles = [row[CONVERSATION_COLUMNS.index("title")] for row in book["conversations"].iter_rows(2, values_only=True)]
    assert titles == texts
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_excel_cannot_hold_are_texts(tmp_path: Path) -> None:
    evaluation = Evaluation(score=10**400, final_score=2**53)
    file = io.BytesIO()
    write_xlsx([Conversation(provider="zild", evaluation=evaluation)], file, directory=tmp_path, zone=None)
    (row,) = openpyxl.load_workbook(file)["conversations"].iter_rows(2, values_only=True)
    columns = (CONVERSATION_COLUMNS.index(name) for name in ("score", "final_score"))
    assert [row[column] for column in columns] == [str(10**400), 2**53]


def test_a_sheet_that_is_full_goes_on_in_another_and_long_texts_are_cut(tmp_path: Path) -> None:
    messages = (Message(text="x" * 40_000), Message(), Message(sent_at=at(1800, 1, 2)))
    file = io.BytesIO()
    write_xlsx([Conversation(provider="zild", messages=messages)], file, directory=tmp_path, zone=None, max_rows=3)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["conversations", "messages", "messages 2"]
    assert len(book["messages"]["G2"].value) == 32_767
    assert book["messages 2"]["C2"].value == "1800-01-02 00:00:00"


def test_a_conversation_with_unknown_roles_is_left_out_and_exits_with_1(command: Run, tmp_path: Path) -> None:
    unknown, known = (Message(role=role, text="x") for role in (Role.UNKNOWN, Role.CUSTOMER))
    conversations = [
        Conversation(provider="zild", ref=ConversationRef("zild", name), messages=messages)
        for name, messages in (("1", (unknown, known)), ("2", (known,)), ("3", ()))
    ]
    file = io.BytesIO()
    conversion = Conversion(form=Form.CHAT)
    conversion.write(conversations, file, directory=tmp_path)
    assert json_lines(file.getvalue()) == [{"messages": [{"role": "user", "content": "x"}]}]
    assert conversion.left_out == {"because of unknown roles": 1, "as empty": 1}


def test_unknown_roles_are_told_with_what_to_do(command: Run, exported: Path, tmp_path: Path) -> None:
    refs = {ref for ref in REFS if ref in unknown_refs(exported)}
    file = tmp_path / "chat.jsonl"
    code, _, err = command("convert", str(exported), "--as", "chat", "-o", str(file))
    assert (code, len(refs)) == (1, 1)
    assert ", 1 left out because of unknown roles" in err.splitlines()[0]
    assert err.splitlines()[1] == "to leave out only the messages of unknown roles, pass --unknown-roles drop"
    assert (
        command("convert", str(exported), "--as", "chat", "-o", str(file), "--force", "--unknown-roles", "drop")[0] == 0
    )


def unknown_refs(folder: Path) -> set[str]:
    """Return the refs of conversations that have a message of an unknown role."""
    conversations = read_export(folder)
    return {str(each.ref) for each in conversations if any(message.role is Role.UNKNOWN for message in each.messages)}


def test_a_file_is_readable_by_its_owner_alone(convert: Any, tmp_path: Path) -> None:
    convert("text")
    assert stat.S_IMODE((tmp_path / "out.text").stat().st_mode) == 0o600
    assert names(tmp_path) == ["out.text"]


def test_a_file_that_exists_is_kept_unless_force_replaces_it(convert: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.text"
    file.write_text("mine")
    code, err, content = convert("text")
    assert (code, content) == (2, b"mine")
    assert f"{file} already exists; pass --force to replace it" in one_line(err)
    assert convert("text", "--force")[0] == 0
    assert file.read_bytes() != b"mine"


def test_nothing_is_left_of_a_conversion_that_fails(tmp_path: Path) -> None:
    failing = (cast(Conversation, None) for _ in range(1))
    with pytest.raises(AttributeError), output_file(tmp_path / "out", force=False) as file:
        Conversion(form=Form.TEXT).write(failing, file, directory=tmp_path)
    assert names(tmp_path) == []


def test_what_a_killed_run_left_is_in_no_ones_way(convert: Any, tmp_path: Path) -> None:
    (tmp_path / "out.text.tmp").write_text("half")
    assert convert("text")[0] == 0
    assert names(tmp_path) == ["out.text"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("html", "--system", "x"), "--system is not for --as html; it is for chat, next-turn, ratings"),
        (("chat", "--timezone", "UTC"), "--timezone is not for --as chat; it is for csv, html, text, xlsx"),
        (("chat", "--speaker", "bot"), "--speaker is not for --as chat; it is for next-turn, ratings"),
        (("html", "--timezone", "Mars"), "`timezone` must be the name of a time zone"),
    ],
)
def test_an_option_of_another_form_is_wrong_usage(convert: Any, options: tuple[str, ...], problem: str) -> None:
    code, err, content = convert(*options)
    assert (code, content) == (2, b"")
    assert problem in one_line(err)


def test_no_file_is_written_into_the_export(command: Run, exported: Path) -> None:
    code, _, err = command("convert", str(exported), "--as", "text", "-o", str(exported / "parts" / "x.txt"))
    assert (code, "is in the directory of the export" in one_line(err)) == (2, True)


@pytest.mark.parametrize(("name", "problem"), [("", "is a directory"), ("none/x", "does not exist; create it first")])
def test_a_file_needs_a_directory(command: Run, exported: Path, tmp_path: Path, name: str, problem: str) -> None:
    code, _, err = command("convert", str(exported), "--as", "text", "-o", str(tmp_path / name))
    assert (code, problem in one_line(err)) == (2, True)


def test_xlsx_says_how_to_install_what_it_needs(convert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    code, err, _ = convert("xlsx")
    assert code == 2
    assert one_line(err).startswith(
        "error: XLSX needs xlsxwriter, which is not installed: run pip install xlsxwriter, or"
    )


def test_get_prints_a_page(command: Run, sandbox: Sandbox) -> None:
    code, out, _ = command("get", "zild:1", "--html", **leading_to(sandbox))
    assert (code, out.startswith("<!DOCTYPE html>")) == (0, True)
    code, _, err = command("get", "zild:1", "--html", "--json", **leading_to(sandbox))
    assert (code, "exclude each other" in one_line(err)) == (2, True)


def test_all_columns_are_there(tmp_path: Path) -> None:
    conversation = planted("x")
    assert set(conversation_row(conversation)) == {*CONVERSATION_COLUMNS}
    assert isinstance(conversation.messages[0].error, MessageError)
    assert next(message_rows(conversation))["not_delivered"] == "x, x"


@pytest.mark.parametrize("form", [*map(str, Form)])
def test_a_redacted_file_has_no_name_or_number_of_its_customers(convert: Any, exported: Path, form: str) -> None:
    contacts = [contact for each in read_export(exported) for contact in each.contacts]
    known = {text for contact in contacts for text in (contact.name, contact.address, contact.email) if text}
    options = ("--unknown-roles", "drop") if form in {"chat", "next-turn", "ratings"} else ()
    code, err, content = convert(form, "--redact", *options)
    assert (code, err.splitlines()[1].startswith("redacted in what was read: ")) == (0, True)
    text = words_of(form, content)
    assert len(known) > 20
    assert [name for name in known if name in text] == []


def words_of(form: str, content: bytes) -> str:
    """Return all words of a converted file, in which those of a page and a workbook are compressed."""
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        return repr([row for sheet in book for row in sheet.iter_rows(values_only=True)])
    blocks = re.findall(r'<script type="text/plain" id="[^"]*">([^<]*)<', content.decode())
    return "".join([content.decode(), *(gzip.decompress(base64.b64decode(block)).decode() for block in blocks)])


def test_equal_values_have_equal_words_by_a_key(convert: Any, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    options = ("--redact", "--redact-key-file", str(key))
    assert convert("csv", *options)[2] == convert("csv", *options, "--force")[2]
    code, err, _ = convert("csv", "--redact-key-file", str(key), "--force")
    assert (code, "--redact-key-file needs --redact" in one_line(err)) == (2, True)
