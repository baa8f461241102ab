"""A sandbox with a client of it, and folders of exports."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, ExportSummary, Retry, export
from conversas.sandbox import Sandbox

QUICK = Retry(initial_backoff_seconds=0.001, max_backoff_seconds=0.01)

RunExport = Callable[..., ExportSummary]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.zild, sandbox.superagentes, retry=QUICK) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.fixture
def run(client: Client, folder: Path) -> RunExport:
    """Return `export` into the folder."""

    def run(refs: Any, **options: Any) -> ExportSummary:
        return export(refs, **{"to": folder, "client": client} | options)

    return run
