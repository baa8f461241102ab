"""Limits of one conversation in a part: what is written keeps them, so that what is read can be bounded by them."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from conversas.errors import ConversasError, ExportError
from conversas.json_pointer import is_object

MAX_RECORD_BYTES = 256 * 1024 * 1024
"""Bytes of a conversation: of its body, and of its line of JSON. Four times the largest body that a client takes by
default."""
MAX_EXPANSION = 72
"""A line of JSON is never longer than so many times the body: `{}` is a message, with each field null, and an
invalid byte is three of the provider's own object."""

T = TypeVar("T")


def is_too_large(body: bytes, line: Callable[[], bytes]) -> bool:
    """Return whether a conversation, of this body and this line of JSON, is larger than a part may hold."""
    if len(body) <= MAX_RECORD_BYTES // MAX_EXPANSION:
        return False
    return len(body) > MAX_RECORD_BYTES or len(line()) > MAX_RECORD_BYTES


def check_size(size: int, limit: int = MAX_RECORD_BYTES) -> None:
    """Check the size of what a file holds.

    Raises:
        ValueError: It is larger than anything that is written.
    """
    if size > limit:
        raise ValueError


def ref_of(record: Any) -> str:
    """Return the ref of the neutral form of a conversation.

    Raises:
        TypeError: The record is another value.
    """
    ref = record.get("ref") if is_object(record) else None
    if not isinstance(ref, str):
        raise TypeError
    return ref


def untrusted(read: Callable[[Path], Iterator[T]]) -> Callable[[Path], Iterator[T]]:
    """Decorate a reader of a file, so that all that its content makes a parser raise becomes one error.

    The errors of parsers quote what they read, so they are not kept as its cause or its context.
    """

    @functools.wraps(read)
    def checked(path: Path) -> Iterator[T]:
        try:
            yield from read(path)
        except ConversasError:
            raise
        except MemoryError:
            problem = "does not fit into memory"
        except Exception as error:
            if isinstance(error, OSError) and error.errno:
                raise
            problem = "is damaged, or was not written by conversas"
        else:
            return
        raise ExportError(f"{path} {problem}; run conversas verify to list the refs to fetch again")

    return checked
