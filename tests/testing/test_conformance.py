"""Both providers conform, by each example without drift; and a provider that does not is found out."""

import inspect
import json
import sys
from typing import Any

import pytest

from conversas.testing import conformance
from conversas.testing.body_mutations import locations
from conversas.testing.conformance import CHECKS, Check, run
from support.examples import WITHOUT_DRIFT, body_of
from support.generated import PROVIDERS
from support.processes import ROOT, output

CANARY = "Minha senha é canário"


SAMPLES = {provider: body_of(f"{provider}/sample") for provider in PROVIDERS}

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
each_provider = pytest.mark.parametrize("provider", SAMPLES)


@each_check
@pytest.mark.parametrize("name", WITHOUT_DRIFT)
def test_a_provider_conforms(check: Check, name: str) -> None:
    check(name.partition("/")[0], body_of(name))


@each_provider
def test_all_checks_can_be_run_at_once(provider: str) -> None:
    assert run(provider, [SAMPLES[provider]]) == []


@each_provider
def test_the_sample_shows_the_checks_every_property_of_the_spec(provider: str) -> None:
    places = locations(provider, json.loads(SAMPLES[provider]))
    definitions = places[0].schema["definitions"]
    shown = {str(place.path[-1]) for place in places[1:]}
    assert {name for definition in definitions.values() for name in definition["properties"]} <= shown


def test_every_check_of_the_module_is_run() -> None:
    functions = inspect.getmembers(conformance, inspect.isfunction)
    public = {name for name, each in functions if each.__module__ == conformance.__name__ and not name.startswith("_")}
    assert public - {"run"} == {check.__name__ for check in CHECKS}


def test_no_test_framework_is_imported() -> None:
    code = "import sys, conversas.testing.conformance; print({'pytest', 'hypothesis', 'unittest'} & sys.modules.keys())"
    assert output(sys.executable, "-c", code, cwd=ROOT).strip() == "set()"


@pytest.mark.parametrize("module", ["conversas.testing.conformance", "conversas.decoding.decoder"])
def test_decode_is_the_function_whatever_was_imported_before(module: str) -> None:
    code = f"import {module}; from conversas import decode; print(callable(decode))"
    assert output(sys.executable, "-c", code, cwd=ROOT) == "True\n"


BAD: list[tuple[Check, dict[str, Any], str]] = [
    (conformance.decodes_without_drift, {"agentType": 77}, "unexpected drift: unknown-value at /agentType"),
    (
        conformance.reports_unknown_properties_and_nothing_else_changes,
        {"score": CANARY},
        "unexpected drift: wrong-type at /score",
    ),
    (
        conformance.reports_each_wrong_type_and_loads,
        {"createdAt": CANARY, "score": 5},
        "unexpected drift: bad-format at /createdAt",
    ),
    (
        conformance.reports_each_unlisted_value_and_loads,
        {"agentType": 2, "score": None},
        "unexpected drift: unexpected-null at /score",
    ),
    (
        conformance.takes_each_property_for_optional,
        {"score": CANARY, "id": 5},
        "unexpected drift: wrong-type at /score",
    ),
]


@pytest.mark.parametrize(("check", "body", "message"), BAD, ids=lambda value: getattr(value, "__name__", ""))
def test_a_check_that_fails_names_the_place_and_shows_no_content(check: Check, body: Any, message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check("zild", json.dumps(body).encode())
    assert str(caught.value) == message


@each_check
def test_no_check_passes_without_a_provider(check: Check) -> None:
    with pytest.raises(Exception, match=r"raised ConfigurationError|unknown provider"):
        check("nobody", SAMPLES["zild"])


@pytest.mark.parametrize("body", [b"", b"[]", b"null", CANARY.encode()], ids=["nothing", "a list", "null", "text"])
def test_what_is_no_conversation_fails_in_a_run_without_its_content(body: bytes) -> None:
    failures = run("zild", [SAMPLES["zild"], body])
    assert {failure.body for failure in failures} == {1}
    assert {check.__name__ for check in CHECKS} - {failure.check for failure in failures} <= {
        "null_raises_not_found",
        "invalid_json_raises_decode_error_with_the_bytes",
    }
    assert CANARY not in repr(failures)
