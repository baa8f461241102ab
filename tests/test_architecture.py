"""What may import what, and which names are public."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import conversas

ROOT = Path(__file__).parent.parent
OURS = ROOT / "overrides" / "conversas"
GENERATED = ROOT / "generated" / "conversas_api"

PUBLIC = """
    Agent AgentKind ApiError AsyncClient Attachment AuthenticationError BodyTooLargeError Call Channel Client
    Completeness ConfigurationError Contact ConversasError Conversation ConversationRef DecodeError Drift
    DriftError DriftKind DriftReport Evaluation ExportError ExportSummary Failed Fetched Message MessageError
    NamedValue NotFoundError Note PartLimits Participant PermissionDeniedError RateLimitedError Rating Reason
    Retry Role ServerError Status Superagentes Tag Timeout TokenFile TransportError Verdict Zild __version__
    decode export read_export
""".split()  # noqa: SIM905


def imports(file: Path) -> Iterator[str]:
    """Yield the full name of each module that a file imports; a name within `conversas_api` has no relative imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def importers(of: str, *, below: Path) -> set[str]:
    return {
        file.relative_to(below).as_posix()
        for file in below.rglob("*.py")
        if any(name == of or name.startswith(of + ".") for name in imports(file))
    }


def test_generated_clients_import_nothing_of_ours() -> None:
    assert importers("conversas", below=GENERATED) == set()


@pytest.mark.parametrize("provider", ["superagentes", "zild"])
def test_only_the_module_of_a_provider_imports_its_client(provider: str) -> None:
    assert importers(f"conversas_api.{provider}", below=OURS) == {f"providers/{provider}.py"}


def test_only_one_hand_written_module_imports_httpx() -> None:
    assert importers("httpx", below=OURS) == {"transport/httpx_transport.py"}


def test_only_one_hand_written_module_imports_httptools() -> None:
    assert importers("httptools", below=OURS) == {"transport/http11.py"}


def test_only_one_module_reads_the_environment() -> None:
    readers = {file.name for file in OURS.rglob("*.py") if re.search(r"\benviron\b|getenv", file.read_text("utf-8"))}
    assert readers == {"environment.py", "fixtures.py"}  # the fixture of pytest keeps the sandbox from being proxied


def test_the_public_names_are_these() -> None:
    assert sorted(conversas.__all__) == sorted(PUBLIC)
    assert [name for name in PUBLIC if not hasattr(conversas, name)] == []


def test_no_module_takes_the_place_of_a_public_name() -> None:
    code = """
import importlib, pkgutil, conversas
for module in pkgutil.walk_packages(conversas.__path__, "conversas."):
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
