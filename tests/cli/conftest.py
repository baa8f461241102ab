"""A sandbox, and the command line in the process of the tests."""

from collections.abc import Iterator

import pytest

from conversas.cli.app import run
from conversas.sandbox import Sandbox
from support.cli import Run

VARIABLES = [
    *(f"{name}_{what}" for name in ("ZILD", "SUPERAGENTES") for what in ("BASE_URL", "TOKEN", "TOKEN_FILE")),
    *("NO_COLOR", "FORCE_COLOR", "COLUMNS"),
    *(f"{name}{kind}" for name in ("HTTP", "HTTPS", "ALL") for kind in ("_PROXY", "_proxy")),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command with these variables, and returns exit code, stdout and stderr."""

    def command(*arguments: str, **variables: str) -> tuple[int, str, str]:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"NO_PROXY": "127.0.0.1"} | variables).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = run(arguments)
        return (code, *capsys.readouterr())

    return command
