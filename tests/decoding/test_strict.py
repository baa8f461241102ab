"""The strict way and the slow way read the same of every body."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from conversas import DriftKind, decode
from conversas.decoding.layout import are_readable
from conversas.decoding.strict import MAX_LEARNED
from fuzz import mutate
from support import mutations
from support.examples import OUTCOMES, body_of
from support.generated import PROVIDERS
from support.mutations import Changes, changes, disjoint
from support.two_ways import difference, fresh_decoder

BODIES = [(name.partition("/")[0], body_of(name)) for name in OUTCOMES]
SMALL = [(provider, body) for provider, body in BODIES if body.startswith(b"{") and len(body) < 5000]

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_example_is_read_alike_before_and_after_what_drifts_in_it_is_learned(name: str) -> None:
    provider, body = name.partition("/")[0], body_of(name)
    strict = fresh_decoder(provider)
    assert [difference(provider, body, strict) for _ in range(2)] == [None, None]


@each_provider
@given(data=st.data())
def test_bodies_that_differ_somewhere_are_read_alike_whatever_was_learned(provider: str, data: DataObject) -> None:
    strict = fresh_decoder(provider)
    anywhere = st.sampled_from([place for kind in DriftKind for place in mutations.places(provider, kind)])
    several = st.lists(anywhere, min_size=1, max_size=3).filter(disjoint)
    drawn: Changes = data.draw(several.flatmap(lambda chosen: changes(provider, chosen)))
    bodies = [drawn.made(*drawn.changes[:count]) for count in range(len(drawn.changes) + 1)]
    for body in (*bodies, *bodies[::-1]):
        assert difference(provider, json.dumps(body).encode(), strict) is None


def test_mutated_bodies_are_read_alike() -> None:
    chance = random.Random(settings().max_examples)
    for number in range(settings().max_examples * 5):
        if number % 100 == 0:
            strict = {provider: fresh_decoder(provider) for provider in PROVIDERS}
        provider, original = chance.choice(SMALL)
        body = mutate(json.loads(original.decode("utf-8", "replace")), chance)
        assert difference(provider, body, strict[provider]) is None, body


ODD_VALUES = [
    2**31,
    -(2**31) - 1,
    2**63,
    2**64,
    87.0,
    1.5,
    1e30,
    True,
    None,
    "87",
    "",
    "2026-03-01T24:00:00",
    "2026-W09-7T10:00:00",
    "x\n",
    [],
    {},
]


def places(value: Any) -> Iterator[tuple[Any, str]]:
    """Yield each object in a body with each of its names."""
    if isinstance(value, dict):
        yield from ((value, name) for name in value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from places(item)


@each_provider
def test_each_property_with_each_odd_value_is_read_alike(provider: str) -> None:
    untouched = json.loads(body_of(f"{provider}/sample"))
    for number, (_, name) in enumerate([*places(untouched)]):
        strict = fresh_decoder(provider)
        for value in ODD_VALUES:
            body = copy.deepcopy(untouched)
            holder = [*places(body)][number][0]
            holder[name] = value
            assert difference(provider, json.dumps(body).encode(), strict, learn=False) is None, (name, value)


@each_provider
@pytest.mark.parametrize(
    "body", [b"{}", b'{"id": null}', b'{"title": "x"}', b'{"messages": []}', b'{"userName": "Ana"}']
)
def test_what_is_hardly_a_conversation_is_read_alike(provider: str, body: bytes) -> None:
    assert difference(provider, body, fresh_decoder(provider)) is None


@each_provider
def test_the_sample_of_a_spec_is_read_strictly(provider: str) -> None:
    assert fresh_decoder(provider).decode(body_of(f"{provider}/sample"))


def test_what_drifted_before_is_read_strictly_the_next_time() -> None:
    strict = fresh_decoder("zild")
    body = json.dumps({**json.loads(body_of("zild/sample")), "score": "87", "agentType": 42, "new": [1]}).encode()
    assert strict.decode(body) is None
    strict.learn(decode("zild", body).drift)
    decoded = strict.decode(body)
    assert decoded is not None
    assert decoded.result.drift == decode("zild", body).drift
    assert decoded.to_model() == decode("zild", body).source


@pytest.mark.parametrize("levels", [90, 300])
@pytest.mark.parametrize("place", ["body", "message"])
def test_a_property_that_was_learned_is_read_alike_however_deep_it_is(place: str, levels: int) -> None:
    strict = fresh_decoder("zild")
    body: dict[str, Any] = json.loads(body_of("zild/sample"))
    holder = body if place == "body" else body["messages"][0]
    for value in ([], json.loads("[" * levels + "]" * levels)):
        holder["new"] = value
        assert difference("zild", json.dumps(body).encode(), strict) is None


def test_a_body_that_names_new_properties_for_ever_is_learned_up_to_a_limit() -> None:
    strict = fresh_decoder("zild")
    sample: dict[str, Any] = json.loads(body_of("zild/sample"))
    for number in range(MAX_LEARNED + 2):
        body = json.dumps({**sample, f"new{number}": 1}).encode()
        strict.learn(decode("zild", body).drift)
        assert (strict.decode(body) is not None) == (number < MAX_LEARNED)


@pytest.mark.parametrize(
    ("text", "is_readable"),
    [
        ("2026-03-01T10:00:07.1104217", True),
        ("2026-03-01 10:00:07Z", True),
        ("2026-03-01T10:00", True),
        ("2026-03-01T10:00:07-03:00", True),
        ("2026-03-01T10:00:07,5", True),
        ("2026-03-01T24:00:00", False),
        ("2026-03-01T10:00:07+03:60", False),
        ("2026-03-01T10:00:07+0300", False),
        ("20260301T100007", False),
        ("2026-W09-7T10:00:00", False),
        ("2026-03-01", False),
        ("2026-03-01T10:00:07\n2026-03-01", False),
        ("\uff12026-03-01T10:00:07", False),
    ],
)
def test_times_are_readable_in_the_forms_of_the_schema_alone(text: str, *, is_readable: bool) -> None:
    assert are_readable(["2026-03-01T10:00:07", text]) == is_readable
