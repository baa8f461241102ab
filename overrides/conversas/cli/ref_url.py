"""URLs of pages as refs. The host gives the provider, and a hook of the provider finds the id."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from conversas.cli.ref_check import InvalidRefError, valid_ref
from conversas.providers import get_provider, provider_names
from conversas.providers.environment import provider_from_env
from conversas.records.ref import ConversationRef

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9.:_-]{1,253}")


def _base_urls() -> dict[str, list[SplitResult]]:
    """Return the base URLs of each provider: the documented base URL, and the configured base URL."""
    urls = dict[str, list[SplitResult]]()
    for name in provider_names():
        documented, configured = get_provider(name).config.default_base_url, provider_from_env(name)
        urls[name] = [urlsplit(url) for url in (documented, configured and configured.base_url) if url]
    return urls


@frozen
class UrlParser:
    """Parser of the URLs of pages and requests."""

    preferred: str | None
    """Provider to choose if a URL may belong to several."""
    _bases: dict[str, list[SplitResult]] = field(factory=_base_urls, init=False)

    def parse(self, text: str) -> tuple[str, str]:
        """Return the provider and the id that a URL names.

        Raises:
            InvalidRefError: The host does not belong to a provider, or it is unclear which conversation the URL names.
        """
        try:
            url = urlsplit(text)
            host = _host(url)
        except ValueError:
            raise InvalidRefError("the URL is invalid") from None
        names = [name for name, bases in self._bases.items() if host in map(_host, bases)]
        if not names:
            shown = f" {url.hostname}" if _HOST.fullmatch(url.hostname or "") else ""
            raise InvalidRefError(f"the host{shown} of the URL does not belong to a provider; pass the ref instead")
        found = {pair for name in names for pair in _valid_ids(name, url)}
        found = {pair for pair in found if self._is_request(*pair, url)} or found
        found = {pair for pair in found if pair[0] == self.preferred} or found
        if len(found) != 1:
            problem = "may name several conversations" if found else "has no id of a conversation"
            raise InvalidRefError(f"the URL {problem}; pass the ref instead")
        return found.pop()

    def _is_request(self, name: str, id_: str, url: SplitResult) -> bool:
        """Return whether a URL is the URL of the request for a conversation."""
        path = get_provider(name).build_request(ConversationRef(name, id_)).path.partition("?")[0]
        return any(base.path + path == url.path for base in self._bases[name])


def _valid_ids(name: str, url: SplitResult) -> Iterator[tuple[str, str]]:
    for id_ in get_provider(name).ids_in_page_url(url):
        try:
            yield name, valid_ref(name, id_).id
        except InvalidRefError:
            continue


def _host(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme.lower())
