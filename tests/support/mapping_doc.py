"""Reads docs/mapping.md: which neutral field comes from which properties of a body."""

import re
from functools import cache
from pathlib import Path

MAPPING = Path(__file__).parents[2] / "docs" / "mapping.md"


@cache
def rows(provider: str) -> list[tuple[str, list[str]]]:
    """Return each neutral field with its sources, as the table of a provider in docs/mapping.md has them."""
    found = re.findall(r"^\| `(\S+)` \|([^|]*)\|", _section(provider), re.MULTILINE)
    return [(name, _names_in(sources)) for name, sources in found]


@cache
def carried(provider: str) -> list[str]:
    """Return the properties that docs/mapping.md says to be carried by `.source` only."""
    return _names_in(_section(provider).partition("Only `.source` has these properties:")[2])


def source_of(provider: str, field: str) -> str:
    """Return the first of the properties that a neutral field comes from."""
    return dict(rows(provider))[field][0]


def has_source(provider: str, field: str) -> bool:
    """Return whether a neutral field comes from any property of a provider."""
    return bool(dict(rows(provider))[field])


def derived(provider: str, folded: str) -> set[str]:
    """Return the neutral fields that a difference at a folded path may change."""
    within = (folded + ".", folded + "[]")
    return {name for name, sources in rows(provider) for source in sources if (source + ".").startswith(within)}


def _section(provider: str) -> str:
    return MAPPING.read_text("utf-8").partition(f"\n## {provider}\n")[2].partition("\n## ")[0]


def _names_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
