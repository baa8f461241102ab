"""`conversas get`: its output, its errors and its exit codes."""

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import conversas_api
from conversas import Conversation, __version__, decode
from conversas.cli.app import LAZY_SUBCOMMANDS
from conversas.providers import PROVIDERS
from conversas.sandbox import Fault, Rule, Sandbox
from support.byte_server import Wire
from support.cli import GUARD_SECONDS, PROGRAM, Run, conversas, environment, leading_to, one_line, running
from support.examples import body_of
from support.hostile_text import EVIL, harm_in
from support.http_server import HttpServer
from support.processes import ROOT

TOKEN = "token-canary"
EVIL_BODY = json.dumps({"id": 1, "messages": [{"content": EVIL, "id": 1}], "name": EVIL}).encode()


def zild(server: Wire | HttpServer) -> dict[str, str]:
    return {"ZILD_BASE_URL": server.url, "ZILD_TOKEN": TOKEN}


# What it prints

PrintedAs = Callable[..., bytes]


@pytest.fixture
def printed_as(command: Run, monkeypatch: pytest.MonkeyPatch) -> PrintedAs:
    """Return a function that runs the command with a stdout of some encoding, and returns the bytes."""

    def printed_as(encoding: str, *arguments: str, **variables: str) -> bytes:
        stdout = io.TextIOWrapper(io.BytesIO(), encoding)
        monkeypatch.setattr(sys, "stdout", stdout)
        code, _, err = command(*arguments, **variables)
        stdout.flush()
        assert (code, err) == (0, "")
        return stdout.buffer.getvalue()

    return printed_as


@pytest.mark.parametrize("ref", ["zild:123", "superagentes:5"])
def test_it_prints_a_transcript(command: Run, sandbox: Sandbox, ref: str) -> None:
    code, out, err = command("get", ref, **leading_to(sandbox))
    conversation = decode(ref.partition(":")[0], sandbox.body(ref))
    first = next(message for message in conversation.messages if message.sent_at)
    assert (code, err) == (0, "")
    assert out.startswith(f"{ref}  {conversation.status}, ")
    assert f"\n\n{first.sent_at:%Y-%m-%d, %A}\n{first.sent_at:%H:%M}  {first.role}" in out
    assert "\x1b" not in out


def test_drift_is_told_in_the_header_and_is_no_failure(command: Run, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD)]
    code, out, err = command("get", "zild:123", **leading_to(sandbox))
    assert (code, err) == (0, "")
    assert re.search(r"^drift     /\S+ unknown-field", out, re.MULTILINE)


@pytest.mark.parametrize("ref", ["zild:123", "superagentes:5"])
def test_json_is_the_neutral_form_on_one_line(command: Run, sandbox: Sandbox, ref: str) -> None:
    code, out, err = command("get", ref, "--json", **leading_to(sandbox))
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out) == decode(ref.partition(":")[0], sandbox.body(ref), ref=ref).to_dict()
    assert Conversation.from_dict(json.loads(out)).id


def test_json_of_a_harmful_body_is_harmless_and_means_the_same(command: Run, server: HttpServer) -> None:
    server.answer(200, EVIL_BODY)
    _, out, _ = command("get", "zild:1", "--json", **zild(server))
    assert not harm_in(out)
    assert json.loads(out) == decode("zild", EVIL_BODY, ref="zild:1").to_dict()


@pytest.mark.parametrize("body", [body_of("zild/cut-emoji-bytes"), body_of("zild/byte-order-mark"), EVIL_BODY])
def test_raw_is_every_byte_and_no_other(printed_as: PrintedAs, server: HttpServer, body: bytes) -> None:
    server.answer(200, body)
    assert printed_as("utf-8", "get", f"zild:{decode('zild', body).id}", "--raw", **zild(server)) == body


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_what_stdout_cannot_encode_is_spelled_out(printed_as: PrintedAs, server: HttpServer, encoding: str) -> None:
    text = "Olá 🙂 e até já"
    server.answer(200, json.dumps({"id": 1, "messages": [{"content": text}]}).encode())
    shown = printed_as(encoding, "get", "zild:1", **zild(server)).decode(encoding)
    assert f" {text.encode(encoding, 'backslashreplace').decode(encoding)}\n" in shown
    form = printed_as(encoding, "get", "zild:1", "--json", **zild(server)).decode(encoding)
    assert json.loads(form)["messages"][0]["text"] == text


def test_a_locale_without_unicode_is_no_failure(server: HttpServer) -> None:
    server.answer(200, json.dumps({"id": 1, "messages": [{"content": "até"}]}).encode())
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = conversas("get", "zild:1", **zild(server), **plain)
    assert (result.returncode, result.stderr) == (0, b"")
    assert rb"at\xe9" in result.stdout


# What it says

