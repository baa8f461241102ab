"""The blocking and the awaiting client have the same methods, with the same parameters and the same words."""

import inspect
from collections.abc import Callable

import pytest

from conversas import AsyncClient, Client
from conversas.client.async_results import AsyncOutcomes
from conversas.client.results import Outcomes

PAIRS = [(Client, AsyncClient), (Outcomes, AsyncOutcomes)]


def public(kind: type) -> dict[str, Callable[..., object]]:
    members = inspect.getmembers(kind, callable)
    return {name: member for name, member in members if not name.startswith("_")}


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS)
def test_twins_have_the_same_methods(blocking: type, awaiting: type) -> None:
    assert public(blocking).keys() == public(awaiting).keys()


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS)
def test_methods_of_twins_have_the_same_parameters_and_docstrings(blocking: type, awaiting: type) -> None:
    for name, method in public(blocking).items():
        twin = public(awaiting)[name]
        ours, theirs = inspect.signature(method).parameters, inspect.signature(twin).parameters
        assert [(p.name, p.kind, p.default) for p in ours.values()] == [
            (p.name, p.kind, p.default) for p in theirs.values()
        ]
        assert method.__doc__
        assert method.__doc__ == twin.__doc__


def test_both_are_made_alike() -> None:
    assert inspect.signature(Client) == inspect.signature(AsyncClient)
