"""Errors across a process border: pickled and copied with all that they know."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from conversas import (
    ApiError,
    Client,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    DecodeError,
    DriftError,
    ExportError,
    Failed,
    Fetched,
    TransportError,
    decode,
)
from support.client_kinds import get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import superagentes

SAMPLE = without_id("superagentes/sample")


def errors_of_each_class() -> list[ConversasError]:
    ref = ConversationRef("zild", "1")
    api: dict[str, Any] = {"status": 418, "request_id": "abc", "retry_after": 1.5, "provider": "zild", "ref": ref}
    kinds: list[type[ApiError]] = [ApiError, *ApiError.__subclasses__()]
    errors: list[ConversasError] = [kind("told", **api) for kind in kinds]
    errors += [kind("told", provider="zild", ref=ref) for kind in (ConversasError, ConfigurationError)]
    errors.append(TransportError("told", reason="reset", provider="zild", ref=ref))
    errors.append(DecodeError("told", body=b"[", reason="JSONDecodeError", provider="zild", ref=ref))
    errors.append(ExportError("told"))
    drift = decode("zild", b'{"id": 1, "surprise": 1}').drift
    errors.append(DriftError("told", drift=drift, body=b"{}", provider="zild", ref=ref))
    for error in errors:
        error.attempts, error.elapsed_seconds, error.retryable = 3, 1.25, True
        error.add_note("noted")
    return errors


def classes_below(kind: type[ConversasError]) -> set[type[ConversasError]]:
    return {kind}.union(*map(classes_below, kind.__subclasses__()))


def facts(error: ConversasError) -> tuple[Any, ...]:
    return type(error), error.args, str(error), vars(error)


def test_each_class_of_error_is_pickled_here() -> None:
    assert {type(error) for error in errors_of_each_class()} == classes_below(ConversasError)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_pickle_and_copy_with_all_they_know(protocol: int) -> None:
    for error in errors_of_each_class():
        assert facts(pickle.loads(pickle.dumps(error, protocol))) == facts(error)
        assert facts(copy.copy(error)) == facts(copy.deepcopy(error)) == facts(error)


def test_errors_and_outcomes_go_through_another_process(server: HttpServer) -> None:
    server.first = [(200, SAMPLE, {}), (200, b"[", {}), (404, b"", {"X-Request-Id": "abc"})]
    refs = ["superagentes:a", "superagentes:b", "superagentes:c"]
    fetched, *failed = get_many(Client, refs, superagentes(server), concurrency=1)
    failed_here = [outcome for outcome in failed if isinstance(outcome, Failed)]
    errors = errors_of_each_class()
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        others = list(pool.map(copy.copy, errors))
        came_back, *failed_there = pool.map(copy.copy, [fetched, *failed])
    assert list(map(facts, others)) == list(map(facts, errors))
    assert isinstance(fetched, Fetched)
    assert came_back == fetched
    assert came_back.conversation.raw == SAMPLE
    assert [type(outcome) for outcome in failed_there] == [Failed, Failed]
    assert [facts(outcome.error) for outcome in failed_there] == [facts(each.error) for each in failed_here]
    assert failed_there[0].error.body == b"["
    assert failed_there[1].error.request_id == "abc"


def test_an_error_raised_in_another_process_is_the_same_here() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        running = pool.submit(decode, "zild", b"content-canary", ref="zild:1")
        with pytest.raises(DecodeError) as raised:
            running.result()
    assert raised.value.body == b"content-canary"
    assert raised.value.ref == ConversationRef("zild", "1")