USAGE = {
    "nothing": ([], "Missing command"),
    "another command": (["post"], "No such command 'post'"),
    "an escape code as command": (["a\x1b[2Jb\nc"], "No such command 'a"),
    "no ref": (["get"], "Missing argument 'REF'"),
    "two refs": (["get", "zild:1", "zild:2"], "unexpected extra argument (zild:2)"),
    "another option": (["get", "--xml", "zild:1"], "No such option '--xml'"),
    "two forms": (["get", "zild:1", "--json", "--raw"], "exclude each other"),
    "a word for seconds": (["get", "zild:1", "--timeout", "soon"], "'soon' is not a valid float"),
    "no seconds": (["get", "zild:1", "--timeout", "0"], "0.0 is not in the range x>0"),
    "endless seconds": (["get", "zild:1", "--timeout", "inf"], "inf is not in the range x>0"),
    "no number of seconds": (["get", "zild:1", "--timeout", "nan"], "nan is not in the range x>0"),
}


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage_is_told_in_one_line(command: Run, arguments: list[str], message: str) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert message in one_line(err)
    assert err.endswith(" --help\n")
    assert not harm_in(err)


REFS = {
    "no colon": ("123", "zild:123"),
    "another platform": ("hal:1", "a ref must begin with zild: or superagentes:"),
    "no number": ("zild:abc", "must be a 32-bit integer"),
    "a path": ("zild:../admin", "must be a 32-bit integer"),
    "no id": ("zild:", "zild:123"),
    "an escape code": ("zild:\x1b[2J\u202e\n", "must be a 32-bit integer"),
}


@pytest.mark.parametrize(("ref", "message"), REFS.values(), ids=REFS)
def test_a_ref_that_is_none_is_told_in_one_line(command: Run, server: HttpServer, ref: str, message: str) -> None:
    code, out, err = command("get", ref, **zild(server))
    assert (code, out, server.requests) == (2, "", [])
    assert message in one_line(err)
    assert not harm_in(err)


CONFIGURATIONS = {
    "nothing": ({}, "set ZILD_BASE_URL and ZILD_TOKEN"),
    "the other platform alone": ({"SUPERAGENTES_TOKEN": TOKEN}, "set ZILD_BASE_URL and ZILD_TOKEN"),
    "no base URL": ({"ZILD_TOKEN": TOKEN}, "ZILD_BASE_URL is not set"),
    "no encryption": (
        {"ZILD_TOKEN": TOKEN, "ZILD_BASE_URL": "http://canary.example"},
        "would send the token unencrypted",
    ),
    "credentials in the URL": (
        {"ZILD_TOKEN": TOKEN, "ZILD_BASE_URL": "https://user:canary@127.0.0.1"},
        "base_url must not contain credentials",
    ),
    "token and file": (
        {"ZILD_TOKEN": TOKEN, "ZILD_TOKEN_FILE": "/nowhere", "ZILD_BASE_URL": "http://127.0.0.1:9"},
        "both ZILD_TOKEN and ZILD_TOKEN_FILE are set",
    ),
    "no such file": (
        {"ZILD_TOKEN_FILE": "/nowhere/token", "ZILD_BASE_URL": "http://127.0.0.1:9"},
        "the token file /nowhere/token cannot be read",
    ),
    "a token with a line break": (
        {"ZILD_TOKEN": f"{TOKEN}\nx", "ZILD_BASE_URL": "http://127.0.0.1:9"},
        "token must contain only characters",
    ),
}


