"""`conversas show`: a body on the disk, and a conversation of an export."""

import io
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from conversas import Redactor, decode
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import Run, leading_to, one_line
from support.examples import WITHOUT_DRIFT, body_of

SECRET = "minha senha"


def written(path: Path, body: bytes) -> str:
    path.write_bytes(body)
    return str(path)


@pytest.mark.parametrize("name", WITHOUT_DRIFT)
def test_a_body_is_printed_and_its_provider_is_told_by_it(command: Run, tmp_path: Path, name: str) -> None:
    provider = name.partition("/")[0]
    path = written(tmp_path / "body.json", body_of(name))
    code, out, err = command("show", path)
    assert (code, err) == (0, "")
    assert out.startswith(f"{provider}:")
    assert command("show", path, "--provider", provider)[1] == out
    code, out, _ = command("show", path, "--json")
    assert json.loads(out) == decode(provider, body_of(name)).to_dict()


@pytest.mark.parametrize(
    ("body", "provider"),
    [
        ({"id": 7, "applicationStatusId": 1}, "zild"),
        ({"id": 7, "applicationStatusId": 1, "messages": [{"id": 1, "content": "a"}]}, "zild"),
        ({"id": "a", "messages": [{"id": "b", "text": "a"}]}, "superagentes"),
        ({"id": "a", "messages": [{"id": "b", "text": "a", **dict.fromkeys("cdefghijkl", 1)}] * 9}, "superagentes"),
    ],
)
def test_unknown_properties_do_not_hide_the_provider(
    command: Run, tmp_path: Path, body: dict[str, object], provider: str
) -> None:
    code, out, _ = command("show", written(tmp_path / "body.json", json.dumps(body).encode()))
    assert (code, out.partition(":")[0]) == (0, provider)


def test_a_body_may_come_by_stdin(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(body_of("zild/sample"))))
    code, out, _ = command("show", "-")
    assert (code, out[:10]) == (0, "zild:123  ")


def test_drift_is_shown_as_get_shows_it(command: Run, tmp_path: Path) -> None:
    body = body_of("superagentes/sample").replace(b'"read": true', b'"read": "yes"')
    code, out, _ = command("show", written(tmp_path / "body.json", body))
    assert code == 0
    assert "drift     /messages/0/read wrong-type\n" in out


def test_times_are_read_in_the_zone_of_the_environment(command: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "body.json", body_of("zild/sample").replace(b"05:31:56Z", b"05:31:56"))
    _, out, _ = command("show", path, "--json", ZILD_TIMEZONE="America/Sao_Paulo")
    assert json.loads(out)["created_at"].endswith("-03:00")


@pytest.mark.parametrize(
    "body",
    [b'{"messages": []}'],
)
def test_a_body_that_may_be_of_several_providers_needs_the_option(command: Run, tmp_path: Path, body: bytes) -> None:
    code, out, err = command("show", written(tmp_path / "body.json", body))
    assert (code, out) == (2, "")
    names = one_line(err).partition("may belong to several providers; pass --provider ")[2]
    assert {"superagentes", "zild"} <= set(re.findall(r"\w+", names))


@pytest.mark.parametrize(
    "body", [b"", b"[1]", f'{{"a": "{SECRET}'.encode(), b"null", b"{}", f'{{"error": "{SECRET}"}}'.encode()]
)
def test_what_is_not_a_conversation_is_told_without_a_word_of_it(command: Run, tmp_path: Path, body: bytes) -> None:
    code, out, err = command("show", written(tmp_path / "body.json", body))
    assert (code, out) == (1, "")
    assert SECRET not in one_line(err)


def test_a_file_that_cannot_be_read_is_told(command: Run, tmp_path: Path) -> None:
    code, _, err = command("show", str(tmp_path / "none.json"))
    assert (code, one_line(err)) == (2, f"error: {tmp_path}/none.json cannot be read: No such file or directory")
    code, _, err = command("show", written(tmp_path / "body.json", b"{}"), "zild:1")
    assert (code, "pass REF only with the directory of an export" in one_line(err)) == (2, True)


def test_the_drift_of_a_conversation_of_an_export_is_shown(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD)]
    command("export", "superagentes:a", "--to", str(tmp_path / "export"), **leading_to(sandbox))
    code, out, _ = command("show", str(tmp_path / "export"), "superagentes:a")
    count = len(decode("superagentes", sandbox.body("superagentes:a")).messages)
    assert code == 0
    assert re.search(
        rf"^drift .* /messages/\*/\w+ unknown-field \({count} times\)",
        " ".join(out.split("\n          ")),
        re.MULTILINE,
    )


def test_a_conversation_of_an_export_is_printed(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    command("export", "zild:1..3", "--to", folder, **leading_to(sandbox))
    fetched = command("get", "zild:2", **leading_to(sandbox))
    assert command("show", folder, "zild:2") == fetched
    code, _, err = command("show", folder, "zild:9")
    assert (code, "zild:9: the export has no such conversation" in one_line(err)) == (1, True)
    code, _, err = command("show", folder)
    assert (code, "also pass a REF" in one_line(err)) == (2, True)


def test_a_page_can_be_of_another_language_and_redacted(command: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "body.json", body_of("zild/sample"))
    code, out, _ = command("show", path, "--html", "--language", "pt-BR", "--timezone", "America/Sao_Paulo")
    assert (code, out.partition("<head>")[0]) == (0, '<!DOCTYPE html>\n<html lang="pt-BR">\n')
    conversation = decode("zild", body_of("zild/sample"))
    assert command("show", path, "--json", "--redact")[1] == (
        f"{json.dumps(Redactor()(conversation).conversation.to_dict(), ensure_ascii=False)}\n"
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--html", "--json"], "--json, --html and --raw exclude each other"),
        (["--language", "pt-BR"], "--language is for --html"),
        (["--json", "--timezone", "UTC"], "--timezone is for the transcript and for --html"),
        (["--redact-key-file", "key"], "--redact-key-file needs --redact"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    command: Run, tmp_path: Path, options: list[str], problem: str
) -> None:
    code, out, err = command("show", written(tmp_path / "body.json", body_of("zild/sample")), *options)
    assert (code, out, problem in one_line(err)) == (2, "", True)
