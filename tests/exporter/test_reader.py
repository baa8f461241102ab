"""Reader of an export: conversations come back as they were fetched, and failures with their reasons."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conversas import (
    Conversation,
    DecodeError,
    DriftReport,
    Export,
    ExportError,
    ExportFailure,
    ExportStatus,
    OutcomeGroup,
    PartLimits,
    decode,
    read_export,
)
from conversas.exporter import manifest
from conversas.records.enums import Verdict
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, exported
from support.tracebacks import texts_of

REFS = [f"zild:{number}" for number in range(1, 31)] + [f"superagentes:{name}" for name in "abcdefgh"]
FORMS: list[dict[str, Any]] = [{}, {"compress": True}, {"format": "parquet"}]
each_form = pytest.mark.parametrize("options", FORMS, ids=["lines", "zstd", "parquet"])


@each_form
def test_each_conversation_comes_back_equal(run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any]) -> None:
    sandbox.rules = [Rule(Fault.NAIVE_DATE, probability=0.3), Rule(Fault.UNKNOWN_FIELD, probability=0.3)]
    run([*REFS, *REFS], part=PartLimits(max_conversations=7), **options)
    found = {str(conversation.ref): conversation for conversation in read_export(folder)}
    assert found.keys() == set(REFS)
    assert sum(1 for _ in read_export(str(folder))) == len(REFS)
    assert any(conversation.call for conversation in found.values())
    sandbox.rules = []
    run(REFS, refresh="all", **options)
    for conversation in read_export(folder):
        ref = str(conversation.ref)
        assert conversation == decode(ref.partition(":")[0], sandbox.body(ref), ref=ref)


def test_each_conversation_has_its_drift(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, probability=0.5), Rule(Fault.UNEXPECTED_NULL, probability=0.5)]
    run(REFS, part=PartLimits(max_conversations=7))
    by_manifest = {(each.provider, each.drift, each.count) for each in Export(folder).drift().counts}
    by_records = DriftReport.from_conversations(read_export(folder)).counts
    assert {(each.provider, each.drift, each.count) for each in by_records} == by_manifest != set()
    found = next(conversation for conversation in read_export(folder) if conversation.drift)
    assert f"{len(found.drift)} drift" in repr(found)


def test_the_older_version_that_a_killed_run_left_is_passed_by(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(["zild:1", "zild:2"])

    def refs() -> Iterator[str]:
        yield "zild:1"
        while len(ask(folder, "SELECT name FROM parts")) < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt

    sandbox.rules = [Rule(Fault.CUT_EMOJI)]
    with pytest.raises(KeyboardInterrupt):
        run(refs(), refresh="all", part=PartLimits(max_conversations=1))
    assert sorted(exported(folder).elements()) == ["zild:1", "zild:1", "zild:2"]
    assert sorted(str(conversation.ref) for conversation in read_export(folder)) == ["zild:1", "zild:2"]


def test_what_is_damaged_or_none_is_told(run: Any, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is not an export"):
        read_export(tmp_path)
    run(REFS)
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(part.read_bytes().replace(b"zild", b"dliz", 1))
    with pytest.raises(ExportError, match=r"part-000001.jsonl is damaged; run conversas verify"):
        list(read_export(folder))
    part.unlink()
    with pytest.raises(ExportError, match="No such file"):
        list(read_export(folder))


def test_a_line_of_another_version_is_told_without_its_words(run: Any, folder: Path) -> None:
    run(REFS)
    texts = [message.text or "" for conversation in read_export(folder) for message in conversation.messages]
    words = {text for text in texts if len(text) > 20}
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(part.read_bytes().replace(b'"schema_version":2', b'"schema_version":1', 1))
    ask(folder, f"UPDATE parts SET sha256 = '{hashlib.sha256(part.read_bytes()).hexdigest()}'")
    with pytest.raises(
        DecodeError, match="/schema_version: the record has version 1 of the neutral form, and this conversas reads"
    ) as raised:
        list(read_export(folder))
    assert [text for text in texts_of(raised.value) for word in words if word in text] == []


def test_no_run_begins_while_it_is_read_and_none_is_kept_out_after(run: Any, folder: Path) -> None:
    run(REFS)
    reading = read_export(folder)
    assert isinstance(next(reading), Conversation)
    assert len(list(read_export(folder))) == len(REFS)  # another reader
    with pytest.raises(ExportError, match="another run is using"):
        run(["zild:99"])
    del reading
    assert run(["zild:99"]).fetched == 1


def test_a_folder_may_be_moved(run: Any, folder: Path, tmp_path: Path) -> None:
    run(REFS)
    elsewhere = tmp_path / "ção # elsewhere? 100%"
    shutil.move(folder, elsewhere)
    assert len(list(read_export(elsewhere))) == len(REFS)


def test_the_status_has_counts_and_reasons(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1"]), Rule(Fault.TRUNCATED_JSON, ids=["2", "3"])]
    run(["zild:4", "zild:5", "zild:1", "zild:2", "zild:3"], concurrency=1)
    assert Export(folder).status() == ExportStatus(
        fetched=2,
        fetched_complete=1,
        fetched_in_progress=1,
        fetched_truncated=0,
        fetched_unknown=0,
        failed=(
            OutcomeGroup("DecodeError: the body is not a conversation (not_json)", 2, "zild:2", fetch_again=True),
            OutcomeGroup("NotFoundError: the provider answered 404: there is no such conversation", 1, "zild:1"),
        ),
        not_refreshed=(),
        incomplete=(OutcomeGroup("not-finished", 1, "zild:4", verdict=Verdict.IN_PROGRESS),),
        drifting=0,
        erased=0,
        parts=1,
        complete=True,
    )


def test_each_failure_has_its_reason(run: Any, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "BATCH_ROWS", 2)
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1"]), Rule(Fault.UNAVAILABLE, ids=["2"], retry_after=0)]
    run(["zild:4", "zild:1", "zild:2", "no ref"], concurrency=1)
    invalid, missing, unavailable = Export(folder).failures()
    assert (invalid.ref, invalid.error, invalid.attempts) == ("no ref", "ConfigurationError", 0)
    assert missing == ExportFailure(
        ref="zild:1",
        error="NotFoundError",
        reason="the provider answered 404: there is no such conversation",
        attempts=1,
        fetch_again=False,
        time=missing.time,
        body=None,
        has_conversation=False,
    )
    assert timedelta() < datetime.now(UTC) - missing.time < timedelta(minutes=10)
    assert (unavailable.error, unavailable.attempts, unavailable.fetch_again) == ("ServerError", 6, True)
    assert repr(Export(folder)) == f"Export(path={folder!r})"


def test_after_a_failed_refresh_the_export_keeps_the_conversation_and_tells_the_failure(
    run: Any, folder: Path, sandbox: Sandbox
) -> None:
    run(REFS[:3])
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    assert run(REFS[:3], refresh="all").failed == 3
    assert [(each.ref, each.error, each.has_conversation) for each in Export(folder).failures()] == [
        (ref, "NotFoundError", True) for ref in REFS[:3]
    ]
    status = Export(folder).status()
    assert (status.fetched, status.failed) == (3, ())
    assert [(group.count, group.first_ref) for group in status.not_refreshed] == [(3, REFS[0])]
    assert len(list(Export(folder).conversations())) == 3


def test_a_run_can_commit_while_failures_and_drift_are_read(
    run: Any, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "BATCH_ROWS", 2)
    monkeypatch.setattr(manifest, "BUSY_TIMEOUT_SECONDS", 0.1)
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1", "2", "3"])]
    run(["zild:1", "zild:2", "zild:3", "zild:4", "zild:5", "zild:6"])
    failures = Export(folder).failures()
    assert next(failures).ref == "zild:1"
    run(["zild:8"])
    assert [failure.ref for failure in failures] == ["zild:2", "zild:3"]
    with closing(manifest.Manifest.open(folder / "manifest.sqlite")) as reader:
        counts = reader.drift_counts()
        assert next(counts) == ("zild:4", [])
        sandbox.rules = [Rule(Fault.UNKNOWN_FIELD)]
        run(["zild:9"])  # its drift is new
        refs = {ref: len(drift) for ref, drift in counts}
    assert refs.pop("zild:9") > 0
    assert refs == {"zild:5": 0, "zild:6": 0, "zild:8": 0}
