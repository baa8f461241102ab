"""Requirements for every provider, as checks. Each check tests one body.

A check is called with the name of a provider and a body without drift. If the check fails, it raises AssertionError.
The message names the location and never the value at this location. With pytest:

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    @pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
    def test_the_provider_conforms(check, file): check("zild", file.read_bytes())

Without pytest, `run("zild", bodies)` returns the failures. A check tests only the properties that its body has, so pass
bodies that together have every property of the spec.
"""

import copy
import pickle
from collections.abc import Iterable
from typing import Any, Protocol

from attrs import astuple, frozen

from conversas import (
    Conversation,
    ConversationRef,
    DecodeError,
    DecodeErrorReason,
    DriftKind,
    Note,
    NotFoundError,
    Reason,
    Role,
    decode,
)
from conversas.json_pointer import format_pointer, is_array
from conversas.providers import get_provider
from conversas.testing.body_mutations import (
    CANARY,
    SAMPLES,
    Location,
    changed,
    locations,
    locations_by_property,
    read,
    reversed_keys,
    to_bytes,
    without,
)
from conversas.testing.columns import fits_a_column, plain_values
from conversas.testing.expectations import expect, expect_drift, expect_neutral, is_same

ADDED = "x-conformance"  # no spec lists it


class Check(Protocol):
    """A check of one requirement, which the name of the function states."""

    __name__: str

    def __call__(self, provider: str, body: bytes, /) -> None: ...


@frozen
class Failure:
    """A check that a body did not pass."""

    check: str
    """Name of the check."""
    body: int
    """Position of the body in `bodies`, from 0."""
    message: str
    """Description of the problem, without content of the body."""


def run(provider: str, bodies: Iterable[bytes]) -> list[Failure]:
    """Return the failures of all checks with each body. The bodies must have no drift."""
    failures: list[Failure] = []
    for number, body in enumerate(bodies):
        for check in CHECKS:
            try:
                check(provider, body)
            except AssertionError as error:
                failures.append(Failure(check.__name__, number, str(error)))
            except Exception as error:  # noqa: BLE001  # a provider may raise anything
                failures.append(Failure(check.__name__, number, f"{type(error).__name__} was raised"))
    return failures


def decodes_without_drift(provider: str, body: bytes) -> None:
    """Expect no drift in a body that follows the spec."""
    expect_drift(_decode(provider, body), set())


def keeps_the_exact_bytes(provider: str, body: bytes) -> None:
    """Expect `raw` to be the body."""
    expect(_decode(provider, body).raw == body, "raw is not the body")


def keeps_the_generated_model(provider: str, body: bytes) -> None:
    """Expect `source` to be a model of the generated client."""
    model: Any = get_provider(provider).model
    expect(type(_decode(provider, body).source) is model, f"source is not a {model.__module__}.{model.__name__}")


def null_raises_not_found(provider: str, _body: bytes) -> None:
    """Expect NotFoundError for the body `null`."""
    try:
        decode(provider, b"null")
    except NotFoundError:
        return
    raise AssertionError("the body null is decoded as a conversation")


def invalid_json_raises_decode_error_with_the_bytes(provider: str, body: bytes) -> None:
    """Expect DecodeError with the bytes of the body for a body that was cut off."""
    cut = body.rstrip()[:-1]
    try:
        decode(provider, cut)
    except DecodeError as error:
        expect(error.body == cut, "the bytes in the error differ from the body")
    else:
        raise AssertionError("a body without its last character is decoded as a conversation")


def ignores_the_order_of_keys(provider: str, body: bytes) -> None:
    """Expect the same fingerprint for every order of keys."""
    data = read(body)
    before, after = _decode(provider, to_bytes(data)), _decode(provider, to_bytes(reversed_keys(data)))
    expect(after.fingerprint == before.fingerprint, "a different order of keys changes the fingerprint")


def reports_unknown_properties_and_nothing_else_changes(provider: str, body: bytes) -> None:
    """Expect an unknown property in each object to be reported as drift, and to leave the record unchanged."""
    data = read(body)
    before = _decode(provider, to_bytes(data))
    objects = [location for location in locations(provider, data) if location.is_object]
    for location in objects:
        location.value[ADDED] = {ADDED: [None]}
    after = _decode(provider, to_bytes(data), "with unknown properties")
    expect_drift(after, {format_pointer(*location.path, ADDED) for location in objects}, DriftKind.UNKNOWN_FIELD)
    expect(is_same(after, before), "unknown properties change the neutral content")


