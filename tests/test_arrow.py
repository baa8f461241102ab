"""Arrow: outcomes of fetched refs and decoded bodies as record batches, one row for each."""

import pickle
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pyarrow
import pytest

from conversas import AuthenticationError, Client, ConfigurationError, Conversation, Fetched, Retry, Zild, decode
from conversas.arrow import DecodeBatches, FetchBatches, outcome_schema, schema, to_batches, to_table
from conversas.client.outcome_columns import BATCH_BYTES
from conversas.sandbox import Fault, Rule, Sandbox

ONCE = Retry(attempts=1)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Sandbox() as sandbox:
        yield sandbox


def connecting(sandbox: Sandbox, **options: Any) -> Callable[[], Client]:
    return partial(Client, sandbox.zild, sandbox.superagentes, **{"retry": ONCE} | options)


def refs(*texts: str | None, column: str = "ref", size: int = 7) -> Iterator[Any]:
    """Yield batches of refs."""
    for first in range(0, len(texts), size):
        yield pyarrow.record_batch({column: pyarrow.array(texts[first : first + size], pyarrow.string())})


def zild(count: int) -> list[str]:
    return [f"zild:{number}" for number in range(1, count + 1)]


def rows_of(batches: Iterator[Any]) -> dict[str, dict[str, Any]]:
    found = [row for batch in batches for row in batch.to_pylist()]
    rows = {row["ref"]: row for row in found}
    assert len(rows) == len(found)
    return rows


# Tables


def test_a_table_has_the_conversations_in_their_order(sandbox: Sandbox) -> None:
    with connecting(sandbox)() as client:
        conversations = [client.get(ref) for ref in (*zild(3), "superagentes:a")]
    table = to_table(conversations)
    assert table.schema.equals(schema())
    assert table.column("ref").to_pylist() == [str(each.ref) for each in conversations]
    assert [len(each) for each in table.column("messages")] == [len(each.messages) for each in conversations]
    assert to_table([]).num_rows == 0


def test_a_batch_ends_at_500_rows_or_8_mebibytes(sandbox: Sandbox) -> None:
    small = Conversation(provider="zild")
    assert [batch.num_rows for batch in to_batches([small] * 1_001)] == [500, 500, 1]
    large = decode("zild", sandbox.body("zild:1") + b" " * BATCH_BYTES)
    assert [batch.num_rows for batch in to_batches([small, large, small])] == [2, 1]


# Fetched refs


def test_each_ref_is_a_row_whatever_becomes_of_it(sandbox: Sandbox) -> None:
    sandbox.rules = [
        Rule(Fault.NOT_FOUND, ids=["5"]),
        Rule(Fault.HTML_PAGE, ids=["6"]),
        Rule(Fault.TRUNCATED_JSON, ids=["7"]),
        Rule(Fault.UNKNOWN_FIELD, ids=["8"]),
    ]
    given = [*zild(40), "nonsense", "zild:../x", "nowhere:1", None, "superagentes:é x"]
    batches = list(FetchBatches(connecting(sandbox))(refs(*given)))
    assert all(batch.schema.equals(outcome_schema()) for batch in batches)
    rows = rows_of(iter(batches))
    assert rows.keys() == {ref for ref in given if ref}
    failed = {ref: (row["error"]["type"], row["error"]["status"]) for ref, row in rows.items() if row["error"]}
    assert failed == {
        "zild:5": ("NotFoundError", 404),
        "zild:6": ("ServerError", 502),
        "zild:7": ("DecodeError", None),
        "nonsense": ("ConfigurationError", None),
        "zild:../x": ("ConfigurationError", None),
        "nowhere:1": ("ConfigurationError", None),
    }
    assert rows["zild:7"]["error"]["reason"] == "the body is not a conversation (not_json)"
    assert [rows[ref]["drift"] != [] for ref in ("zild:8", "zild:9")] == [True, False]
    assert [rows[ref]["attempts"] for ref in ("zild:1", "zild:5", "nonsense")] == [1, 1, 0]


def test_a_row_has_the_conversation_its_hashes_and_its_body(sandbox: Sandbox) -> None:
    (row,) = rows_of(FetchBatches(connecting(sandbox), column="id", raw=True)(refs("zild:1", column="id"))).values()
    conversation = decode("zild", row["raw"], ref="zild:1")
    assert row["conversation"] == to_table([conversation]).to_pylist()[0]
    assert row["fingerprint"] == conversation.fingerprint
    assert (row["error"], row["recorded_at"].tzinfo is None) == (None, False)


