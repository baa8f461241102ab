"""Limits of one conversation in a part. Writers keep these limits, so readers can enforce them."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from conversas.errors import ConversasError, ExportError
from conversas.json_pointer import is_object

MAX_RECORD_BYTES = 256 * 1024 * 1024
"""Maximum size of a conversation: of its body, and of its JSON line. It is four times the largest body that a client
accepts by default."""
MAX_EXPANSION = 72
"""Maximum ratio of the length of a JSON line to the length of the body. A message that is `{}` in the body has every
field as null in the line. An invalid byte takes three bytes in the provider's own object."""

T = TypeVar("T")


def is_too_large(body: bytes, line: Callable[[], bytes]) -> bool:
    """Return whether a conversation with this body and this JSON line is larger than a part can hold."""
    if len(body) <= MAX_RECORD_BYTES // MAX_EXPANSION:
        return False
    return len(body) > MAX_RECORD_BYTES or len(line()) > MAX_RECORD_BYTES


def check_size(size: int, limit: int = MAX_RECORD_BYTES) -> None:
    """Check the size of a value in a file.

    Raises:
        ValueError: The value is larger than any value that conversas writes.
    """
    if size > limit:
        raise ValueError


def ref_of(record: Any) -> str:
    """Return the ref in the neutral form of a conversation.

    Raises:
        TypeError: The value is not a record with a ref.
    """
    ref = record.get("ref") if is_object(record) else None
    if not isinstance(ref, str):
        raise TypeError
    return ref


def untrusted(read: Callable[[Path], Iterator[T]]) -> Callable[[Path], Iterator[T]]:
    """Decorate a reader of a file, so that it raises an ExportError for every error of a parser.

    Errors of parsers quote what they read. They are therefore not kept as the cause or context of the ExportError.
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
