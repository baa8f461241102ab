"""Oddities that bodies of every provider may have: order, times, spelling, envelopes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from conversas.json_pointer import is_array, is_object
from conversas.sandbox.faults import Fault
from conversas.sandbox.platforms.base import SandboxPlatform, items_of, objects_of

Quirk = Callable[[SandboxPlatform, dict[str, Any]], object]
"""Function that edits a body, or returns its replacement."""

REPEATED_HOUR = datetime(2018, 2, 17, 23)  # noqa: DTZ001  # America/Sao_Paulo set its clocks back at the end of this hour
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # times in a body are read as written


def _time_names(platform: SandboxPlatform, message: Mapping[str, Any]) -> list[str]:
    return sorted(platform.datetime_fields & message.keys())


def _newest_first(platform: SandboxPlatform, body: dict[str, Any]) -> None:
    """List the newest message first, with pairs of messages at equal times."""
    messages = objects_of(body, "messages")
    names = _time_names(platform, messages[0]) if messages else []
    if names and len(messages) > 1 and str(messages[0][names[0]]) < str(messages[-1][names[0]]):
        messages = messages[::-1]
    for earlier, later in zip(messages[1::2], messages[::2], strict=False):
        earlier.update({name: later[name] for name in names})
    body["messages"] = messages


def _message_without_time(platform: SandboxPlatform, body: dict[str, Any]) -> None:
    messages = objects_of(body, "messages")
    for message in messages[len(messages) // 2 :][:1]:
        message.update(dict.fromkeys(_time_names(platform, message)))


def _clock_turned_back(platform: SandboxPlatform, body: dict[str, Any]) -> None:
    """Spread the messages over the two hours from 23:00 that clocks in São Paulo showed as one hour."""
    messages = objects_of(body, "messages")
    names = _time_names(platform, messages[0]) if messages else []
    if names and str(messages[0][names[0]]) > str(messages[-1][names[0]]):
        messages = messages[::-1]
    for number, message in enumerate(messages):
        minutes = 119 * number // max(1, len(messages) - 1)
        shown = (REPEATED_HOUR + timedelta(minutes=minutes % 60)).isoformat()
        message.update(dict.fromkeys(_time_names(platform, message), shown))


def _epoch_times(platform: SandboxPlatform, body: dict[str, Any]) -> None:
    """Write the times of the conversation as milliseconds since 1970, in strings."""
    for name in _time_names(platform, body):
        if isinstance(body[name], str):
            since = datetime.fromisoformat(body[name]).replace(tzinfo=None) - EPOCH
            body[name] = str(since // timedelta(milliseconds=1))


def _zero_dates(platform: SandboxPlatform, body: dict[str, Any]) -> None:
    body.update(dict.fromkeys(_time_names(platform, body), "1900-01-01T00:00:00"))


def _pascal_case(_platform: SandboxPlatform, body: dict[str, Any]) -> object:
    return _capitalized(body)


def _capitalized(value: Any) -> Any:
    if is_object(value):
        return {name[:1].upper() + name[1:]: _capitalized(item) for name, item in value.items()}
    return [_capitalized(item) for item in value] if is_array(value) else value


def _envelope(_platform: SandboxPlatform, body: dict[str, Any]) -> object:
    return {"result": body, "targetUrl": None, "success": True, "error": None, "unAuthorizedRequest": False}


def _error_body(_platform: SandboxPlatform, _body: dict[str, Any]) -> object:
    return {"error": "INTERNAL_ERROR"}


def _references(_platform: SandboxPlatform, body: dict[str, Any]) -> None:
    """Write the list of messages as .NET does if it preserves references."""
    messages = [{"$id": str(number), **each} for number, each in enumerate(objects_of(body, "messages"), start=3)]
    body.update({"$id": "1", "messages": {"$id": "2", "$values": messages}})


def _person_twice(_platform: SandboxPlatform, body: dict[str, Any]) -> None:
    for name in ("participants", "participantsUsers", "participantsContacts"):
        if name in body:
            body[name] = items_of(body, name) * 2


QUIRKS: Mapping[Fault, Quirk] = {
    Fault.NEWEST_FIRST: _newest_first,
    Fault.MESSAGE_WITHOUT_TIME: _message_without_time,
    Fault.CLOCK_TURNED_BACK: _clock_turned_back,
    Fault.EPOCH_TIMES: _epoch_times,
    Fault.ZERO_DATES: _zero_dates,
    Fault.PASCAL_CASE: _pascal_case,
    Fault.ENVELOPE: _envelope,
    Fault.ERROR_BODY: _error_body,
    Fault.REFERENCES: _references,
    Fault.PERSON_TWICE: _person_twice,
}
"""The oddities that all providers share. `SandboxPlatform.add_quirk` adds the oddities of one provider."""
