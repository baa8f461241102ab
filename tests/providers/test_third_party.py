"""A provider of another package, installed beside this one: everything knows it, and nothing here names it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversas.sandbox import Sandbox
from support.processes import ROOT, run, uv
from tools.regenerate.__main__ import main as regenerate

PROJECT = ROOT / "tests" / "data" / "acme"
REF = "acme:team/42"
FETCH = """
import json
from acme_conversas.provider import Acme
from conversas import Client, Fetched, decode
from conversas.sandbox import Sandbox
from conversas.testing import conformance

with Sandbox() as sandbox, Client(sandbox.provider("acme"), sandbox.zild) as client:
    conversation = client.get("acme:team/42")
    many = list(client.get_many(["acme:team/1", "zild:1", "acme:Team/2"]))
    request = sandbox.requests[0]
    print(json.dumps({
        "conversation": conversation.to_dict(),
        "many": sorted(str(outcome.ref) for outcome in many if isinstance(outcome, Fetched)),
        "target": request.target,
        "key": request.headers["x-acme-key"] == sandbox.env["ACME_TOKEN"],
        "authorization": "authorization" in request.headers,
        "failures": [str(failure) for failure in conformance.run("acme", [sandbox.body("acme:team/42")])],
        "drift": [each.kind for each in decode("acme", b'{"kind": 7, "lines": [null]}').drift],
        "config": repr(Acme("secret")),
    }))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that has the package, generated from its own spec and installed."""
    project, site = tmp_path_factory.mktemp("acme") / "project", tmp_path_factory.mktemp("site")
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    assert regenerate(["--root", str(project), "--package", "acme_api"]) == 0
    options = ("--no-deps", "--no-build-isolation", "--python", sys.executable, "--target", site)
    uv("pip", "install", "--quiet", *options, project, cwd=project)
    return site


@pytest.fixture(scope="module")
def environment(site: Path) -> Iterator[dict[str, str]]:
    """Return the variables that lead the command line to a sandbox that runs in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    variables = kept | {"PYTHONPATH": str(site), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "conversas", "sandbox", "--until-stdin-closes"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=variables, text=True, **pipes) as process:  # type: ignore[call-overload]
        with Sandbox() as sandbox:
            wanted = {*sandbox.env, "ACME_BASE_URL", "ACME_TOKEN"}
        exports = dict[str, str]()
        while not wanted <= exports.keys():
            match = re.fullmatch(r"export (\w+)=(\S+)\n", process.stdout.readline())
            assert match
            exports[match[1]] = match[2]
        yield variables | exports
        process.stdin.close()


def conversas(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conversas", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_client_fetches_from_it_with_its_own_key_query_and_ids(site: Path) -> None:
    program = f"import sys; sys.path.insert(0, {str(site)!r}){FETCH}"
    finished = run(sys.executable, "-W", "error", "-c", program, cwd=site)
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["conversation"]["ref"] == REF
    assert len(found["conversation"]["messages"]) == 3
    assert found["many"] == ["acme:Team/2", "acme:team/1", "zild:1"]
    assert found["target"] == "/acme/v1/chats/team%2F42?include=lines&include=people%20%26%20pets"
    assert (found["key"], found["authorization"]) == (True, False)
    assert found["failures"] == []
    assert sorted(found["drift"]) == ["unexpected-null", "wrong-type"]
    assert found["config"] == "Acme('https://acme.example/v1')"


def test_the_sandbox_of_the_command_line_leads_to_it(environment: dict[str, str]) -> None:
    assert environment["ACME_BASE_URL"].endswith("/acme/v1")
    assert environment["ACME_TOKEN"]


def test_get_prints_one_of_its_conversations(environment: dict[str, str]) -> None:
    finished = conversas(environment, "get", REF)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith(f"{REF}  closed, complete, 3 messages")
    wrong = conversas(environment, "get", "acme:42")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "an id of Acme must be a team and a number" in wrong.stderr


def test_an_export_holds_its_conversations(environment: dict[str, str], tmp_path: Path) -> None:
    refs = tmp_path / "refs.txt"
    refs.write_text("".join(f"team/{number}\n" for number in range(20)))
    finished = conversas(environment, "export", refs, "--provider", "acme", "--to", tmp_path / "export", "--raw")
    assert finished.returncode == 0, finished.stderr
    assert "20 fetched, 0 failed" in finished.stderr
    assert conversas(environment, "verify", tmp_path / "export").returncode == 0
    assert "20 fetched, 20 of them complete" in conversas(environment, "status", tmp_path / "export").stdout
    assert conversas(environment, "drift", tmp_path / "export", "--patch").stdout == "[]\n"
    again = ("export", refs, "--provider", "acme", "--to", tmp_path / "export")
    other = conversas(environment | {"ACME_ACCOUNT": "loja"}, *again)
    assert (other.returncode, other.stdout) == (2, "")
    assert (
        f"acme with the account {environment['ACME_BASE_URL']}, but this run has loja; use the same account ("
        in other.stderr
    )


def test_doctor_checks_it(environment: dict[str, str]) -> None:
    finished = conversas(environment, "doctor")
    assert finished.returncode == 0, finished.stdout
    assert "\nacme\n" in finished.stdout
    assert "from ACME_TOKEN" in finished.stdout
    refused = conversas(environment | {"ACME_TOKEN": "wrong"}, "doctor")
    assert refused.returncode == 1
    assert "rejects the token" in refused.stdout


def test_the_version_names_its_spec(environment: dict[str, str]) -> None:
    assert "acme 0.3.0" in conversas(environment, "--version").stdout


def test_a_package_that_takes_the_name_of_another_provider_is_refused(site: Path, tmp_path: Path) -> None:
    info = tmp_path / "impostor-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: impostor\nVersion: 1.0\n")
    for name, message in (
        ("zild", "the provider name zild is registered twice: by conversas and acme_conversas.provider:PROVIDER"),
        ("other", "the entry point acme_conversas.provider:PROVIDER .* must be a Provider named other"),
    ):
        (info / "entry_points.txt").write_text(f"[conversas.providers]\n{name} = acme_conversas.provider:PROVIDER\n")
        program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(site)!r}]\n"
        program += "from conversas import decode\nfrom conversas.providers import get_provider\nget_provider('other')"
        finished = run(sys.executable, "-c", program, cwd=tmp_path)
        assert finished.returncode == 1
        assert re.search(message, finished.stderr), finished.stderr
