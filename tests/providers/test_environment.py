"""Clients of the environment: each combination of variables gives its platforms, or says which to set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conversas import ConfigurationError, Superagentes, TokenFile, Zild
from conversas.providers import PROVIDERS, ProviderConfig, get_provider
from conversas.providers.base import env_prefix
from conversas.providers.environment import providers_from_env
from conversas.transport.proxy import redacted_proxy
from support.client_kinds import Kind, each_client
from support.tracebacks import texts_of

ZILD = {"ZILD_BASE_URL": "https://zild.example/", "ZILD_TOKEN": "zild-token"}
SUPERAGENTES = {"SUPERAGENTES_TOKEN": "key"}
PARTS = ("BASE_URL", "TOKEN", "TOKEN_FILE", "TIMEZONE", "ACCOUNT")
VARIABLES = [f"{env_prefix(name)}_{part}" for name in PROVIDERS for part in PARTS]


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*VARIABLES, "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


Platforms = Callable[[dict[str, str]], list[ProviderConfig]]


@pytest.fixture
def platforms_of(monkeypatch: pytest.MonkeyPatch) -> Platforms:
    """Return the platforms of an environment in which these variables are set."""

    def platforms_of(given: dict[str, str]) -> list[ProviderConfig]:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        del given  # a test looks at the locals of all frames
        return providers_from_env()

    return platforms_of


def test_the_variables_that_a_provider_needs_are_told() -> None:
    assert get_provider("zild").env_help == "ZILD_BASE_URL and ZILD_TOKEN"
    assert get_provider("superagentes").env_help == "SUPERAGENTES_TOKEN"


def test_zild_needs_its_base_url_and_its_token(platforms_of: Platforms) -> None:
    assert platforms_of(ZILD) == [Zild("https://zild.example", "zild-token")]


def test_superagentes_needs_its_token_alone(platforms_of: Platforms) -> None:
    assert platforms_of(SUPERAGENTES) == [Superagentes("key")]


def test_superagentes_may_be_elsewhere(platforms_of: Platforms) -> None:
    given = SUPERAGENTES | {"SUPERAGENTES_BASE_URL": "https://elsewhere.example/api"}
    assert platforms_of(given) == [Superagentes("key", "https://elsewhere.example/api")]


def test_times_without_offset_may_be_of_another_time_zone(platforms_of: Platforms) -> None:
    zones = {"ZILD_TIMEZONE": "America/Sao_Paulo", "SUPERAGENTES_TIMEZONE": ""}
    assert [each.timezone for each in platforms_of(ZILD | SUPERAGENTES | zones)] == ["America/Sao_Paulo", "UTC"]
    with pytest.raises(ConfigurationError, match="the name of a time zone"):
        platforms_of({"ZILD_TIMEZONE": "Brasil"})


def test_an_account_may_have_a_label(platforms_of: Platforms) -> None:
    labels = {"ZILD_ACCOUNT": "loja", "SUPERAGENTES_ACCOUNT": ""}
    accounts = [each.account for each in platforms_of(ZILD | SUPERAGENTES | labels)]
    assert accounts == ["loja", "https://dash.superagentes.ai/api"]
    with pytest.raises(ConfigurationError, match="account must be a label"):
        platforms_of({"ZILD_ACCOUNT": "https://zild.example"})


def test_both_are_given_where_both_are_set(platforms_of: Platforms) -> None:
    assert [type(each) for each in platforms_of(ZILD | SUPERAGENTES)] == [Zild, Superagentes]


@pytest.mark.parametrize(
    ("given", "platform"),
    [
        (ZILD | {"ZILD_TOKEN": "", "ZILD_TOKEN_FILE": "token"}, Zild),
        ({"SUPERAGENTES_TOKEN_FILE": "token"}, Superagentes),
    ],
    ids=["zild", "superagentes"],
)
def test_a_token_may_be_in_a_file(
    given: dict[str, str], platform: type[ProviderConfig], platforms_of: Platforms
) -> None:
    (found,) = platforms_of(given)
    assert type(found) is platform
    assert isinstance(found.token, TokenFile)
    assert found.token.path == Path("token")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, f"set {', or '.join(get_provider(name).env_help for name in PROVIDERS)}, or all of them"),
        (dict.fromkeys(VARIABLES, ""), "no token is set"),
        ({"ZILD_BASE_URL": "https://zild.example"}, "no token is set"),
        ({"SUPERAGENTES_BASE_URL": "https://elsewhere.example"}, "no token is set"),
        ({"ZILD_TOKEN": "token"}, "ZILD_BASE_URL is not set"),
        (SUPERAGENTES | {"ZILD_TOKEN": "token"}, "ZILD_BASE_URL is not set"),
        (ZILD | {"ZILD_TOKEN_FILE": "file"}, "both ZILD_TOKEN and ZILD_TOKEN_FILE are set"),
        (
            SUPERAGENTES | {"SUPERAGENTES_TOKEN_FILE": "file"},
            "both SUPERAGENTES_TOKEN and SUPERAGENTES_TOKEN_FILE are set",
        ),
        (ZILD | {"ZILD_BASE_URL": "http://zild.example"}, "use https://"),
        (ZILD | {"ZILD_TOKEN": "to ken"}, "token must contain only characters"),
    ],
)
def test_what_is_missing_or_of_no_use_is_said(given: dict[str, str], message: str, platforms_of: Platforms) -> None:
    with pytest.raises(ConfigurationError, match=message) as raised:
        platforms_of(given)
    assert "to ken" not in str(raised.value)


@pytest.mark.parametrize(
    "wrong",
    [{"ZILD_BASE_URL": "https://me:canary@zild.example"}, {"ZILD_TOKEN_FILE": "file"}, {"ZILD_TIMEZONE": "Brasil"}],
)
def test_no_frame_shows_what_the_environment_holds(wrong: dict[str, str], platforms_of: Platforms) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platforms_of(ZILD | {"ZILD_TOKEN": "canary", "OTHER_SECRET": "canary"} | wrong)
    assert [text for text in texts_of(raised.value) if "canary" in text] == []


@each_client
def test_what_is_given_in_the_place_of_a_platform_is_not_shown(kind: Kind) -> None:
    with pytest.raises(ConfigurationError, match="the arguments of a client must be providers") as raised:
        kind("canary")  # type: ignore[arg-type]
    assert [text for text in texts_of(raised.value) if "canary" in text] == []


@each_client
def test_a_client_takes_its_platforms_and_its_options(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (ZILD | SUPERAGENTES).items():
        monkeypatch.setenv(name, value)
    assert repr(kind.from_env(on_drift="raise")) == f"<{kind.__name__} zild, superagentes>"
    with pytest.raises(ConfigurationError, match="on_drift"):
        kind.from_env(on_drift="neither")


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://user:canary@proxy.example:3128"}, "proxy.example:3128"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "proxy.example:3128"),
        ({"ALL_PROXY": "http://proxy.example:3128"}, "proxy.example:3128"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "zild.example"}, None),
    ],
)
def test_the_proxy_for_an_address_is_told_without_its_password(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert redacted_proxy("https://zild.example/api") == proxy
