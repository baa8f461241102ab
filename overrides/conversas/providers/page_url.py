"""Ids in the URL of a page, for example of a dashboard."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_CONVERSATION_NAMES = frozenset({"conversation", "conversationid"})
_PATH_OF_CONVERSATIONS = re.compile(r"(?i)conversations?")


def ids_in_page_url(url: SplitResult) -> Iterator[str]:
    """Yield possible ids of a conversation.

    These are the `conversationId` of the query, or, without one, the end of the path and the `id` of the query.

    The end of a path counts if it has a digit or follows `/conversations/`: a page such as `/settings` has no id. A
    route in the fragment, such as `#/conversations/123`, is read like a path.
    """
    query = [(re.sub(r"[_-]", "", name).lower(), value) for name, value in parse_qsl(url.query)]
    named = [value for name, value in query if name in _CONVERSATION_NAMES]
    yield from named
    if not named:
        yield from _path_id(url.path)
        yield from (value for name, value in query if name == "id")
    route = url.fragment.removeprefix("!")
    if route.startswith("/"):
        yield from ids_in_page_url(urlsplit(route)._replace(netloc=""))


def _path_id(path: str) -> Iterator[str]:
    *before, last = ("", *filter(None, path.split("/")))
    if re.search(r"[0-9]", last) or (before and last and _PATH_OF_CONVERSATIONS.fullmatch(before[-1])):
        yield unquote(last, errors="surrogateescape")
