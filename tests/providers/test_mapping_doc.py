"""Holds docs/mapping.md against the records and the schemas."""

import pytest

from conversas import Conversation, Message
from conversas.records.serialization import serialized_fields
from support.generated import PROVIDERS
from support.mapping_doc import carried, rows
from support.mutations import fold, schemas

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def sources(provider: str) -> set[str]:
    return {source for _, found in rows(provider) for source in found}


def properties(provider: str) -> set[str]:
    """Return the folded path of each property of a provider's bodies, and of each item of a list."""
    return {fold(names) for names in schemas(provider) if names}


@each_provider
def test_every_neutral_field_has_one_row(provider: str) -> None:
    expected = [*serialized_fields(Conversation), *(f"messages[].{name}" for name in serialized_fields(Message))]
    assert sorted(name for name, _ in rows(provider)) == sorted(expected)


@each_provider
def test_every_property_is_a_source_or_carried(provider: str) -> None:
    missing = properties(provider) - sources(provider) - set(carried(provider))
    assert {name for name in missing if not name.endswith("[]")} == set()


@each_provider
def test_no_property_is_both_a_source_and_carried_only(provider: str) -> None:
    assert sources(provider).isdisjoint(carried(provider))
    assert len(set(carried(provider))) == len(carried(provider))


@each_provider
def test_every_property_that_is_named_is_in_the_schema(provider: str) -> None:
    assert sources(provider) | set(carried(provider)) <= properties(provider)