@pytest.mark.parametrize(("variables", "message"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_of_no_use_is_told_in_one_line(command: Run, variables: dict[str, str], message: str) -> None:
    code, out, err = command("get", "zild:1", **variables)
    assert (code, out) == (2, "")
    assert message in one_line(err)
    assert "canary" not in err


def test_a_platform_that_is_set_up_wrong_does_not_stop_the_other(command: Run, sandbox: Sandbox) -> None:
    code, _, err = command("get", "zild:1", **leading_to(sandbox) | {"SUPERAGENTES_BASE_URL": "nonsense"})
    assert (code, err) == (0, "")


ANSWERS = {
    "refused": (401, b"canary", "answered 401: the token is rejected; see conversas doctor"),
    "forbidden": (403, b"canary", "gives no access to this conversation; see conversas doctor"),
    "missing": (404, b"canary", "answered 404: there is no such conversation"),
    "null": (200, b"null", "there is no such conversation; the body is null"),
    "redirected": (302, b"canary", "redirects are not followed"),
    "another status": (418, b"canary", "answered 418"),
    "no JSON": (200, b"<canary>", "zild:1"),
}


@pytest.mark.parametrize(("status", "body", "message"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=str)
def test_an_answer_that_is_no_conversation_is_told_in_one_line(
    command: Run, server: HttpServer, status: int, body: bytes, message: str, form: list[str]
) -> None:
    server.answer(status, body)
    code, out, err = command("get", "zild:1", *form, **zild(server))
    assert (code, out) == (1, "")
    assert message in one_line(err)
    assert "canary" not in err


def test_a_host_that_is_down_is_told_in_one_line(command: Run) -> None:
    with HttpServer() as server:
        variables = zild(server)
    code, out, err = command("get", "zild:1", "--timeout", "0.5", **variables)
    assert (code, out) == (1, "")
    assert "no response (refused)" in one_line(err)
    assert err.endswith("; see conversas doctor\n")


def test_it_gives_up_after_the_time_that_it_is_given(command: Run) -> None:
    with Wire(standing=lambda peer: peer.stall()) as wire:
        code, out, err = command("get", "zild:1", "--timeout", "0.2", **zild(wire))
        assert (code, out) == (1, "")
        assert "no response" in one_line(err)


# How it ends


def test_an_interrupt_ends_it_quietly() -> None:
    with HttpServer(keep_alive=True) as server:
        server.hold()
        with running("get", "zild:1", variables=zild(server)) as process:
            server.wait_until(lambda: server.held == 1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=GUARD_SECONDS)
        server.release()
    assert (process.returncode, out, err.strip()) == (130, b"", b"")


@pytest.mark.parametrize("arguments", [["get", "zild:1"], ["get", "zild:1", "--json"], ["get", "zild:1", "--raw"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(server: HttpServer, arguments: list[str]) -> None:
    server.answer(200, json.dumps({"id": 1, "messages": [{"content": "a"}] * 5000}).encode())
    with running(*arguments, variables=zild(server)) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(GUARD_SECONDS) == 0


@pytest.mark.parametrize("argument", ["doctor", "--version"])
def test_a_reader_that_is_gone_already_ends_it_quietly(argument: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [*PROGRAM, argument],
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=GUARD_SECONDS,
        check=False,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["doctor"], ["get", "zild:1", "--raw"], ["--version"]])
def test_a_disk_that_is_full_is_told_in_one_line(server: HttpServer, arguments: list[str]) -> None:
    server.answer(200, b'{"id": 1}')
    with Path("/dev/full").open("wb") as full, running(*arguments, variables=zild(server), stdout=full) as process:
        _, err = process.communicate(timeout=GUARD_SECONDS)
    assert process.returncode == 1
    assert "No space left on device" in one_line(err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_where_nobody_can_be_told_the_exit_code_tells() -> None:
    with Path("/dev/full").open("wb") as full, running("post", stderr=full) as process:
        out, _ = process.communicate(timeout=GUARD_SECONDS)
    assert (process.returncode, out) == (2, b"")


def test_a_closed_stdout_is_told_in_one_line() -> None:
    script = f"{shlex.join(PROGRAM)} get zild:1 >&-"
    result = subprocess.run(["/bin/sh", "-c", script], env=environment(), capture_output=True, check=False)
    assert result.returncode == 2
    assert "stdout is closed" in one_line(result.stderr)


# All commands


def test_the_version_is_told_with_those_of_the_specs(command: Run) -> None:
    specs = {name: import_module(f"{conversas_api.__name__}.{name}").SPEC_VERSION for name in PROVIDERS}
    named = ", ".join(f"{name} {version}" for name, version in specs.items())
    expected = f"conversas {__version__}, specs: {named}\n"
    assert command("--version") == (0, expected, "")


@pytest.mark.parametrize("name", LAZY_SUBCOMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(command: Run, name: str) -> None:
    _, listed, _ = command("--help")
    _, own, _ = command(name, "--help")
    words = " ".join(own.split("\n\n")[1].split())
    assert words == LAZY_SUBCOMMANDS[name][1]
    assert words in " ".join(listed.split())


HEAVY = "{'attrs', 'click', 'httpx', 'jsonschema_rs', 'orjson', 'rich', 'h11', 'asyncio'}"


@pytest.mark.parametrize(
    ("commands", "names"),
    [
        ([["--version"], ["--help"], ["nonsense"]], ["click"]),
        ([["sandbox", "--help"]], ["asyncio", "attrs", "click", "h11", "orjson"]),
    ],
    ids=["no command", "sandbox"],
)
def test_a_command_loads_what_it_needs_and_no_more(commands: list[list[str]], names: list[str]) -> None:
    code = f"import sys; from conversas.cli.app import run; [run(arguments) for arguments in {commands}]; "
    code += f"sys.stderr.write(str(sorted({HEAVY} & sys.modules.keys())))"
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert result.stderr.splitlines()[-1] == str(names)


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_a_missing_extra_is_told_in_one_line(server: HttpServer, missing: str) -> None:
    server.answer(200, b'{"id": 1}')
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from conversas.cli import main
main()
"""
    result = subprocess.run(
        [sys.executable, "-c", code, "get", "zild:1"], env=environment(**zild(server)), capture_output=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, b"")
    assert one_line(result.stderr) == (
        f"error: the command line needs {missing}, which is not installed: run pip install {missing}, "
        "or install conversas with the extra cli"
    )


def test_the_package_has_the_command() -> None:
    program = Path(sys.executable).with_name("conversas")
    result = subprocess.run([program, "--version"], cwd=ROOT, env=environment(), capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"conversas ")
