"""Trial of one operation. Bodies are checked, repaired and read, without crashes, losses or false drift."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from jsonschema import Draft4Validator

from conversas.decoding.validator import SchemaValidator, WrongBody
from conversas.json_pointer import is_array, is_object, split_pointer
from conversas.providers.datetimes import normalize_datetime
from conversas.records.drift import Drift, DriftKind
from conversas_api.runtime import EXTRA
from conversas_api.runtime.model import to_json
from tools.try_spec.bodies import BodyMaker, Schema

KEPT = (DriftKind.UNKNOWN_FIELD, DriftKind.UNKNOWN_VALUE)
SEED = 1


@frozen
class Trial:
    """Trial of the responses of one operation. `read` converts a checked body to a model."""

    schema: Schema
    read: Callable[[Any], Any]

    def faults(self, count: int) -> Iterator[str]:
        """Yield what goes wrong with `count` valid bodies, and with `count` bodies that have one value changed."""
        maker = BodyMaker(self.schema, random.Random(SEED))  # noqa: S311  # the same bodies each time
        validator = SchemaValidator(self.schema, extra=EXTRA, normalize=normalize_datetime)
        judge = Draft4Validator(self.schema)
        for _ in range(count):
            body = maker.valid()
            yield from _named("valid", body, self._faults(validator, judge, body, is_valid=True))
            changed = maker.changed(body)
            yield from _named("changed", changed, self._faults(validator, judge, changed, is_valid=False))

    def _faults(self, validator: SchemaValidator, judge: Any, body: Any, *, is_valid: bool) -> Iterator[str]:
        value = copy.deepcopy(body)
        try:
            drift = validator.validate(value).drift
            written = to_json(self.read(value))
        except WrongBody:
            return
        except Exception as error:  # noqa: BLE001  # any exception is a fault
            yield f"{type(error).__name__}: {error}"
            return
        if drift and (is_valid or judge.is_valid(body)):
            yield f"false drift: {drift[0]}"
        expected = copy.deepcopy(body)
        for each in sorted(drift, key=_position, reverse=True):
            if each.kind not in KEPT:
                _leave_out(expected, written, each)
        if written != expected:
            yield f"loss: {written!r} of {expected!r}, with {drift}"


def _named(what: str, body: Any, faults: Iterator[str]) -> Iterator[str]:
    for fault in faults:
        yield f"{what} body {body!r}: {fault}"[:2000]


def _position(drift: Drift) -> list[tuple[int, str]]:
    return [(int(part) if part.isdecimal() else -1, part) for part in split_pointer(drift.path)]


def _leave_out(expected: Any, written: Any, drift: Drift) -> None:
    """Remove a value that drifts, as a repair does. A string that was normalized stays, in the form that is written."""
    *parents, last = split_pointer(drift.path)
    for part in parents:
        expected, written = _below(expected, part), _below(written, part)
    key: Any = int(last) if is_array(expected) else last
    in_form = _below(written, last)
    is_whole = not is_array(expected) or (is_array(written) and len(written) == len(expected))
    if drift.kind is DriftKind.BAD_FORMAT and in_form is not None and is_whole:
        expected[key] = in_form
    else:
        del expected[key]


def _below(value: Any, part: str) -> Any:
    if is_array(value):
        return value[int(part)] if int(part) < len(value) else None
    return value.get(part) if is_object(value) else None
