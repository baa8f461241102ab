"""Errors of an export show no word of a customer and no token."""

import resource
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import ExportError
from conversas.sandbox import Sandbox
from support.export_reader import ask

SMALL = 256 * 1024


@pytest.fixture
def little_room() -> Iterator[None]:
    """Limit the size of files, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("options", [{}, {"raw": True}, {"compress": True, "raw": True}, {"format": "parquet"}])
def test_an_error_of_the_disk_shows_nothing_of_what_was_written(
    run: Any, sandbox: Sandbox, options: dict[str, Any]
) -> None:
    refs = [f"zild:{number}" for number in range(1, 600)]
    with pytest.raises(ExportError, match="File too large; fix that, and run the same command again") as raised:
        run(refs, **options)
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    for secret in (str(sandbox.zild.token), "Financeira", "obrigad", "content", "Olá", "Hello"):
        assert secret not in shown


def test_the_manifest_has_no_word_of_a_body(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run([f"zild:{number}" for number in range(1, 30)])
    manifest = (folder / "manifest.sqlite").read_bytes()
    token = str(sandbox.zild.token).encode()
    assert [word for word in (b"content", "Olá".encode(), b"Hello", token) if word in manifest] == []
    assert ask(folder, "SELECT count(*) FROM outcomes") == [(29,)]
