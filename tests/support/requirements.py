"""Skipping the tests whose programs are missing, unless all tests are required."""

import os
from typing import NoReturn

import pytest


def skip_unless_required(reason: str) -> NoReturn:
    """Skip the test, or fail it if `CONVERSAS_REQUIRE_ALL` is 1."""
    if os.environ.get("CONVERSAS_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