def test_only_failures_that_may_pass_are_fetched_again(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1"]), Rule(Fault.INTERNAL_ERROR, ids=["2"])]
    rows = rows_of(FetchBatches(connecting(sandbox), concurrency=1)(refs(*zild(5), "nonsense")))
    again = {ref: row["error"]["fetch_again"] for ref, row in rows.items() if row["error"]}
    assert again == {"zild:1": False, "zild:2": True, "nonsense": True}


def test_where_nothing_is_found_a_wrong_base_url_is_as_likely(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    rows = rows_of(FetchBatches(connecting(sandbox))(refs(*zild(5))))
    assert {row["error"]["fetch_again"] for row in rows.values()} == {True}


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_token_that_is_revoked_midway_loses_no_ref(sandbox: Sandbox, concurrency: int) -> None:
    def given() -> Iterator[Any]:
        yield from refs(*zild(50))
        sandbox.rules = [Rule(Fault.UNAUTHORIZED)]
        yield from refs(*[f"zild:{number}" for number in range(51, 201)])

    rows = rows_of(FetchBatches(connecting(sandbox), concurrency=concurrency)(given()))
    assert len(rows) == 200
    left = {ref: row["error"] for ref, row in rows.items() if row["error"]}
    assert 150 <= len(left) < 190
    assert {(error["type"], error["fetch_again"]) for error in left.values()} == {("AuthenticationError", True)}
    assert sum(row["attempts"] for row in rows.values()) <= sandbox.counts.requests < 100


def test_a_token_that_was_never_valid_is_an_error(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNAUTHORIZED)]
    with pytest.raises(AuthenticationError):
        list(FetchBatches(connecting(sandbox))(refs(*zild(50))))


def test_a_provider_that_stops_takes_no_other_one_with_it(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNAUTHORIZED, provider="superagentes")]
    given = [*zild(20), *(f"superagentes:{name}" for name in "abcdefgh")]
    rows = rows_of(FetchBatches(connecting(sandbox))(refs(*given)))
    assert {row["ref"].partition(":")[0] for row in rows.values() if row["error"]} == {"superagentes"}
    assert rows.keys() == set(given)


def test_the_function_pickles_without_a_token(sandbox: Sandbox) -> None:
    pickled = pickle.dumps(FetchBatches(requests_per_second=5))
    assert pickle.loads(pickled) == FetchBatches(requests_per_second=5)
    client = Client(sandbox.zild)
    with pytest.raises(TypeError, match="a client holds connections and cannot be pickled"):
        pickle.dumps(FetchBatches(partial(Client.get, client)))  # type: ignore[arg-type]


def test_repr_shows_no_token() -> None:
    function = FetchBatches(partial(Client, Zild("https://zild.example", "canary-token")))
    assert "canary-token" not in repr(function)


# Decoded bodies


@pytest.mark.parametrize("kind", [pyarrow.binary(), pyarrow.string(), pyarrow.large_string()])
def test_bodies_decode_as_the_client_does(sandbox: Sandbox, kind: Any) -> None:
    given = [*zild(10), "superagentes:a"]
    with connecting(sandbox)() as client:
        fetched = {str(each.ref): each for each in client.get_many(given) if isinstance(each, Fetched)}
    providers = [ref.partition(":")[0] for ref in given]
    bodies = pyarrow.array([sandbox.body(ref) for ref in given], pyarrow.binary()).cast(kind)
    batch = pyarrow.record_batch({"ref": given, "provider": providers, "body": bodies})
    rows = rows_of(DecodeBatches()(iter([batch])))
    assert [*rows] == given
    assert {ref: row["fingerprint"] for ref, row in rows.items()} == {
        ref: each.conversation.fingerprint for ref, each in fetched.items()
    }


def test_a_body_that_does_not_decode_is_a_row(sandbox: Sandbox) -> None:
    given: list[tuple[str | None, str | None, bytes | None]] = [
        ("zild:1", "zild", sandbox.body("zild:1")),
        (None, "zild", sandbox.body("zild:2")),
        ("zild:3", "zild", b"<html>"),
        ("zild:4", "zild", b"null"),
        ("zild:5", "nowhere", b"{}"),
        ("zild:6", "superagentes", sandbox.body("zild:6")),
        ("zild:7", None, b"{}"),
        (None, "zild", None),
    ]
    columns = [*zip(*given, strict=True)]
    batch = pyarrow.record_batch({"key": columns[0], "by": columns[1], "json": pyarrow.array(columns[2])})
    rows = rows_of(DecodeBatches(body="json", provider="by", ref="key")(iter([batch])))
    assert {ref: row["error"] and row["error"]["type"] for ref, row in rows.items()} == {
        "zild:1": None,
        "zild:2": None,
        "zild:3": "DecodeError",
        "zild:4": "NotFoundError",
        "zild:5": "ConfigurationError",
        "zild:6": "ConfigurationError",
        "zild:7": "ConfigurationError",
        "": "ConfigurationError",
    }


def test_an_unknown_time_zone_is_an_error_before_any_engine_starts() -> None:
    with pytest.raises(ConfigurationError, match="zone"):
        DecodeBatches(timezone="Mars/Olympus")
