"""Tables of an export, with one row for each conversation or for each message."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Literal, get_args

from conversas.errors import ConfigurationError
from conversas.records.columns import conversation_columns, pyarrow, record_fields
from conversas.records.conversation import Message

Rows = Literal["conversations", "messages"]


def check_rows(rows: str) -> None:
    """Check that `rows` is `conversations` or `messages`.

    Raises:
        ConfigurationError: `rows` is neither word.
    """
    if rows not in get_args(Rows):
        raise ConfigurationError(f"rows must be conversations or messages, got {rows!r}")


def message_columns() -> Any:
    """Return the schema of messages: ref, position in the conversation (from 0), and the columns of a message."""
    arrow = pyarrow()
    ref = arrow.field("ref", arrow.string(), nullable=False)
    position = arrow.field("position", arrow.int32(), nullable=False)
    return arrow.schema([ref, position, *record_fields(Message)])


def select_refs(batch: Any, refs: AbstractSet[str]) -> Any:
    """Return the conversations of a batch that have one of these refs."""
    return batch.filter(pyarrow().array([ref in refs for ref in batch.column("ref").to_pylist()], pyarrow().bool_()))


def to_messages(batch: Any) -> Any:
    """Return the messages of a batch of conversations, in the same order."""
    arrow, schema = pyarrow(), message_columns()
    lengths = [len(messages) for messages in batch.column("messages")]
    parents = arrow.array([row for row, length in enumerate(lengths) for _ in range(length)], arrow.int32())
    positions = arrow.array([position for length in lengths for position in range(length)], arrow.int32())
    messages = batch.column("messages").flatten()
    return arrow.RecordBatch.from_arrays(
        [batch.column("ref").take(parents), positions, *messages.flatten()], schema=schema
    )


def to_table(batches: Iterable[Any], rows: Rows) -> Any:
    """Return the batches as one table."""
    schema = message_columns() if rows == "messages" else conversation_columns()
    return pyarrow().Table.from_batches(batches, schema=schema)
