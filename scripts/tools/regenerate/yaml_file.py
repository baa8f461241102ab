"""YAML 1.2, read with the fast parser of libyaml. Its own rules follow YAML 1.1; here `no` and dates are strings."""

import re
from importlib import import_module
from typing import Any, ClassVar

yaml: Any = import_module("yaml")  # the library has no types
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


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(Exception):
    """A file is not YAML. The line counts from 1; None if the line is not known."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.problem, self.line = problem, line


class Loader(_Base):  # type: ignore[misc]  # the library has no types
    """Loader of one document. A duplicate key is an error."""

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
        return _Base.construct_mapping(self, node, deep=deep)


for _name, _pattern, _first in PATTERNS:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), [*_first, ""])


def _integer(loader: Any, node: Any) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0 if text[:2] in ("0x", "0o") else 10)


def _float(loader: Any, node: Any) -> float:
    return float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


Loader.add_constructor("tag:yaml.org,2002:int", _integer)
Loader.add_constructor("tag:yaml.org,2002:float", _float)


def parse_yaml(content: bytes) -> Any:
    """Return the value of a YAML file.

    Raises:
        NotYaml: The content is not YAML.
    """
    try:
        return yaml.load(content, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = len(content.splitlines()) or 1  # the position may be after the end
        raise NotYaml(str(error.problem or "not YAML"), min(mark.line + 1, last) if mark else None) from None
    except (ValueError, yaml.YAMLError):
        raise NotYaml("not YAML text in UTF-8", None) from None
