"""Everything that an error and the frames of its traceback can show, for tests that look for secrets in it."""

import traceback
from collections.abc import Iterator
from pathlib import Path

TESTS = str(Path(__file__).parents[1])


def texts_of(error: BaseException) -> Iterator[str]:
    """Yield the texts of an error, and the locals of all frames that it went through except those of tests."""
    yield f"{error} {error!r} {error.args} {getattr(error, '__notes__', ())}"
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(TESTS):
            yield from (f"{name} = {_shown(value)}" for name, value in frame.f_locals.items())
    for hidden in (error.__cause__, error.__context__):
        yield from texts_of(hidden) if hidden else ()


def _shown(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:
        return "half made"
