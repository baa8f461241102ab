"""Two walks over a record: one collects its texts, and the other makes a redacted copy.

This module names no class of records.

Both functions are compiled for each kind of record, because they run for each message of an export.
"""

from collections.abc import Callable, Iterable
from functools import cache
from operator import is_not
from typing import Any, TypeVar, cast

from attrs import fields

from conversas.records.fast_init import fast_constructor
from conversas.records.serialization import Record
from conversas.redaction import findings as kinds
from conversas.redaction.record_rules import FieldPlan, Rule, plan_of

R = TypeVar("R")

_SHORTEST_NUMBER = 8
_IS_SHORT_NUMBER = f"(len({{0}}) < {_SHORTEST_NUMBER} and {{0}}.isdigit())"
"""The body of `is_short_number` as an expression, which saves a function call."""
_EXPRESSIONS = {
    Rule.TEXT: "{0} if {0} not in _suspects else _to.texts.text({0})",
    Rule.IDENTIFIER: f"{{0}} if {_IS_SHORT_NUMBER} else _to.identifier({{0}})",
    Rule.RECORD_ID: "_to.record_id({0})",
    Rule.NAME: f"_to.texts.whole({kinds.NAME!r}, {{0}})",
    Rule.EMAIL: f"_to.texts.whole({kinds.EMAIL!r}, {{0}})",
    Rule.CONTACT: "_to.texts.address({0})",
    Rule.FILE: f"_to.texts.whole({kinds.FILE!r}, {{0}})",
    Rule.AGENT: "_to.agent({1!r}, {0})",
    Rule.PARTICIPANT: "_to.participant(_record, {1!r}, {0})",
    Rule.AUTHOR: "_to.author(_record.role, {0})",
    Rule.NAMED_VALUE: "_to.named_value(_record, {0})",
}
"""Expressions by rule, for the text `{0}` of the field named `{1}`. `_to` is the redaction of the record."""
_NOT_READ = {Rule.REMOVE, Rule.NOTES, Rule.NAME, Rule.EMAIL, Rule.CONTACT, Rule.FILE}
"""Rules whose texts are not searched for personal data."""


def is_short_number(id_: str) -> bool:
    """Return whether an id has only digits, and too few of them for a CPF or a telephone number.

    The ids of most messages are such numbers.
    """
    return len(id_) < _SHORTEST_NUMBER and id_.isdigit()


def texts_of(record: Record) -> list[str]:
    """Return the texts of a record that redaction reads."""
    texts: list[str] = []
    _collector(cast(Any, type(record)))(record, texts.append)
    return texts


def redacted_copy(record: R, redaction: object, suspects: Iterable[str]) -> R:
    """Return a redacted copy of a record, or the record itself if nothing in it changes.

    Args:
        record: The record.
        redaction: Object that replaces the texts. It has the methods that the expressions of the rules call.
        suspects: The texts of the record that may contain personal data.
    """
    return cast(R, _copier(cast(Any, type(record)))(record, redaction, suspects))


@cache
def _collector(kind: Any) -> Callable[[Any, Callable[[str], None]], None]:
    scope: dict[str, Any] = {}
    lines = ["pass"]
    for plan in plan_of(kind):
        value = f"_record.{plan.name}"
        if plan.kind:
            scope[f"_collect_{plan.name}"] = _collector(plan.kind)
            lines.append(_for_each(plan, value, f"_collect_{plan.name}(_item, _add)"))
        elif plan.rule not in _NOT_READ:
            is_short = _IS_SHORT_NUMBER.format("_item") if plan.rule is Rule.IDENTIFIER else "False"
            lines.append(_for_each(plan, value, f"{is_short} or _add(_item)"))
    return _compiled("collect(_record, _add)", lines, scope)


def _for_each(plan: FieldPlan, value: str, action: str) -> str:
    return f"for _item in {value}: {action}" if plan.is_many else f"if _item := {value}: {action}"


@cache
def _copier(kind: Any) -> Callable[[Any, object, Iterable[str]], Any]:
    names = [plan.name for plan in plan_of(kind)]
    scope: dict[str, Any] = {"_make": fast_constructor(kind), "_unless_same": _unless_same}
    lines = [line for plan in plan_of(kind) for line in _copy_lines(plan, scope)]
    values = [member.name if member.name in names else f"_record.{member.name}" for member in fields(kind)]
    is_same = " and ".join(["True", *(f"{name} is _record.{name}" for name in names)])
    lines += [f"if {is_same}: return _record", f"return _make({', '.join(values)})"]
    return _compiled("copy(_record, _to, _suspects)", lines, scope)


def _copy_lines(plan: FieldPlan, scope: dict[str, Any]) -> list[str]:
    """Return the lines of code that assign the redacted value of a field to a variable with the field's name."""
    name = plan.name
    if plan.rule is Rule.REMOVE:
        scope[f"_default_{name}"] = plan.default
        return [f"{name} = _record.{name} and _default_{name}"]
    if plan.rule is Rule.NOTES:
        return [f"{name} = _to.notes(_record.{name})"]
    if plan.kind:
        scope[f"_copy_{name}"] = _copier(plan.kind)
        expression = f"_copy_{name}({{0}}, _to, _suspects)"
    else:
        assert plan.rule
        expression = _EXPRESSIONS[plan.rule]
    if plan.is_many:
        items = f"[{expression.format('_item', name)} for _item in {name}]"
        return [f"{name} = _record.{name}", f"if {name}: {name} = _unless_same({name}, {items})"]
    return [f"{name} = _record.{name}", f"if {name}: {name} = {expression.format(name, name)}"]


def _unless_same(items: tuple[Any, ...], copies: list[Any]) -> tuple[Any, ...]:
    return tuple(copies) if any(map(is_not, copies, items)) else items


def _compiled(head: str, lines: list[str], scope: dict[str, Any]) -> Callable[..., Any]:
    exec("\n    ".join([f"def {head}:", *lines]), scope)  # noqa: S102  # only our own names
    return cast(Callable[..., Any], scope[head.partition("(")[0]])
