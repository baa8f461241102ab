"""Names in Python for what a spec names: by rule, or by x-python-name, and never one for two things."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, IntEnum, StrEnum
from keyword import iskeyword
from typing import Any

from attrs import define, field
from openapi_python_client.strings import ClassName, PythonIdentifier, snake_case

from tools.regenerate.reduced.keywords import PYTHON_NAME
from tools.regenerate.reduced.problems import Problems, shown
from tools.regenerate.reduced.source import Place

LONGEST = 200
"""Largest number of bytes in a name that is also the name of a file, without its suffix."""

PREFIX = "field_"
RESERVED = {"additional_keys", "additional_properties", "from_checked", "from_dict", "to_dict"}
PARAMETERS_TAKEN = {
    *("asyncio", "asyncio_detailed", "body", "client", "path_segment", "read_checked", "request_arguments", "sync"),
    *(
        "sync_detailed",
        "datetime",
        "read_datetime",
        "to_json",
        "values",
        "header_values",
        "json_body",
        "joined",
        "deep_object",
        "spread",
        "json_text",
    ),
}
"""Names that the functions of an endpoint use."""

CLASS_VARIABLE = "ClassVar"
"""Beginning of the annotations that attrs reads as class variables."""

MEMBERS_TAKEN = {*dir(StrEnum), *dir(IntEnum), *dir(Enum), "mro", "is_known"}


@define
class UniqueNames:
    """Names that are taken in one namespace, regardless of case: each is also the name of a file."""

    taken: set[str] = field(factory=set[str])

    def take(self, wanted: str, separator: str = "_") -> str:
        """Return the name, with a number behind it if it is taken."""
        name, number = wanted, 1
        while name.lower() in self.taken:
            number += 1
            name = f"{wanted}{separator}{number}"
        self.taken.add(name.lower())
        return name

    def claim(self, chosen: str, place: Place, problems: Problems) -> str:
        """Return a name that the author chose by x-python-name. Add a problem if it is taken."""
        if chosen.lower() in self.taken:
            problems.add(f"{place.pointer}/{PYTHON_NAME}", f"the name {chosen} is taken")
        return self.take(chosen)


def chosen_name(place: Place, problems: Problems, rule: Callable[[str], str]) -> str | None:
    """Return the name that the author chose by x-python-name. The rule returns a usable name unchanged."""
    name = place.get(PYTHON_NAME).value
    if name is None:
        return None
    pointer = f"{place.pointer}/{PYTHON_NAME}"
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name) or name.startswith("_"):
        problems.add(pointer, f"{shown(name)} is no name that Python can take")
    elif (usable := rule(name)) != name:
        problems.add(pointer, f"{shown(name)} cannot be used here: write {shown(usable)}, for example")
    else:
        return name
    return None


def class_name(text: str) -> str:
    """Return the name of a class for a component or for a schema without a name.

    For a schema without a name, the name consists of the names that lead to it.
    """
    name = str(ClassName(_normalized(text), PREFIX))
    if name.startswith(CLASS_VARIABLE):
        name = f"{PREFIX}{name}"
    name = str(ClassName(name, PREFIX)) if name.isidentifier() else "Model"
    return name if is_short(str(PythonIdentifier(name, PREFIX))) else f"{name[:40]}{_number_of(name)}"


def is_short(name: str) -> bool:
    """Return whether a name can also be the name of a file."""
    return len(name.encode()) <= LONGEST


def shortened(name: str) -> str:
    """Return the name of a module or a folder. A long name is cut, with a number that depends on all of it."""
    return name if is_short(name) else f"{name[:40].rstrip('_')}_{_number_of(name)}"


def _number_of(name: str) -> str:
    return str(int(hashlib.sha256(name.encode()).hexdigest(), 16))[-8:]


def identifier(text: str, prefix: str = PREFIX) -> str:
    """Return the name of an attribute, a parameter, a function or a module."""
    name = str(PythonIdentifier(_normalized(text).lstrip("_"), prefix)).strip()
    return name if name != prefix else prefix.rstrip("_")


def attribute_names(
    named: Mapping[str, tuple[str, Place]], problems: Problems, taken: Iterable[str] = RESERVED
) -> dict[str, str]:
    """Return a name in Python for each key: chosen ones first, then those that Python can take as they are.

    Args:
        named: The name in the spec and the place of each thing, by a key of its own.
        problems: What is found is added here.
        taken: Names that nothing may have.
    """
    unique, found, reserved = UniqueNames(set(taken)), dict[str, str](), set(taken)
    for key, (_, place) in named.items():
        if (chosen := chosen_name(place, problems, identifier)) is not None:
            found[key] = unique.claim(chosen, place, problems)
    for exact in (True, False):
        for key, (name, _) in named.items():
            wanted = identifier(name)
            if key not in found and (wanted == name) is exact:
                found[key] = unique.take(f"{wanted}_" if wanted in reserved else wanted)
    return {key: found[key] for key in named}


def member_names(values: list[Any], given: list[Any] | None, place: Place, problems: Problems) -> dict[str, Any]:
    """Return the listed values of an enum by the names of their members."""
    members: dict[str, Any] = {}
    first = {value: index for index, value in reversed(list(enumerate(values)))}
    for index, value in enumerate(values):
        if first[value] != index:  # a repeated value has the name of its first place
            continue
        name = str(given[index]) if given else _member(value)
        if given and not name.isidentifier():
            problems.add(f"{place.pointer}/x-enum-varnames", f"{shown(name)} is no name of a member in any language")
            continue
        if given and name in members:
            problems.add(f"{place.pointer}/x-enum-varnames", f"the name {name} stands twice")
        if name in MEMBERS_TAKEN or iskeyword(name) or name.startswith("_"):
            name = f"{name}_" if name.upper() in MEMBERS_TAKEN or name.startswith("_") else name.upper()
            name = name.lstrip("_") or "VALUE"
        members[_free(name, members)] = value
    return members


def value_words(value: Any) -> str:
    """Return the end of the name of an enum's member: the words of its value, in capitals, digits and underscores."""
    if isinstance(value, int):
        return f"NEGATIVE_{-value}" if value < 0 else str(value)
    letters = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode().upper()
    return re.sub("[^A-Z0-9]+", "_", letters).strip("_") or _codes(str(value)) or "EMPTY"


def _codes(text: str) -> str:
    return "_".join(f"{ord(letter):X}" for letter in text)


def _free(wanted: str, taken: Mapping[str, Any]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _member(value: Any) -> str:
    if not isinstance(value, str):
        return f"VALUE_{'NEGATIVE_' if value < 0 else ''}{abs(value)}"
    name = snake_case(_normalized(value)).upper()
    if not name:
        return f"VALUE_{_codes(value)}" if value else "EMPTY"
    return name if name.isidentifier() else f"VALUE_{name}" if f"VALUE_{name}".isidentifier() else _member_code(value)


def _member_code(value: str) -> str:
    return "VALUE_" + "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in value).upper()


def file_name(operation_id: str, function: str) -> str:
    """Return the name of a file for an operation: its id, or the name of its function.

    The name of the function is used if the id is too long, or has a character that is not safe in the name of a file.
    """
    return operation_id if re.fullmatch(r"[A-Za-z0-9_-]+", operation_id) and is_short(operation_id) else function


def literal(value: str | int) -> str:
    """Return a text or a number as a literal of Python."""
    return repr(value)


def _normalized(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
