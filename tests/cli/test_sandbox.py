"""`conversas sandbox`: the variables it prints, its faults, and its end."""

import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conversas import decode
from conversas.providers import PROVIDERS
from conversas.sandbox import Fault, Sandbox
from support.cli import GUARD_SECONDS, Run, conversas, environment, one_line, running
from support.processes import ROOT
from support.raw_http import port_of

VARIABLES = [f"{name}_{part}" for name in ("ZILD", "SUPERAGENTES") for part in ("BASE_URL", "TOKEN", "ACCOUNT")]
Process = subprocess.Popen[bytes]


@contextmanager
def serving(*options: str) -> Iterator[tuple[Process, dict[str, str]]]:
    """Start the command; yield its process and the variables that a shell reads from its output."""
    with running("sandbox", *options) as process:
        assert process.stdout
        lines = [process.stdout.readline().decode() for _ in 3 * PROVIDERS]
        script = "".join(lines) + "env"
        shown = subprocess.run(["/bin/sh", "-c", script], env=environment(), capture_output=True, text=True, check=True)
        found = dict(line.split("=", 1) for line in shown.stdout.splitlines())
        assert [line.split("=")[0] for line in lines][: len(VARIABLES)] == [f"export {name}" for name in VARIABLES]
        yield process, {name: found[name] for name in VARIABLES}


