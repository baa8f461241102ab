"""Provider configs that point to the server of a test."""

import ssl
from typing import Any

import pytest

from conversas import Superagentes, Zild
from conversas.providers import PROVIDERS, ProviderConfig, get_provider
from support.byte_server import Wire
from support.http_server import HttpServer

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # for each client to load them takes longer than all else
TOKEN = "token-canary"
each_kind_of_platform = pytest.mark.parametrize("platform", [get_provider(name).config for name in PROVIDERS])


def superagentes(server: Wire | HttpServer, token: Any = TOKEN, **options: Any) -> Superagentes:
    return Superagentes(token, server.url, **options)


def zild(server: Wire | HttpServer, token: Any = TOKEN, **options: Any) -> Zild:
    return Zild(server.url, token, **options)


def platform_of(platform: type[ProviderConfig], base_url: Any, token: Any = TOKEN) -> ProviderConfig:
    return platform(base_url=base_url, token=token)
