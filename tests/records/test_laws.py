"""Laws of neutral records: the same content is the same record, in whatever order, copy, form or zone it comes."""

import copy
import json
import pickle
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from conversas import Conversation, DecodeError, DriftKind, Note, Reason, decode
from conversas.providers.datetimes import is_never
from conversas.records.serialization import SerializedRecord, serialized_fields
from support.annotations import is_true
from support.generated import PROVIDERS
from support.mapping_doc import has_source, source_of
from support.mutations import ITEM, Changes, changes, places, schemas
from support.strategies import MOMENTS, bodies, json_values

ZONES = st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Kathmandu"])
CLOCK_CHANGES = ["2018-11-04T00:00", "2019-02-16T23:30", "1986-01-01T00:00", "1914-01-01T00:00"]
NAIVE_TIMES = st.builds(
    datetime.__add__,
    st.sampled_from(CLOCK_CHANGES).map(datetime.fromisoformat),
    st.timedeltas(timedelta(hours=-2), timedelta(hours=2)),
) | st.datetimes().filter(lambda moment: not is_never(moment))
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def has_times(provider: str) -> bool:
    """Return whether a provider writes the times of a conversation and of its messages as texts."""
    fields = ("created_at", "messages[].sent_at")
    if not all(has_source(provider, field) for field in fields):
        return False
    names = [source_of(provider, field).replace("[].", ".[].").split(".") for field in fields]
    return all(schemas(provider)[tuple(each)].get("format") == "date-time" for each in names)


each_with_times = pytest.mark.parametrize("provider", [*filter(has_times, PROVIDERS)])


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@st.composite
def shuffled(draw: DrawFn, value: Any) -> Any:
    if isinstance(value, list):
        return [draw(shuffled(item)) for item in value]
    if isinstance(value, dict):
        return {name: draw(shuffled(value[name])) for name in draw(st.permutations(list(value)))}
    return value


@each_provider
@given(data=st.data())
def test_neither_order_of_keys_nor_unknown_properties_change_the_content(provider: str, data: DataObject) -> None:
    added = st.lists(st.sampled_from(places(provider, DriftKind.UNKNOWN_FIELD)), max_size=3, unique=True)
    drawn: Changes = data.draw(added.flatmap(lambda chosen: changes(provider, chosen)))
    shuffle = shuffled(drawn.made(*drawn.changes))
    one, other = decode(provider, encoded(drawn.body)), decode(provider, encoded(data.draw(shuffle)))
    assert one == other
    assert hash(one) == hash(other)
    assert one.fingerprint == other.fingerprint


@st.composite
def with_times(draw: DrawFn, provider: str) -> dict[str, Any]:
    """Draw valid bodies with naive times, many of them where clocks change."""
    body, moments = draw(bodies(provider)), [draw(NAIVE_TIMES).isoformat() for _ in range(4)]
    created_at, messages, sent_at = time_properties(provider)
    return {**body, created_at: moments[0], messages: [{sent_at: moment} for moment in moments[1:]]}


def time_properties(provider: str) -> tuple[str, str, str]:
    """Return the properties of the time of a conversation, of its messages, and of the time of each."""
    sent_at = source_of(provider, "messages[].sent_at")
    return source_of(provider, "created_at"), source_of(provider, "messages"), sent_at.rpartition(".")[2]


@each_with_times
@given(data=st.data(), zone=ZONES)
def test_a_naive_time_is_what_a_clock_of_the_zone_shows(provider: str, zone: str, data: DataObject) -> None:
    body = data.draw(with_times(provider))
    conversation = decode(provider, encoded(body), timezone=zone)
    created_at, messages, sent_at = time_properties(provider)
    texts = [body[created_at], *(message[sent_at] for message in body[messages])]
    assume(not any(is_never(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))) for text in texts))
    times = [conversation.created_at, *(message.sent_at for message in conversation.messages)]
    assert Counter(time.replace(tzinfo=None).isoformat() for time in times if time) == Counter(texts)
    for time in filter(None, times):  # an hour that the clock shows twice is either, by the order of the list
        assert time.utcoffset() in {time.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1)}
    assert Note.NAIVE_TIME in conversation.notes