ENDS: dict[str, Callable[[Process], object]] = {
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "stdin": lambda process: process.stdin and process.stdin.close(),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_leads_a_client_there_and_ends_when_told(command: Run, end: str) -> None:
    with serving("--seed", "5", *(["--until-stdin-closes"] if end == "stdin" else [])) as (process, variables):
        assert variables["SUPERAGENTES_BASE_URL"] == variables["ZILD_BASE_URL"] + "/api"
        for ref in ("zild:1", "superagentes:a"):
            code, out, err = command("get", ref, "--json", **variables)
            assert (code, err) == (0, "")
            assert json.loads(out) == decode(ref.partition(":")[0], Sandbox(seed=5).body(ref), ref=ref).to_dict()
        ENDS[end](process)
        assert process.wait(GUARD_SECONDS) == 0
        assert process.stdout
        assert process.stderr
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")


def test_bodies_of_a_folder_are_served_and_it_says_where(tmp_path: Path) -> None:
    for name in ("zild/b", "zild/a", "superagentes/x", "superagentes/a\nb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.json").write_text(json.dumps({"contactName": name}))
    with serving("--bodies", str(tmp_path)) as (process, variables):
        assert process.stdout
        shown = [process.stdout.readline().decode().removesuffix("\n").replace(str(tmp_path), "") for _ in range(4)]
        assert shown == [
            "# superagentes:a\\nb: /superagentes/a\\nb.json",
            "# superagentes:x: /superagentes/x.json",
            "# zild:1: /zild/a.json",
            "# zild:2: /zild/b.json",
        ]
        assert conversas("get", "zild:2", "--raw", **variables).stdout == b'{"contactName": "zild/b"}'


def test_each_body_is_served_under_its_own_id(tmp_path: Path, command: Run) -> None:
    bodies = {
        "zild/b": {"id": 7},
        "zild/a": {"id": "00048"},
        "zild/c": {"id": 7},
        "zild/d": {"id": 2**40},
        "zild/e": [1],
    }
    bodies |= {"superagentes/x": {"id": "c1"}, "superagentes/c1": {"title": "t"}, "superagentes/y": {"id": True}}
    for name, body in bodies.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    with serving("--bodies", str(tmp_path)) as (process, variables):
        assert process.stdout
        shown = dict(process.stdout.readline().decode()[2:-1].replace(str(tmp_path), "").split(": ") for _ in bodies)
        assert shown == {
            "superagentes:c1": "/superagentes/x.json",
            "superagentes:c1-2": "/superagentes/c1.json",
            "superagentes:y": "/superagentes/y.json",
            "zild:48": "/zild/a.json",
            "zild:7": "/zild/b.json",
            "zild:1": "/zild/c.json",
            "zild:2": "/zild/d.json",
            "zild:3": "/zild/e.json",
        }
        assert command("get", "zild:7", "--raw", **variables)[:2] == (0, '{"id": 7}')
        assert "superagentes:c1-2" in shown


def test_a_body_that_cannot_be_read_is_told_in_one_line(command: Run, tmp_path: Path) -> None:
    (tmp_path / "zild" / "a.json").mkdir(parents=True)
    code, _, err = command("sandbox", "--bodies", str(tmp_path))
    assert (code, one_line(err)) == (2, f"error: {tmp_path}/zild/a.json cannot be read: Is a directory")


def test_it_ends_at_once_where_stdin_is_closed_already() -> None:
    result = conversas("sandbox", "--until-stdin-closes")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\n") == 3 * len(PROVIDERS)


def test_it_ends_by_an_interrupt_in_the_background_of_a_shell() -> None:
    with running("sandbox", below=["/bin/sh", "-c", 'trap "" INT; exec "$0" "$@"']) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(b"export ")
        process.send_signal(signal.SIGINT)
        assert process.wait(GUARD_SECONDS) == 0


def test_faults_and_the_limit_are_options(command: Run) -> None:
    limit = ["--requests-per-second", "0.001", "--retry-after"]
    with serving("--fault", "forbidden=0", "--fault", "not-found", *limit) as (_, variables):
        assert "answered 404" in one_line(command("get", "zild:1", **variables)[2])
        assert "answered 429" in one_line(command("get", "zild:1", **variables)[2])


def test_a_fault_can_be_of_one_conversation(command: Run) -> None:
    with serving("--fault", "not-found@zild:3") as (_, variables):
        assert "zild:3: the provider answered 404" in one_line(command("get", "zild:3", **variables)[2])
        assert command("get", "zild:4", **variables)[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "nonsense"], f"'nonsense' is not a fault; expected one of {', '.join(Fault)}; see"),
        (["--fault", "a\x1b[2J\nb"], "is not a fault"),
        (["--fault", "reset=2"], "probability must be a number from 0 to 1"),
        (["--fault", "reset=often"], "the probability of a fault must be a number from 0 to 1, got 'often'"),
        (["--fault", "reset@zild"], "a ref must be a provider name, a colon and an id"),
        (["--fault", "not-found@zild:3..5"], "a conversation id of zild must be"),
        (["--fault", "status"], "status needs a status"),
        (["--requests-per-second", "0"], "0.0 is not in the range x>0"),
        (["--requests-per-second", "inf"], "inf is not in the range x>0"),
        (["--requests-per-second", "nan"], "nan is not in the range x>0"),
        (["--port", "65536"], "65536 is not in the range 0<=x<=65535"),
        (["--seed", "x"], "'x' is not a valid integer"),
        (["--bodies", "nowhere"], "Directory 'nowhere' does not exist"),
        (["--bodies", "/"], "/ contains no zild/*.json or superagentes/*.json"),
        (["8080"], "unexpected extra argument (8080)"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(command: Run, options: list[str], message: str) -> None:
    code, out, err = command("sandbox", *options)
    assert (code, out) == (2, "")
    assert message in one_line(err)
    assert err.endswith("; see conversas sandbox --help\n")


def test_a_port_that_is_taken_is_told_in_one_line(sandbox: Sandbox) -> None:
    result = conversas("sandbox", "--port", str(port_of(sandbox)))
    assert (result.returncode, result.stdout) == (2, b"")
    assert one_line(result.stderr) == f"error: port {port_of(sandbox)} cannot be used: Address already in use"


def test_help_and_the_page_name_every_fault(command: Run) -> None:
    _, shown, _ = command("sandbox", "--help")
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    assert " ".join(shown.partition("Names of faults:")[2].split()).split(", ") == list(Fault)
    assert re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE) == list(Fault)
