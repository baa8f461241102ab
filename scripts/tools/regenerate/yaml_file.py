"""YAML 1.2 by the fast parser of libyaml, whose own rules are those of YAML 1.1: `no` is a text, and so is a date."""

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml  # type: ignore[import-untyped]  # its stubs are of another release

MarkedYAMLError: type[Any] = yaml.MarkedYAMLError
YAMLError: type[Exception] = yaml.YAMLError
PATTERNS = (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", "~nN"),
    ("int", "[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", "<<", "<"),
)


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # which of them there is
    """Loader of one document. A key that stands twice is an error."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  # as PyYAML calls it
        """Return a mapping."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag.endswith(":str") and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"found duplicate key {key.value!r}", key.start_mark
                )
            seen.add(key.value if isinstance(key.value, str) else "")
        return super().construct_mapping(node, deep=deep)


for _name, _pattern, _first in PATTERNS:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), [*_first, ""])


def _integer(loader: Any, node: Any) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0 if text[:2] in ("0x", "0o") else 10)


def _float(loader: Any, node: Any) -> float:
    return float(loader.construct_scalar(node).replace(".inf", "inf").replace(".Inf", "inf").replace(".nan", "nan"))


Loader.add_constructor("tag:yaml.org,2002:int", _integer)
Loader.add_constructor("tag:yaml.org,2002:float", _float)


def parse_yaml(file: Path) -> Any:
    """Return the value of a YAML file.

    Raises:
        YAMLError: It is no YAML; a marked one knows the line.
    """
    with file.open("rb") as content:
        return yaml.load(content, Loader=Loader)  # noqa: S506  # it is a safe loader
