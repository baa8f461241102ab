"""Schemathesis judges the sandbox by the specs: it draws requests, valid and not, and checks each answer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis

from conversas.sandbox import Fault, Rule, Sandbox
from support.generated import PROVIDERS
from support.processes import ROOT, run
from support.raw_http import PATHS, credentials, id_of, segment
from support.sizes import size
from support.written_times import can_spoil

ST = Path(sys.executable).with_name("st")
EXAMPLES = size(200, reduced=20)

EXCLUDED = {
    # It takes no other status than 401 for a missing Authorization. The spec of Superagentes says, as inferred: 403
    # comes there, and so does the sandbox. That the request is refused is held by ignored_auth, which is on.
    "superagentes": ["missing_required_header"],
}

REFUSALS = {"zild": (401,), "superagentes": (403,)}
FOR_ANY_ID = "positive_data_acceptance"
"""It takes no refusal of what the spec allows, and no spec says which texts are ids."""
FINDINGS = {
    Fault.UNKNOWN_ENUM_VALUE: "Response violates schema",
    Fault.UNEXPECTED_NULL: "Response violates schema",
    Fault.NAIVE_DATE: "Response violates schema",
    Fault.TRUNCATED_JSON: "JSON deserialization error",
    Fault.INTERNAL_ERROR: "Server error",
}

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def takes_any_id(provider: str) -> bool:
    """Return whether every id that fits the spec has a conversation in the sandbox."""
    return id_of(provider, 0) == "0"


def judge(provider: str, sandbox: Sandbox, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run all checks but those excluded, in all phases. What they leave behind goes to a folder."""
    platform = sandbox.provider(provider)
    spec = ROOT / "openapi" / f"{provider}.yaml"
    [(name, value)] = credentials(PATHS[provider], str(platform.token)).items()
    command: list[str | Path] = [
        ST,
        "--no-color",
        "run",
        spec,
        "--url",
        platform.base_url,
        "-H",
        f"{name}: {value}",
        "-n",
        str(EXAMPLES),
    ]
    checks = [*EXCLUDED.get(provider, ()), *([] if takes_any_id(provider) else [FOR_ANY_ID])]
    excluded = [f"--exclude-checks={check}" for check in checks]
    return run(*command, "--checks=all", *excluded, *options, cwd=folder)


@each_provider
def test_no_request_that_is_drawn_from_a_spec_gets_an_answer_against_it(provider: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        verdict = judge(provider, sandbox, tmp_path, "--continue-on-failure")
        counts, methods = sandbox.counts, {request.method for request in sandbox.requests}
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert counts.requests > EXAMPLES
    assert counts.statuses[200] > (EXAMPLES / 2 if takes_any_id(provider) else 0)
    refusals = REFUSALS.get(provider, (401, 403))
    assert sum(counts.statuses[status] for status in refusals) > 1  # without a token, and with a wrong one
    assert {"GET", "POST", "PUT", "DELETE"} <= methods


def test_what_it_finds_fails_the_run(tmp_path: Path) -> None:
    with Sandbox(rules=[Rule(Fault.NAIVE_DATE)]) as sandbox:
        verdict = judge("zild", sandbox, tmp_path, "--phases", "examples")
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert re.findall(r"^- ST\d+ (.+?)(?: \(\d+ violations\))?$", verdict.stdout, re.MULTILINE) == [
        "Response violates schema"
    ]


@each_provider
def test_the_judge_is_awake(provider: str) -> None:
    schema = schemathesis.openapi.from_path(ROOT / "openapi" / f"{provider}.yaml")
    with Sandbox() as sandbox:
        platform = sandbox.provider(provider)
        headers = {**credentials(PATHS[provider], str(platform.token))}
        [(path, methods)] = ((path, each) for path, each in schema.raw_schema["paths"].items() if "{" in path)
        [name] = (each["name"] for each in methods["get"]["parameters"] if each["in"] == "path")
        case = schema[path]["GET"].Case(path_parameters={name: segment(provider, 1)}, headers=headers)
        case.call_and_validate(base_url=platform.base_url)
        for fault, finding in FINDINGS.items():
            if not can_spoil(fault, provider):
                continue
            sandbox.rules = [Rule(fault)]
            with pytest.raises(schemathesis.errors.FailureGroup) as found:
                case.call_and_validate(base_url=platform.base_url)
            assert {failure.title for failure in found.value.exceptions} == {finding}
