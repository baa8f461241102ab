"""The options --redact and --redact-key-file of `conversas get` and `conversas export`."""

import json
from pathlib import Path

import pytest

from conversas.sandbox import Sandbox
from support.cli import Run, leading_to, one_line

BODY = json.dumps(
    {
        "id": 7,
        "from": "+5511987654321",
        "contactName": "Zuleica Tatu",
        "messages": [{"id": 1, "from": "+5511987654321", "content": "Sou a Zuleica, CPF 529.982.247-25"}],
    }
).encode()
SECRETS = ("Zuleica", "529.982", "987654321")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Sandbox(bodies={"zild:7": BODY}) as sandbox:
        yield sandbox  # type: ignore[misc]  # pytest takes generators


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_get_prints_no_personal_data(command: Run, sandbox: Sandbox, options: list[str]) -> None:
    code, out, err = command("get", "zild:7", "--redact", *options, **leading_to(sandbox))
    assert (code, [secret for secret in SECRETS if secret in out + err]) == (0, [])
    assert "Sou a [NAME], CPF [CPF]" in out


def test_a_key_gives_words_that_can_be_joined(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    variables = leading_to(sandbox)
    printed = [command("get", "zild:7", "--json", "--redact", "--redact-key-file", str(key), **variables) for _ in "12"]
    assert printed[0] == printed[1]
    assert json.loads(printed[0][1])["messages"][0]["text"].startswith("Sou a [NAME ")


def test_an_export_is_redacted(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    code, _, err = command("export", "zild:7", "--to", str(folder), "--redact", **leading_to(sandbox))
    assert (code, "1 fetched" in err) == (0, True)
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert [secret for secret in SECRETS if any(secret.encode() in text for text in texts)] == []
    code, out, _ = command("show", str(folder), "zild:7", "--json")
    assert (code, json.loads(out)["notes"][-3:].count("redacted")) == (0, 1)
    code, _, err = command("export", "zild:1", "--to", str(folder), **leading_to(sandbox))
    assert (code, "redacted (no key), but the conversations of this run are not redacted" in one_line(err)) == (
        2,
        True,
    )
    code, _, err = command("redecode", str(folder))
    assert (code, "is redacted and has no bodies to decode" in one_line(err)) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["get", "zild:7", "--redact", "--raw"], "--raw and --redact exclude each other"),
        (["get", "zild:7", "--redact-key-file", "key"], "--redact-key-file needs --redact"),
        (["get", "zild:7", "--redact", "--redact-key-file", "absent"], "absent cannot be read: No such file"),
        (["get", "zild:7", "--redact", "--redact-key-file", "short"], "`key` must have 32 bytes or more, got 5"),
        (["get", "zild:7", "--redact", "--redact-key-file", "long"], "long is longer than 4096 bytes; pass a key file"),
        (["export", "zild:7", "--to", "x", "--redact", "--raw"], "`redact` excludes `raw` and `original`"),
        (["export", "zild:7", "--to", "x", "--redact", "--original"], "`redact` excludes `raw` and `original`"),
    ],
)
def test_wrong_usage_is_named_and_nothing_is_fetched(
    command: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short").write_bytes(b"short")
    (tmp_path / "long").write_bytes(b"x" * 5000)
    code, out, err = command(*arguments, **leading_to(sandbox))
    assert (code, out, problem in one_line(err)) == (2, "", True), err
    assert not sandbox.requests
    assert not (tmp_path / "x").exists()
