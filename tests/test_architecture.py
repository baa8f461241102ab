"""Public names, and who reads the environment. What may import what is a contract in pyproject.toml."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import conversas
from conversas.providers import PROVIDERS

OURS = Path(__file__).parent.parent / "overrides" / "conversas"

PUBLIC = """
    Agent AgentKind ApiError AsyncClient AsyncOutcomes Attachment AuthenticationError BodyTooLargeError Call Channel
    ChatMessage Citation Client Completeness ConfigurationError Contact ConversasError Conversation ConversationRef
    DecodeError DecodeErrorReason Drift DriftError DriftKind DriftReport Evaluation Export ExportAdoption
    ExportErasure ExportError ExportFailure ExportProblem ExportRedecoding ExportStatus ExportSummary Failed Fetched
    Finding Message MessageError NamedValue NextTurn NotFoundError Note OutcomeGroup Outcomes PartLimits Participant
    PermissionDeniedError Queue RateLimitedError RatedAnswer Rating Reason Redacted Redactor Retry Role ServerError
    Status Superagentes Tag Timeout TokenFile TransportError TransportErrorReason Verdict Zild __version__
    chat_messages decode export gallery_html next_turns ratings read_export to_text transcript_html
""".split()  # noqa: SIM905


def test_only_these_modules_read_the_environment() -> None:
    readers = {
        file.relative_to(OURS).as_posix()
        for file in OURS.rglob("*.py")
        if re.search(r"\benviron\b|getenv", file.read_text("utf-8"))
    }
    # The fixture of pytest keeps the sandbox from being proxied. libcurl does not read SSL_CERT_FILE as httpx does.
    allowed = {"providers/environment.py", "transport/network.py", "transport/proxy.py", "testing/fixtures.py"}
    assert readers <= allowed
    assert "providers/environment.py" in readers


def test_the_public_names_are_these() -> None:
    assert sorted(conversas.__all__) == sorted(PUBLIC)
    assert [name for name in PUBLIC if not hasattr(conversas, name)] == []


def test_no_module_takes_the_place_of_a_public_name() -> None:
    code = """
import importlib, pkgutil, conversas
for module in pkgutil.walk_packages(conversas.__path__, "conversas."):
    if module.name in ("conversas.spark", "conversas.dlt"):  # tests/engines has what they import
        continue
    importlib.import_module(module.name)
print([name for name in conversas.__all__ if type(getattr(conversas, name)).__name__ == "module"])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Adapter'"):
        conversas.Adapter  # noqa: B018


def test_importing_the_package_loads_none_of_its_dependencies() -> None:
    code = "import sys, conversas; print(sorted({'attrs', 'httpx', 'orjson', 'jsonschema_rs'} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("name", ["Retry", "TokenFile", "Zild", "ConversationRef"])
def test_a_name_imports_what_it_needs_and_no_more(name: str) -> None:
    heavy = "{'jsonschema_rs', 'httpx', 'sqlite3', 'asyncio'}"
    code = f"import sys; from conversas import {name}; print(sorted({heavy} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_retry_imports_nothing_but_its_module_and_the_errors() -> None:
    code = (
        "import sys; from conversas import Retry; print(*sorted(each for each in sys.modules if 'conversas.' in each))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["conversas.client", "conversas.client.retry", "conversas.errors"]


def test_each_public_name_is_that_of_its_module() -> None:
    assert conversas._MODULES.keys() == {*conversas.__all__}


NAMED_BY = {"providers/__init__.py", "providers/{name}.py", "sandbox/platforms/{name}.py"}


@pytest.mark.parametrize("name", PROVIDERS)
def test_only_the_files_of_a_provider_name_it(name: str) -> None:
    allowed = {OURS / file.format(name=name) for file in NAMED_BY}
    named = re.compile(rf"{name}|{name}[:./].*|{name.upper()}_\w+")
    files = [file for file in OURS.rglob("*.py") if file not in allowed]
    assert [(file.name, text) for file in files for text in strings(file) if named.fullmatch(text)] == []


def strings(file: Path) -> Iterator[str]:
    """Yield the strings of a module, but for its docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.value