@each_provider
@given(data=st.data(), zone=ZONES)
def test_a_record_survives_its_neutral_form(provider: str, zone: str, data: DataObject) -> None:
    body = data.draw(bodies(provider) | with_times(provider))
    conversation = decode(provider, encoded(body), timezone=zone)
    read = Conversation.from_dict(json.loads(json.dumps(conversation.to_dict())))
    assert read == conversation
    assert read.fingerprint == conversation.fingerprint
    assert json.loads(SerializedRecord(conversation).line()) == conversation.to_dict()
    assert is_true(read)


@each_provider
@given(data=st.data(), zone=ZONES)
def test_the_same_moments_in_another_zone_are_the_same_content(provider: str, zone: str, data: DataObject) -> None:
    one = decode(provider, encoded(data.draw(with_times(provider))), timezone=zone)
    messages = [evolve(message, sent_at=elsewhere(message.sent_at)) for message in one.messages]
    other = evolve(one, created_at=elsewhere(one.created_at), messages=tuple(messages))
    assert one == other
    assert one.fingerprint == other.fingerprint


def elsewhere(time: datetime | None) -> datetime | None:
    """Return the same moment in another zone; near the ends of time there is none."""
    with suppress(OverflowError):
        return time and time.astimezone(timezone(timedelta(hours=-3)))
    return time


@each_provider
@given(data=st.data())
def test_copies_and_pickles_are_equal_in_all(provider: str, data: DataObject) -> None:
    anywhere = st.sampled_from([place for kind in DriftKind for place in places(provider, kind)])
    drawn: Changes = data.draw(anywhere.flatmap(lambda place: changes(provider, [place])))
    conversation = decode(provider, encoded(drawn.made(*drawn.changes)))
    for twin in (pickle.loads(pickle.dumps(conversation)), copy.copy(conversation), copy.deepcopy(conversation)):
        assert twin == conversation
        assert hash(twin) == hash(conversation)
        assert (twin.drift, twin.raw, twin.source) == (conversation.drift, conversation.raw, conversation.source)
        assert twin.fingerprint == conversation.fingerprint


@each_provider
@given(data=st.data())
def test_of_properties_of_one_name_the_last_counts(provider: str, data: DataObject) -> None:
    body = data.draw(bodies(provider).filter(bool))
    earlier = {data.draw(st.sampled_from(sorted(body))): data.draw(json_values())}
    assert decode(provider, encoded(earlier)[:-1] + b"," + encoded(body)[1:]) == decode(provider, encoded(body))


@each_provider
@given(data=st.data())
def test_messages_of_one_id_are_all_kept_and_told(provider: str, data: DataObject) -> None:
    body, messages = data.draw(bodies(provider)), source_of(provider, "messages")
    name = source_of(provider, "messages[].id").rpartition(".")[2]
    twin = {name: "1" if "string" in schemas(provider)[messages, ITEM, name]["type"] else 1}
    body[messages] = [twin, *(body.get(messages) or []), twin]
    conversation = decode(provider, encoded(body))
    assert len(conversation.messages) == len(body[messages])
    assert Reason.DUPLICATE_MESSAGE_IDS in conversation.completeness.reasons


@each_provider
@given(data=st.data(), name=st.sampled_from(sorted(serialized_fields(Conversation))), value=json_values() | MOMENTS)
def test_a_neutral_form_is_read_truly_or_refused(provider: str, data: DataObject, name: str, value: Any) -> None:
    conversation = decode(provider, encoded(data.draw(bodies(provider))))
    try:
        read = Conversation.from_dict({**conversation.to_dict(), name: value})
    except DecodeError:
        return
    assert is_true(read)
