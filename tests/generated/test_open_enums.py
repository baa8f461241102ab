"""Open enums: a value that no spec lists gives a member that behaves like the value, and is not listed."""

import copy
import pickle
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from support.generated import INTEGER_ENUMS, PROVIDERS, STRING_ENUMS, title
from support.processes import ROOT
from tools.regenerate.spec import load_yaml
from conversas_api.zild.models import AgentType

KINDS = [*INTEGER_ENUMS, *STRING_ENUMS]
CANARY = "canary"

each_kind = pytest.mark.parametrize("kind", KINDS, ids=title)


def unknown(kind: type[Enum]) -> st.SearchStrategy[Any]:
    """Draw values that an enum does not list."""
    drawn = st.integers() if issubclass(kind, int) else st.text()
    return drawn.filter(lambda value: value not in kind._value2member_map_)


def twins(member: Any) -> list[Any]:
    """Copy a member in every way that Python has."""
    pickles = [pickle.dumps(member, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    return [*map(pickle.loads, pickles), copy.copy(member), copy.deepcopy(member)]


def enums_of(provider: str) -> dict[str, str]:
    """Return the type of each enum in the spec of a provider."""
    schemas = load_yaml(ROOT / "openapi" / f"{provider}.yaml")["components"]["schemas"]
    return {f"{provider}.{name}": schema["type"] for name, schema in schemas.items() if "enum" in schema}


def test_each_enum_of_each_spec_is_an_open_one() -> None:
    wanted = {name: kind for provider in PROVIDERS for name, kind in enums_of(provider).items()}
    assert {title(kind): "integer" for kind in INTEGER_ENUMS} | {title(kind): "string" for kind in STRING_ENUMS} == wanted
    assert [*enums_of("zild").values()] == ["integer"] * 4
    assert [*enums_of("superagentes").values()] == ["string"] * 4


@each_kind
def test_a_listed_value_gives_the_one_known_member(kind: Any) -> None:
    for member in kind:
        assert kind(member.value) is member
        assert kind(member) is member
        assert member.is_known
        assert member == member.value
        assert hash(member) == hash(member.value)
        assert all(twin is member for twin in twins(member))


@each_kind
@given(data=st.data())
def test_an_unlisted_value_gives_a_member_like_it(kind: Any, data: DataObject) -> None:
    value = data.draw(unknown(kind))
    member = kind(value)
    for twin in (member, *twins(member)):
        assert type(twin) is kind
        assert twin.is_known is False
        assert twin.name == "UNKNOWN"
        assert type(twin.value) is type(value)
        assert twin == member == value
        assert hash(twin) == hash(value)
        assert {value: "found"}[twin] == "found"


@each_kind
@given(data=st.data())
def test_an_unlisted_value_is_not_kept(kind: Any, data: DataObject) -> None:
    listed, value = list(kind), data.draw(unknown(kind))
    assert kind(value) is not kind(value)
    assert list(kind) == listed
    assert value not in kind._value2member_map_


@each_kind
def test_members_of_one_value_are_equal_and_others_differ(kind: Any) -> None:
    one, other = (4242, 4243) if issubclass(kind, int) else ("one", "other")
    assert kind(one) == kind(one)
    assert kind(one) != kind(other)
    assert kind(one) not in list(kind)


@pytest.mark.parametrize("value", [True, False, 1.0, 271.828, None, b"canary", [CANARY], {CANARY: 1}], ids=repr)
@each_kind
def test_a_value_of_another_type_raises_without_showing_it(kind: Any, value: Any) -> None:
    wanted = "int" if issubclass(kind, int) else "str"
    with pytest.raises(TypeError) as caught:
        kind(value)
    assert str(caught.value) == f"{kind.__name__} takes {wanted}, not {type(value).__name__}"


@pytest.mark.parametrize("kind", INTEGER_ENUMS, ids=title)
def test_digits_are_no_integer(kind: Any) -> None:
    with pytest.raises(TypeError, match="takes int, not str"):
        kind("1")


@pytest.mark.parametrize("kind", STRING_ENUMS, ids=title)
def test_a_number_is_no_string(kind: Any) -> None:
    with pytest.raises(TypeError, match="takes str, not int"):
        kind(1)


def test_true_is_not_member_one() -> None:
    assert AgentType(1) is AgentType.AGENT_TYPE_1
    with pytest.raises(TypeError):
        AgentType(value=True)


@pytest.mark.parametrize("kind", STRING_ENUMS, ids=title)
def test_the_repr_of_an_unknown_string_does_not_show_it(kind: Any) -> None:
    assert repr(kind(CANARY)) == f"<{kind.__name__}.UNKNOWN>"
    assert str(kind(CANARY)) == CANARY


@pytest.mark.parametrize("kind", INTEGER_ENUMS, ids=title)
def test_the_repr_of_an_unknown_integer_shows_it(kind: Any) -> None:
    assert repr(kind(4242)) == f"<{kind.__name__}.UNKNOWN: 4242>"