def reports_each_wrong_type_and_loads(provider: str, body: bytes) -> None:
    """Expect a value of each wrong JSON type, at each location, to be reported as drift without an error."""
    data = read(body)
    for name, group in locations_by_property(provider, data).items():
        for kind in group[0].wrong_types:
            after = _decode(provider, changed(data, group, SAMPLES[kind]), f"{kind} at {name}")
            expect_drift(after, set(map(str, group)), DriftKind.WRONG_TYPE, DriftKind.UNEXPECTED_NULL)


def reports_each_unlisted_value_and_loads(provider: str, body: bytes) -> None:
    """Expect a value that an enum does not list, at each location, to be reported as drift without an error."""
    data = read(body)
    for name, group in locations_by_property(provider, data).items():
        if words := group[0].schema.get("enum"):
            unlisted = _unlisted_value(words)
            after = _decode(provider, changed(data, group, unlisted), f"an unlisted value at {name}")
            expect_drift(after, set(map(str, group)), DriftKind.UNKNOWN_VALUE)


def takes_each_property_for_optional(provider: str, body: bytes) -> None:
    """Expect no drift and a valid neutral form if any one property is absent."""
    data = read(body)
    for name, group in locations_by_property(provider, data).items():
        after = _decode(provider, without(data, group), f"without {name}")
        expect_drift(after, set())
        expect_neutral(after, f"without {name}, ")


def keeps_extreme_values(provider: str, body: bytes) -> None:
    """Expect no drift, a valid neutral form and values that fit columns, for extreme values of the declared type."""
    data = read(body)
    for name, group in locations_by_property(provider, data).items():
        for value in group[0].extremes:
            after = _decode(provider, changed(data, group, value), f"an extreme value at {name}")
            expect_drift(after, set())
            expect_neutral(after, f"with an extreme value at {name}, ")
            expect(all(map(fits_a_column, plain_values(after))), f"an extreme value at {name} does not fit a column")


def reports_each_loss_of_a_message(provider: str, body: bytes) -> None:
    """Expect a reason of incompleteness if a property of a message is lost because it is of the wrong type."""
    data = read(body)
    for name, group in _message_locations(provider, data).items():
        for kind in (kind for kind in group[0].wrong_types if kind != "null"):
            after = _decode(provider, changed(data, group, SAMPLES[kind]), f"{kind} at {name}")
            expect(bool(after.completeness.reasons), f"{kind} at {name} is lost, but the record is complete")


def refuses_what_is_no_conversation(provider: str, body: bytes) -> None:
    """Expect DecodeError for bodies of errors, and for a conversation in an envelope or in PascalCase."""
    data = read(body)
    pascal = {f"{name[0].upper()}{name[1:]}": value for name, value in data.items() if name[0].islower()}
    for name, other in {
        "nothing": {},
        "error": {"error": CANARY},
        "envelope": {"result": data},
        "case": pascal,
    }.items():
        try:
            decode(provider, to_bytes(other))
        except DecodeError as error:
            expect(error.reason is DecodeErrorReason.NOT_A_CONVERSATION, f"{name}: the error has a different reason")
        else:
            raise AssertionError(f"{name}: a body that is not a conversation was decoded")


def keeps_the_order_of_equal_times(provider: str, body: bytes) -> None:
    """Expect a list of messages that is newest first to be reversed as a whole."""
    conversation, data = _decode(provider, body), read(body)
    lists = [place for place in locations(provider, data) if str(place) == _messages_path(provider, data)]
    times = {message.sent_at for message in conversation.messages}
    for place in lists if len(times) > 1 and None not in times and Note.REORDERED not in conversation.notes else ():
        turned = _decode(provider, changed(data, [place], place.value[::-1]), "messages newest first")
        expect(turned.messages == conversation.messages, "messages newest first are in a different order")


def keeps_the_word_of_an_unlisted_value(provider: str, body: bytes) -> None:
    """Expect `status_code` and `channel_code` to contain the word for a status or a channel that is not listed."""
    data = read(body)
    before = _decode(provider, body)
    for name, group in locations_by_property(provider, data).items():
        if words := group[0].schema.get("enum"):
            unlisted = _unlisted_value(words)
            after = _decode(provider, changed(data, group, unlisted), f"an unlisted value at {name}")
            for field in ("status_code", "channel_code"):
                found = getattr(after, field)
                expect(
                    found in (getattr(before, field), str(unlisted)), f"an unlisted value at {name} is not in {field}"
                )


def knows_who_speaks_for_the_agent(provider: str, body: bytes) -> None:
    """Expect `speaker` in each message of the agent, `unknown` if necessary, and in no other message."""
    conversation = _decode(provider, body)
    for message in conversation.messages:
        is_agents = message.role is Role.AGENT
        expect(is_agents == (message.speaker is not None), f"the speaker of a message of the {message.role} is wrong")


