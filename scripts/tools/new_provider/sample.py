"""A made-up body that has every property of a spec."""

from typing import Any

from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.kinds import Enum, Kind, List, Map, Object, Scalar, Union

BY_TYPE = {"string": "text", "integer": 1, "number": 1, "boolean": True}
BY_FORMAT = {"date-time": "2024-01-01T00:00:00Z", "date": "2024-01-01", "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}


def sample_of(kind: Kind, api: Api, inside: tuple[str, ...] = ()) -> Any:
    """Return a value of a kind. An object inside one of its own class is empty."""
    kind = api.follow(kind)
    match kind:
        case Object():
            shown = () if kind.class_name in inside else kind.properties
            return {each.name: sample_of(each.kind, api, (*inside, kind.class_name)) for each in shown}
        case Enum():
            return next(iter(kind.members.values()))
        case List():
            return [sample_of(kind.items, api, inside)]
        case Map():
            return {"name": sample_of(kind.values, api, inside)}
        case Union():
            return sample_of(kind.options[0], api, inside)
        case Scalar() if kind.types:
            return BY_FORMAT.get(kind.format or "", BY_TYPE[kind.types[0]])
        case _:
            return None
