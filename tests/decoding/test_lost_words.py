"""A law: no declared property of a message is lost without a reason or a drift that an export shows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from conversas import Conversation, decode
from support.generated import PROVIDERS
from support.mapping_doc import rows, source_of
from support.mutations import BY_TYPE, ITEM, is_kind, is_rewritten, schemas
from support.strategies import bodies, own_name

each_provider = pytest.mark.parametrize("provider", PROVIDERS)
WORDS = st.text("abcdefghij", min_size=6, max_size=9).map("palavra-{}".format)


def own_sources(provider: str) -> dict[str, str]:
    """Return each property of a message that a field of the neutral message comes from, with that field."""
    start = f"{source_of(provider, 'messages')}[]."
    fields = [(name, sources) for name, sources in rows(provider) if name.startswith("messages[].")]
    return {
        source.removeprefix(start): name.removeprefix("messages[].")
        for name, sources in fields
        for source in sources
        if source.startswith(start)
    }


def messages_of(provider: str) -> str:
    return source_of(provider, "messages")


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_of(item)
    elif isinstance(value, str):
        yield value


def decoded(provider: str, message: dict[str, Any]) -> Conversation:
    body = {own_name(provider): None, messages_of(provider): [message]}
    return decode(provider, json.dumps(body).encode())


@each_provider
@given(data=st.data())
def test_every_word_of_a_message_is_in_its_record(provider: str, data: DataObject) -> None:
    of_message = {
        names[-1]: each for names, each in schemas(provider).items() if names[:-1] == (messages_of(provider), ITEM)
    }
    texts = [name for name in own_sources(provider) if "string" in of_message[name]["type"]]
    free = [name for name in texts if not {"format", "enum"} & of_message[name].keys() and name not in ("offset", "id")]
    message = {name: data.draw(WORDS) for name in data.draw(st.lists(st.sampled_from(free), min_size=1, unique=True))}
    conversation = decoded(provider, message)
    assert set(message.values()) <= set(texts_of(conversation.to_dict()["messages"]))


@each_provider
@given(data=st.data())
def test_a_property_of_a_message_that_is_no_longer_there_is_told(provider: str, data: DataObject) -> None:
    declared = {
        names[2]: each
        for names, each in schemas(provider).items()
        if names[:2] == (messages_of(provider), ITEM) and len(names) == 3
    }
    name = data.draw(st.sampled_from(sorted(declared)))
    others = {kind: drawn for kind, drawn in BY_TYPE.items() if not is_kind(kind, declared[name]["type"])}
    value = data.draw(st.one_of(list(others.values())))
    assume(not is_rewritten(value, declared[name]["type"]))
    found = data.draw(bodies(provider))
    message = {**((found.get(messages_of(provider)) or [{}])[0]), name: value}
    conversation = decoded(provider, message)
    assert "message-property-lost" in conversation.completeness.reasons
    assert conversation.completeness.verdict != "complete"
    assert f"/{messages_of(provider)}/0/{name}" in {drift.path for drift in conversation.drift}
