"""Refs of conversations: endless, counted, alternating."""

import itertools
from collections.abc import Iterator


def endless() -> Iterator[str]:
    return map("zild:{}".format, itertools.count())


def refs_of(provider: str, count: int, read: list[str] | None = None) -> Iterator[str]:
    """Yield refs, and add those that are read to `read`."""
    for number in range(1, count + 1):
        if read is not None:
            read.append(f"{provider}:{number}")
        yield f"{provider}:{number}"


def alternating(*refs: Iterator[str]) -> Iterator[str]:
    return (ref for each in itertools.zip_longest(*refs) for ref in each if ref)
