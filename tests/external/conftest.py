"""What all judges share."""

import pytest


@pytest.fixture(autouse=True)
def past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients and judges reach 127.0.0.1 straight."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
