"""Ids in the URLs of pages."""

from urllib.parse import urlsplit

import pytest

from conversas import ConfigurationError, ConversationRef
from conversas.providers import get_provider, provider_names
from conversas.providers.page_url import ids_in_page_url


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://a.example/api/Conversation/123", ["123"]),
        ("https://a.example/conversations/abc/", ["abc"]),
        ("https://a.example/chat/7?tab=notes#top", ["7"]),
        ("https://a.example/logs?tab=all&conversationId=abc", ["abc"]),
        ("https://a.example/v2/9?conversation_id=abc", ["abc"]),
        ("https://a.example/inbox?id=5", ["5"]),
        ("https://a.example/chat/7?id=5", ["7", "5"]),
        ("https://a.example/conversations/a%20b%2Fc", ["a b/c"]),
        ("https://a.example/#/conversations/7", ["7"]),
        ("https://a.example/#!/inbox?conversation=7", ["7"]),
        ("https://a.example/settings", []),
        ("https://a.example/conversations", []),
        ("https://a.example", []),
    ],
)
def test_the_query_names_the_id_or_the_path_ends_in_it(url: str, ids: list[str]) -> None:
    assert list(ids_in_page_url(urlsplit(url))) == ids


@pytest.mark.parametrize("name", provider_names())
def test_ids_that_are_integers_follow_the_rule_of_their_provider(name: str) -> None:
    provider = get_provider(name)
    if provider.integer_ids is not None:
        for id_ in (provider.integer_ids[0], 0, provider.integer_ids[-1]):
            assert provider.parameters(ref(name, id_))
        for id_ in (provider.integer_ids[0] - 1, provider.integer_ids[-1] + 1):
            with pytest.raises(ConfigurationError):
                provider.parameters(ref(name, id_))


def ref(name: str, id_: int) -> ConversationRef:
    return ConversationRef(name, str(id_))
