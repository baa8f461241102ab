"""The generated packages: cheap to import, made of the committed specs, with their data beside the code."""

import hashlib
import sys
from importlib import import_module, resources

import pytest

from support.generated import PROVIDERS
from support.processes import ROOT, output
from tools.regenerate.spec import load_yaml

OPENAPI = ROOT / "openapi"

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def imported_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after a statement."""
    program = f"import sys; {statement}; print(*sys.modules)"
    return set(output(sys.executable, "-c", program, cwd=ROOT).split())


def test_there_is_a_client_for_each_spec() -> None:
    assert sorted(file.stem for file in OPENAPI.glob("*.yaml")) == sorted(PROVIDERS)


@each_provider
@pytest.mark.parametrize("module", ["", ".models", ".types"])
def test_models_are_imported_without_httpx(provider: str, module: str) -> None:
    is_imported_without_httpx(f"conversas_api.{provider}{module}")


def test_the_run_time_is_imported_without_httpx() -> None:
    is_imported_without_httpx("conversas_api.runtime")


def is_imported_without_httpx(name: str) -> None:
    modules = imported_by(f"import {name}")
    assert name in modules
    assert "httpx" not in modules


@each_provider
@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("types", "EXTRA UNSET Model OpenIntEnum OpenStrEnum Response Unset"),
        ("errors", "UnexpectedStatus"),
        ("client", "AuthenticatedClient Client"),
    ],
)
def test_all_clients_share_the_classes_of_the_run_time(provider: str, module: str, names: str) -> None:
    client, runtime = import_module(f"conversas_api.{provider}.{module}"), import_module("conversas_api.runtime")
    for name in names.split():
        assert name in client.__all__
        assert name in runtime.__all__
        assert getattr(client, name) is getattr(runtime, name) or name == own_client(provider)


def own_client(provider: str) -> str | None:
    """Return the name of the class that a client has of its own: the one that sends an API key."""
    schemes = load_yaml(OPENAPI / f"{provider}.yaml")["components"]["securitySchemes"].values()
    return "AuthenticatedClient" if "apiKey" in {scheme["type"] for scheme in schemes} else None


@each_provider
@pytest.mark.parametrize("name", ["AuthenticatedClient", "Client"])
def test_the_client_is_imported_when_asked_for(provider: str, name: str) -> None:
    assert "httpx" in imported_by(f"from conversas_api.{provider} import {name}")


@each_provider
def test_an_unknown_name_is_an_attribute_error(provider: str) -> None:
    with pytest.raises(AttributeError, match=f"'conversas_api.{provider}' has no attribute 'Nonesuch'"):
        _ = import_module(f"conversas_api.{provider}").Nonesuch


@each_provider
def test_a_package_names_the_spec_that_it_is_made_of(provider: str) -> None:
    package, spec = import_module(f"conversas_api.{provider}"), OPENAPI / f"{provider}.yaml"
    assert load_yaml(spec)["info"]["version"] == package.SPEC_VERSION
    assert hashlib.sha256(spec.read_bytes()).hexdigest() == package.SPEC_SHA256


@each_provider
def test_a_package_carries_its_spec_and_is_typed(provider: str) -> None:
    folder = resources.files(f"conversas_api.{provider}")
    assert (folder / "openapi.yaml").read_bytes() == (OPENAPI / f"{provider}.yaml").read_bytes()
    assert (folder / "py.typed").is_file()
    assert (resources.files("conversas_api") / "py.typed").is_file()