def survives_the_neutral_form(provider: str, body: bytes) -> None:
    """Expect the result of `to_dict` to match its published schema, and `from_dict` to return an equal record."""
    expect_neutral(_decode(provider, body))


def survives_pickle_and_copy(provider: str, body: bytes) -> None:
    """Expect copies that are equal, with the same hash, body and source."""
    conversation = _decode(provider, body)
    pickled = pickle.loads(pickle.dumps(conversation))  # noqa: S301  # our own bytes
    for copied in (pickled, copy.copy(conversation), copy.deepcopy(conversation)):
        expect(is_same(copied, conversation) and hash(copied) == hash(conversation), "a copy is a different record")
        expect(copied.raw == body and copied.source == conversation.source, "a copy has a different body or source")


def shows_no_content(provider: str, body: bytes) -> None:
    """Expect no text of the body in a repr, except for the id of the conversation."""
    data, id_ = read(body), _decode(provider, body).id
    for location in locations(provider, data):
        if location.is_free_text and location.value != id_:
            location.put(data, CANARY)
    conversation = _decode(provider, to_bytes(data))
    members = [member for member in astuple(conversation, recurse=False) if not isinstance(member, str | bytes)]
    expect(CANARY not in repr(conversation), "the repr of the conversation shows a text")
    expect(CANARY not in repr(members), "the repr of a part of the conversation shows a text")


def gives_aware_times(provider: str, body: bytes) -> None:
    """Expect every time to have an offset."""
    conversation = _decode(provider, body)
    times = [getattr(conversation, name) for name in ("created_at", "updated_at", "queued_at", "ended_at")]
    times += [message.sent_at for message in conversation.messages]
    expect(all(time is None or time.utcoffset() is not None for time in times), "a time has no offset")


def sorts_messages_by_time(provider: str, body: bytes) -> None:
    """Expect messages in the order of their times, even if messages without a time are between them."""
    times = [message.sent_at for message in _decode(provider, body).messages if message.sent_at]
    expect(times == sorted(times), "messages are not in the order of their times")


def notices_another_id(provider: str, body: bytes) -> None:
    """Expect a note and a reason of incompleteness if a different id was requested."""
    id_ = _decode(provider, body).id
    ref = ConversationRef(provider, "2" if id_ == "1" else "1")
    conversation = _decode(provider, body, ref=ref)
    expect(conversation.provider == provider and conversation.ref == ref, "the ref is not the requested ref")
    expect(conversation.id == (id_ or ref.id), "the id is not the id in the body")
    for seen in (Note.ID_MISMATCH in conversation.notes, Reason.ID_MISMATCH in conversation.completeness.reasons):
        unreadable = id_ is None and bool(conversation.drift)
        expect(seen == (id_ is not None) or unreadable, "a different id is not noticed, or a missing id is noticed")


CHECKS: tuple[Check, ...] = (
    decodes_without_drift,
    keeps_the_exact_bytes,
    keeps_the_generated_model,
    null_raises_not_found,
    invalid_json_raises_decode_error_with_the_bytes,
    ignores_the_order_of_keys,
    reports_unknown_properties_and_nothing_else_changes,
    reports_each_wrong_type_and_loads,
    reports_each_unlisted_value_and_loads,
    takes_each_property_for_optional,
    keeps_extreme_values,
    reports_each_loss_of_a_message,
    refuses_what_is_no_conversation,
    keeps_the_order_of_equal_times,
    keeps_the_word_of_an_unlisted_value,
    knows_who_speaks_for_the_agent,
    survives_the_neutral_form,
    survives_pickle_and_copy,
    shows_no_content,
    gives_aware_times,
    sorts_messages_by_time,
    notices_another_id,
)
"""Every check, the simplest first."""


def _decode(provider: str, body: bytes, what: str = "the body", *, ref: ConversationRef | None = None) -> Conversation:
    try:
        return decode(provider, body, ref=ref)
    except Exception as error:
        raise AssertionError(f"{what}: decode raised {type(error).__name__}") from error


def _unlisted_value(words: list[Any]) -> Any:
    """Return a value that an enum does not list."""
    numbers = [word for word in words if isinstance(word, int)]
    return max(numbers) + 1 if numbers else CANARY


def _messages_path(provider: str, data: Any) -> str:
    """Return the JSON pointer of the list of messages. If this list is empty, the record has no messages."""
    for place in locations(provider, data)[1:]:
        if is_array(place.value) and place.value and not _decode(provider, changed(data, [place], [])).messages:
            return str(place)
    return ""


def _message_locations(provider: str, data: Any) -> dict[str, list[Location]]:
    path = _messages_path(provider, data)
    groups = locations_by_property(provider, data)
    return {name: group for name, group in groups.items() if path and name.startswith(f"{path}/*/")}
