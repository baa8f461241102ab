"""What decode makes of each recorded oddity, whichever platform it is of: notes, completeness, drift and id."""

import re
from typing import Any

import pytest

from conversas import ConfigurationError, ConversationRef, decode
from conversas.providers import PROVIDERS
from support.examples import EXAMPLES, OUTCOMES, body_of, example


def test_every_example_is_looked_at_and_has_a_line_in_the_readme() -> None:
    paths = [file.relative_to(EXAMPLES).as_posix() for file in sorted(EXAMPLES.glob("*/*")) if file.name != "lists"]
    files = [path for path in paths if not path.endswith(".neutral.json")]
    assert sorted([*OUTCOMES, "superagentes/null"]) == [name.removesuffix(".json") for name in files]
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    assert re.findall(r"^\| `(\S+)` \| .+ \| (?:doc|up|inf)(?:, (?:up|inf))? \|$", readme, re.MULTILINE) == files


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_example_has_these_notes_completeness_and_drift(name: str) -> None:
    conversation = example(name)
    drift = sorted(f"{seen.path}: {seen.kind}, {seen.found} instead of {seen.expected}" for seen in conversation.drift)
    assert {
        "notes": " ".join(conversation.notes),
        "completeness": repr(conversation.completeness).removeprefix("<Completeness ").removesuffix(">"),
        "drift": drift,
    } == OUTCOMES[name]
    assert conversation.raw == body_of(name)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_id_of_an_example_is_its_ref(name: str) -> None:
    conversation = example(name)
    assert str(conversation.ref) == f"{conversation.provider}:{conversation.id}"


def test_another_id_than_the_one_asked_for_is_noted() -> None:
    conversation = example("zild/voice-call", ref="zild:7")
    assert (conversation.id, conversation.ref) == ("48212", ConversationRef("zild", "7"))
    assert "id-mismatch" in conversation.notes
    assert repr(conversation.completeness) == "<Completeness unknown: id-mismatch>"


@pytest.mark.parametrize("ref", ["zild:48212", ConversationRef("zild", "48212")], ids=type)
def test_the_id_that_was_asked_for_is_no_mismatch(ref: Any) -> None:
    assert example("zild/voice-call", ref=ref) == example("zild/voice-call")


def test_the_id_that_was_asked_for_stands_in_for_one_that_is_missing() -> None:
    conversation = decode("zild", b'{"id": 0}', ref="zild:7")
    assert (conversation.id, str(conversation.ref)) == ("7", "zild:7")
    assert "id-mismatch" not in conversation.notes
    assert decode("zild", b'{"contactName": null}').ref is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"provider": "nobody"}, f"unknown provider; expected one of: {', '.join(PROVIDERS)}"),
        ({"body": "{}"}, "`body` must be bytes, got str; read the file in binary mode"),
        ({"ref": "superagentes:7"}, "the ref superagentes:7 does not belong to the provider zild"),
        ({"ref": "zild"}, "a ref must be a provider name, a colon and an id, for example zild:123"),
        (
            {"timezone": "Nowhere/City"},
            "`timezone` must be the name of a time zone, for example UTC or America/Sao_Paulo",
        ),
        ({"on_drift": "ignore"}, '`on_drift` must be "keep" or "raise"'),
    ],
)
def test_a_wrong_argument_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        decode(**{"provider": "zild", "body": b"{}", **arguments})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "arguments",
    [{"body": bytearray(b"{}")}, {"body": "Forbidden"}, {"body": 5}, {"ref": 48212}, {"timezone": None}],
    ids=str,
)
def test_an_argument_of_another_type_is_a_configuration_error(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        decode(**{"provider": "zild", "body": b"{}", **arguments})
