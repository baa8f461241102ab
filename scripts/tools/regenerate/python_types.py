"""Python types for kinds: the annotation of each kind, and the expression that converts checked JSON to its values."""

from collections.abc import Iterator
from functools import cached_property

from attrs import frozen

from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.kinds import Anything, Enum, Kind, List, Map, Object, Scalar, Union
from tools.regenerate.reduced.names import literal

RUNTIME_NAMES = (
    *("Annotated", "Any", "ClassVar", "Self", "UUID", "EXTRA", "UNSET", "Discriminator", "Model", "OpenIntEnum"),
    *("OpenNumberEnum", "OpenStrEnum", "Response", "TEXT", "Unset", "AuthenticatedClient", "BODY_TYPES", "Client"),
)
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
FORMATS = {"date-time": "datetime.datetime", "date": "datetime.date", "uuid": "UUID"}
CLASSES = {"string": "str", "array": "list", "object": "dict"}
"""Classes of parsed JSON that need a conversion, by JSON type."""


@frozen(slots=False)
class PythonTypes:
    """Types of one client. A name of the runtime gets a trailing underscore if a class of the client has that name."""

    api: Api

    @cached_property
    def runtime(self) -> dict[str, str]:
        """Names of the runtime, as the modules of this client import them."""
        names = (*RUNTIME_NAMES, *(scheme.class_name for scheme in self.api.schemes[1:]))
        return {name: f"{name}_" if name in self.api.classes else name for name in names}

    def annotation(self, kind: Kind) -> str:
        """Return the annotation of a kind. None comes last."""
        kind, nullable = self._followed(kind)
        if isinstance(kind, Anything):
            return self.runtime["Any"]
        names = list(dict.fromkeys(self._options(kind)))
        return " | ".join([*names, "None"] if nullable and names != ["None"] else names)

    def _options(self, kind: Kind) -> Iterator[str]:
        match kind:
            case Enum() | Object():
                yield kind.class_name
            case List():
                yield f"list[{self.annotation(kind.items)}]"
            case Map():
                yield f"dict[str, {self.annotation(kind.values)}]"
            case Union() if kind.branches:
                yield self._discriminated(kind)
            case Union():
                for option in kind.options:
                    yield from self._options(self._followed(option)[0])
            case Scalar():
                yield from self._scalar(kind)
            case _:
                yield self.runtime["Any"]

    def _scalar(self, kind: Scalar) -> Iterator[str]:
        if not kind.types:
            yield "None"
        for name in kind.types:
            found = FORMATS.get(kind.format or "") if name == "string" else None
            yield self.runtime.get(found, found) if found else SCALARS[name]

    def _discriminated(self, kind: Union) -> str:
        targets = [target for target in map(self.api.follow, kind.options) if not isinstance(target, Map)]
        options = [name for target in targets for name in self._options(target)]
        raw = f"dict[str, {self.runtime['Any']}]"
        classes = ", ".join(f"{literal(value)}: {literal(name)}" for value, name in self._branches(kind).items())
        discriminator = f"{self.runtime['Discriminator']}({literal(kind.discriminator or '')}, {{{classes}}})"
        return f"{self.runtime['Annotated']}[{' | '.join(dict.fromkeys([*options, raw]))}, {discriminator}]"

    def _branches(self, kind: Union) -> dict[str | int, str]:
        """Return the name of the class for each value of the discriminator. A map stays a dict, so it has none."""
        targets = {value: self.api.follow(kind.options[index]) for value, index in kind.branches.items()}
        return {value: target.class_name for value, target in targets.items() if isinstance(target, Object)}

    def conversion(self, kind: Kind, value: str) -> str | None:
        """Return the expression that converts checked JSON other than null; None if no conversion is needed."""
        kind, _ = self._followed(kind)
        match kind:
            case Enum():
                return f"{kind.class_name}({value})"
            case Object():
                return f"{kind.class_name}.from_checked({value})"
            case List() | Map():
                return self._each(kind, value)
            case Union():
                return self._conditional(kind, value)
            case Scalar(types=("string",), format="date-time"):
                return f"read_datetime({value})"
            case Scalar(types=("string",), format="date"):
                return f"datetime.date.fromisoformat({value})"
            case Scalar(types=("string",), format="uuid"):
                return f"{self.runtime['UUID']}({value})"
            case _:
                return None

    def may_be_null(self, kind: Kind) -> bool:
        """Return whether None is a value of the kind."""
        return self._followed(kind)[1]

    def converted(self, kind: Kind, value: str) -> str:
        """Return the expression for checked JSON, including null."""
        conversion = self.conversion(kind, value)
        if conversion is None:
            return value
        return f"{value} if {value} is None else {conversion}" if self.may_be_null(kind) else conversion

    def _each(self, kind: List | Map, value: str) -> str | None:
        inner = kind.items if isinstance(kind, List) else kind.values
        item = "item" if not value.endswith("item") else f"{value}_item"
        conversion = self.conversion(inner, item)
        if conversion is None:
            return None
        if self.may_be_null(inner):
            conversion += f" if {item} is not None else None"
        if isinstance(kind, List):
            return f"[{conversion} for {item} in {value}]"
        return f"{{name: {conversion} for name, {item} in {value}.items()}}"

    def _conditional(self, kind: Union, value: str) -> str | None:
        """Return the conversion of a value with several alternatives. Its class or its discriminator decides."""
        cases: list[tuple[str, str]] = []
        if kind.branches:
            classes = ", ".join(f"{literal(each)}: {name}" for each, name in self._branches(kind).items())
            cases.append(("object", f"read_branch({value}, {literal(kind.discriminator or '')}, {{{classes}}})"))
        for option in kind.options:
            conversion, json_type = self.conversion(option, value), _json_type(self._followed(option)[0])
            if conversion is not None and not (kind.branches and json_type == "object"):
                cases.append((json_type, conversion))
        text = value
        for json_type, conversion in reversed(cases):
            only = len({_json_type(self._followed(option)[0]) for option in kind.options}) == 1
            text = conversion if only else f"{conversion} if isinstance({value}, {CLASSES[json_type]}) else {text}"
        return text if cases else None

    def _followed(self, kind: Kind) -> tuple[Kind, bool]:
        target = self.api.follow(kind)
        return target, kind.nullable or target.nullable


def _json_type(kind: Kind) -> str:
    match kind:
        case List():
            return "array"
        case Object() | Map():
            return "object"
        case Scalar() | Enum():
            return "string"
        case _:
            return ""
