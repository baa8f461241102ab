"""Tables in a warehouse: their columns, all declared from the Arrow schemas, and their rows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dlt
from dlt.common.runtime.telemetry import stop_telemetry
from dlt.extract import DltResource, DltSource

from conversas.arrow import outcome_schema
from conversas.records.columns import pyarrow

Row = dict[str, Any]
MERGE: Any = {"disposition": "merge", "strategy": "delete-insert"}
FACTS = ("drift", "fingerprint", "recorded_at")
"""Columns of an outcome that the table of conversations also has."""
FETCHED = "fetched"
"""Column of `failures` that deletes a row because its conversation was fetched."""
PRIVATE = {"load.delete_completed_jobs": True, "runtime.dlthub_telemetry": False}
"""Settings of dlt that protect privacy: job files of finished loads contain customers' words."""


def source_of(outcomes: Callable[[], Iterator[list[Row]]], is_failure_no_more: Callable[[Row], bool]) -> DltSource:
    """Return a source of both tables.

    Args:
        outcomes: Function that yields pages of outcomes.
        is_failure_no_more: Function that returns whether the ref of a fetched row may be in the table `failures`.
    """

    def failures(rows: list[Row]) -> Iterator[Row]:
        for row in rows:
            if row.get("error"):
                yield _failure_row(row)
            elif is_failure_no_more(row):
                yield {"ref": row["ref"], FETCHED: True}

    def resources() -> list[DltResource]:
        pages = dlt.resource(outcomes, name="outcomes", selected=False)
        return [pages, pages | _conversations_table(), pages | _failures_table(failures)]

    return dlt.source(resources, name="conversas", max_table_nesting=2)()


def _set_privacy() -> None:
    """Configure dlt to keep no finished jobs and send no telemetry, unless its configuration says otherwise.

    dlt reads its telemetry setting only once, when the first pipeline is created.
    """
    for name, value in PRIVATE.items():
        if name not in dlt.config:
            dlt.config[name] = value
    if not dlt.config["runtime.dlthub_telemetry"]:
        stop_telemetry()


_set_privacy()


def _conversations_table() -> DltResource:
    schema = outcome_schema()
    fields = [*schema.field("conversation").type, *map(schema.field, FACTS)]
    return dlt.transformer(
        _conversation_rows,
        name="conversations",
        primary_key="ref",
        write_disposition=MERGE,
        columns=columns_of(fields) | {"recorded_at": {"data_type": "timestamp", "nullable": True}},
        nested_hints=nested_hints_of(fields),
        schema_contract={"data_type": "freeze"},
    )


def _failures_table(rows: Callable[[list[Row]], Iterator[Row]]) -> DltResource:
    schema = outcome_schema()
    columns = columns_of([schema.field("ref")])
    others = columns_of([*schema.field("error").type, schema.field("attempts"), schema.field("recorded_at")])
    for column in others.values():
        column["nullable"] = True  # a row that deletes has no values for these columns
    return dlt.transformer(
        rows,
        name="failures",
        primary_key="ref",
        write_disposition=MERGE,
        columns=columns | others | {FETCHED: {"data_type": "bool", "hard_delete": True}},
    )


def _conversation_rows(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        if conversation := row.get("conversation"):
            yield without_nulls({**conversation, **{name: row.get(name) for name in FACTS}})


def _failure_row(row: Row) -> Row:
    return {"ref": row["ref"], **row["error"], "attempts": row["attempts"], "recorded_at": row["recorded_at"]}


def columns_of(fields: Iterable[Any], prefix: str = "") -> dict[str, Any]:
    """Return the columns of a table itself. A list of strings is a JSON column; any other list is a separate table."""
    types, found = pyarrow().types, dict[str, Any]()
    for each in fields:
        name = f"{prefix}{each.name}"
        if types.is_struct(each.type):
            found |= columns_of(each.type, f"{name}__")
        elif not types.is_list(each.type):
            found[name] = {"data_type": _type_of(each.type), "nullable": each.nullable or bool(prefix)}
        elif not types.is_struct(each.type.value_type):
            found[name] = {"data_type": "json"}
    return found


def nested_hints_of(fields: Iterable[Any], path: tuple[str, ...] = ()) -> dict[Any, Any]:
    """Return the columns of the table of each list, by the path of the list."""
    types, found = pyarrow().types, dict[Any, Any]()
    for each in fields:
        if types.is_list(each.type) and types.is_struct(each.type.value_type):
            here = (*path, each.name)
            found[here if path else each.name] = dlt.mark.make_nested_hints(columns=columns_of(each.type.value_type))
            found |= nested_hints_of(each.type.value_type, here)
    return found


def _type_of(kind: Any) -> str:
    types = pyarrow().types
    if types.is_integer(kind):
        return "bigint"
    if types.is_timestamp(kind):
        return "timestamp"
    return "bool" if types.is_boolean(kind) else "text"


def without_nulls(value: Any) -> Any:
    """Return a row without nulls: dlt would treat a null in place of a record as a column."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value
