"""Providers of the sandbox: one file each, one list, and a third one that another package adds."""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas.providers import PROVIDERS
from conversas.providers.base import env_prefix
from conversas.sandbox import Fault, Sandbox
from conversas.sandbox.platforms import platforms
from conversas.sandbox.platforms.base import SandboxPlatform
from support.processes import ROOT, output, run

pytest_plugins = ["conversas.testing.fixtures"]

SANDBOX = ROOT / "overrides" / "conversas" / "sandbox"
EDITS = [Fault.UNKNOWN_ENUM_VALUE, Fault.UNKNOWN_FIELD, Fault.UNEXPECTED_NULL, Fault.NAIVE_DATE, Fault.CUT_EMOJI]
OWN_FILES = {f"platforms/{name}.py" for name in PROVIDERS}


def docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the nodes of docstrings, and of those below fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def strings(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    silent = {*docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.value


@pytest.mark.parametrize("name", PROVIDERS)
def test_only_the_file_of_a_provider_names_it(name: str) -> None:
    files = [file for file in SANDBOX.rglob("*.py") if file.relative_to(SANDBOX).as_posix() not in OWN_FILES]
    assert len(files) > 10
    assert [(file.name, text) for file in files for text in strings(file) if name in text] == []


def test_each_file_holds_one_provider() -> None:
    assert {f"platforms/{name}.py" for name in platforms()} == OWN_FILES
    assert all((SANDBOX / file).exists() for file in OWN_FILES)


def test_the_configuration_of_a_provider_is_found_by_its_name(sandbox: Sandbox) -> None:
    assert sandbox.provider("zild") == sandbox.zild
    assert sandbox.provider("superagentes") == sandbox.superagentes
    with pytest.raises(ValueError, match=f"expected one of: {', '.join(PROVIDERS)}"):
        sandbox.provider("acme")


def test_the_environment_leads_to_the_same_tokens(sandbox: Sandbox) -> None:
    assert {name: sandbox.env[name] for name in sandbox.env if name.startswith(("ZILD_", "SUPERAGENTES_"))} == {
        "ZILD_BASE_URL": sandbox.zild.base_url,
        "ZILD_TOKEN": sandbox.zild.token,
        "ZILD_ACCOUNT": sandbox.zild.account,
        "SUPERAGENTES_BASE_URL": sandbox.superagentes.base_url,
        "SUPERAGENTES_TOKEN": sandbox.superagentes.token,
        "SUPERAGENTES_ACCOUNT": sandbox.superagentes.account,
    }
    assert [sandbox.env["ZILD_TOKEN"], sandbox.env["SUPERAGENTES_BASE_URL"]] == [
        sandbox.zild.token,
        sandbox.superagentes.base_url,
    ]


def test_the_environment_has_the_address_and_the_token_of_each_provider(sandbox: Sandbox) -> None:
    variables = {f"{env_prefix(name)}_{part}" for name in PROVIDERS for part in ("BASE_URL", "TOKEN", "ACCOUNT")}
    assert sandbox.env.keys() == variables
    for name in PROVIDERS:
        assert sandbox.provider(name).base_url == sandbox.env[f"{env_prefix(name)}_BASE_URL"]
        assert sandbox.provider(name).token == sandbox.env[f"{env_prefix(name)}_TOKEN"]


def test_there_is_no_environment_unless_it_serves() -> None:
    for use in (lambda sandbox: sandbox.env, lambda sandbox: sandbox.provider("zild")):
        with pytest.raises(RuntimeError, match="not serving"):
            use(Sandbox())


# A provider of another package


def installed(folder: Path, *entries: str, group: str = "conversas.sandbox") -> list[str]:
    """Return the paths on which a package with these entry points is installed."""
    for number, entry in enumerate(entries):
        info = folder / f"acme{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme{number}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
    return [str(folder), str(Path(__file__).parent)]


SERVE = """
import http.client, json, sys
sys.path[:0] = {paths}
from pathlib import Path
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.sandbox.bodies import body, find_body_files

SETTINGS = dict(status={{"status": 418}}, hang={{"seconds": 0}}, huge={{"megabytes": 0.01}})
SETTINGS |= {{"gzip-bomb": {{"megabytes": 0.01}}}}

def get(path, key=None):
    connection = http.client.HTTPConnection(sandbox.url.partition("//")[2], timeout=60)
    connection.request("GET", path, headers={{"X-Api-Key": key}} if key else {{}})
    try:
        response = connection.getresponse()
        return response.status, response.read().decode("latin-1")
    except (http.client.HTTPException, ConnectionError) as error:
        return type(error).__name__, ""
    finally:
        connection.close()

with Sandbox(requests_per_second=1e6, bodies={{"acme:b2": b"custom"}}) as sandbox:
    key, path = sandbox.env["ACME_API_KEY"], "/acme/v1/chats/"
    found = {{
        "env": [*sandbox.env],
        "same": sandbox.provider("acme").api_key == key,
        "url": sandbox.provider("acme").base_url == sandbox.url + "/acme/v1" == sandbox.env["ACME_URL"],
        "right": get(path + "a1", key) == (200, body("acme", "A1").decode()) == (200, sandbox.body("acme:a1").decode()),
        "custom": get(path + "B2", key),
        "refused": [get(path + "a1"), get(path + "a1", "wrong"), get(path + "a1", str(sandbox.superagentes.token))],
        "invalid": get(path + "1a", key),
        "refs": sandbox.counts.refs,
        "faults": {{}},
    }}
    for fault in Fault:
        sandbox.rules = [Rule(fault, provider="acme", **SETTINGS.get(fault.value, {{}}))]
        found["faults"][fault] = get(path + "a1", key)
    found["counted"] = sandbox.counts.faults == {{fault: 1 for fault in Fault}}
    found["files"] = [*find_body_files(Path({folder!r}))]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("acme")
    (folder / "acme").mkdir()
    (folder / "acme" / "c3.json").write_text("{}")
    paths = installed(folder, "acme = acme:PLATFORM")
    found: dict[str, Any] = json.loads(
        output(sys.executable, "-c", SERVE.format(paths=paths, folder=str(folder)), cwd=ROOT)
    )
    return found


def test_a_third_provider_is_served_with_its_own_ids_and_bodies(served: dict[str, Any]) -> None:
    assert served["right"]
    assert served["custom"] == [200, "custom"]
    assert served["invalid"] == [400, "acme"]
    assert served["files"] == ["acme:C3"]
    assert served["refs"] == {"acme:A1": 4, "acme:B2": 1, "acme:1a": 1}


def test_a_third_provider_reads_its_credential_itself(served: dict[str, Any]) -> None:
    assert served["refused"][:2] == [[401, "absent"], [401, "refused"]]


def test_a_third_provider_leads_its_clients_there(served: dict[str, Any]) -> None:
    assert served["env"] == [
        *(f"{env_prefix(name)}_{part}" for name in PROVIDERS for part in ("BASE_URL", "TOKEN", "ACCOUNT")),
        *("ACME_URL", "ACME_API_KEY"),
    ]
    assert served["same"]
    assert served["url"]


def test_every_fault_strikes_a_third_provider(served: dict[str, Any]) -> None:
    faults = {Fault(name): tuple(answer) for name, answer in served["faults"].items()}
    assert served["counted"]
    assert faults.keys() == {*Fault}
    assert (faults[Fault.INTERNAL_ERROR], faults[Fault.FORBIDDEN]) == ((500, "acme"), (403, "acme"))
    bodies = {fault: json.loads(faults[fault][1]) for fault in (*EDITS, Fault.OTHER_ID, Fault.HUGE)}
    assert bodies[Fault.UNKNOWN_ENUM_VALUE]["kind"] == "carrier-pigeon"
    assert bodies[Fault.UNEXPECTED_NULL]["kind"] is None
    assert bodies[Fault.UNKNOWN_FIELD].keys() == {"chat", "kind", "messages", "schemaRevision"}
    assert [message["at"] for message in bodies[Fault.NAIVE_DATE]["messages"]] == ["2024-01-01T00:00:00"] * 3
    assert bodies[Fault.CUT_EMOJI]["messages"][-1]["words"].endswith("\ud83d")
    assert bodies[Fault.OTHER_ID]["chat"] == "A10"
    assert len(bodies[Fault.HUGE]["messages"][0]["words"]) > 9_000


LIST = """
import sys
sys.path[:0] = {paths}
import conversas
from conversas.sandbox import Sandbox
try:
    Sandbox()
except conversas.ConfigurationError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            ["acme = acme:PLATFORM", "other = acme:PLATFORM"],
            "provider names must be unique in the sandbox, got 'acme' from both acme:PLATFORM and acme:PLATFORM",
        ),
        (
            ["zild = acme:SECOND_ZILD"],
            "provider names must be unique in the sandbox, got 'zild' from both "  # noqa: ISC004  # one message
            "conversas.sandbox.platforms.zild:SANDBOX and acme:SECOND_ZILD",
        ),
        (
            ["acme = acme:NO_PLATFORM"],
            "entry point acme:NO_PLATFORM must be an instance of SandboxPlatform, got ABCMeta",
        ),
    ],
)
def test_an_entry_point_that_cannot_be_used_is_refused(tmp_path: Path, entries: list[str], message: str) -> None:
    paths = installed(tmp_path, *entries)
    assert output(sys.executable, "-c", LIST.format(paths=paths), cwd=ROOT) == f"{message}\n"


def test_an_abstract_provider_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        SandboxPlatform()


def test_importing_the_sandbox_reads_neither_phrases_nor_entry_points() -> None:
    code = "import sys, conversas.sandbox; print({'tomllib', 'importlib.metadata'} & sys.modules.keys())"
    result = run(sys.executable, "-c", code, cwd=ROOT)
    assert (result.stdout, result.stderr) == ("set()\n", "")
