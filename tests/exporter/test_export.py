"""Export: the files of the directory, resuming, refreshing, and the end of a run."""

import asyncio
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import (
    AsyncClient,
    Client,
    ConfigurationError,
    Conversation,
    Export,
    ExportError,
    ExportSummary,
    PartLimits,
    PermissionDeniedError,
    Zild,
    decode,
    export,
)
from conversas.exporter import manifest
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, exported, fetched, files, lines, outcomes
from support.export_totals import totals

REFS = [f"zild:{number}" for number in range(1, 21)] + ["superagentes:a", "superagentes:b/c?d"]
SMALL = PartLimits(max_conversations=6)


@pytest.mark.parametrize("compress", [False, True])
def test_each_conversation_is_one_line_in_its_neutral_form(
    run: Any, folder: Path, sandbox: Sandbox, *, compress: bool
) -> None:
    summary = run(REFS, compress=compress, part=SMALL)
    assert totals(summary) == (len(REFS), 0, 0)
    found = {line["ref"]: line for line in lines(folder)}
    assert found.keys() == set(REFS)
    for ref, line in found.items():
        conversation = decode(ref.partition(":")[0], sandbox.body(ref), ref=ref)
        assert line == json.loads(json.dumps(conversation.to_dict()))
        assert Conversation.from_dict(line) == conversation
    rows = ask(folder, "SELECT ref, sha256, fingerprint, verdict, attempts FROM outcomes")
    for ref, sha256, fingerprint, verdict, attempts in rows:
        conversation = decode(ref.partition(":")[0], sandbox.body(ref), ref=ref)
        assert sha256 == hashlib.sha256(conversation.raw).hexdigest()
        assert (fingerprint, verdict, attempts) == (conversation.fingerprint, conversation.completeness.verdict, 1)
    assert len(list((folder / "parts").iterdir())) == 4
    assert Export(folder).verify() == []


def test_nobody_but_the_owner_may_read_it(run: Any, folder: Path) -> None:
    run(REFS, raw=True)
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()] if path.is_dir()} == {0o700}


def test_the_exact_bodies_are_kept_beside_the_parts(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(REFS, raw=True, part=SMALL)
    bodies = dict[str, bytes]()
    for twin in (folder / "raw").iterdir():
        with zipfile.ZipFile(twin) as archive:
            bodies |= {name: archive.read(name) for name in archive.namelist()}
    assert bodies["zild/7.json"] == sandbox.body("zild:7")
    assert bodies["superagentes/b%2Fc%3Fd.json"] == sandbox.body("superagentes:b/c?d")
    assert len(bodies) == len(REFS)


def test_the_hashes_are_as_other_programs_check_them(run: Any, folder: Path) -> None:
    run(REFS, raw=True)
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=folder, check=True)


def test_another_run_fetches_what_is_missing_and_failures_that_fetch_again(
    run: Any, folder: Path, sandbox: Sandbox
) -> None:
    sandbox.rules = [
        Rule(Fault.NOT_FOUND, ids=["1"]),
        Rule(Fault.UNAVAILABLE, ids=["2"], retry_after=0),
        Rule(Fault.TRUNCATED_JSON, ids=["3"]),
        Rule(Fault.FORBIDDEN, ids=["4"]),
    ]
    assert totals(run(REFS[:6])) == (2, 4, 0)
    assert outcomes(folder) == {
        "zild:1": "NotFoundError",
        "zild:2": "ServerError",
        "zild:3": "DecodeError",
        "zild:4": "PermissionDeniedError",
        "zild:5": "fetched",
        "zild:6": "fetched",
    }
    (name,) = [path.name for path in (folder / "undecodable").iterdir()]
    assert (folder / "undecodable" / name).read_bytes() == sandbox.body("zild:3")[: len(sandbox.body("zild:3")) // 2]
    before, sandbox.rules = sandbox.counts.requests, []
    assert totals(run(REFS)) == (len(REFS) - 4, 0, 4)
    assert sandbox.counts.requests - before == len(REFS) - 4
    assert {ref: error for ref, error in outcomes(folder).items() if error != "fetched"} == {
        "zild:1": "NotFoundError",
        "zild:4": "PermissionDeniedError",
    }
    assert list((folder / "undecodable").iterdir()) == []
    assert totals(run(REFS, refresh="failed")) == (2, 0, len(REFS) - 2)
    assert exported(folder) == dict.fromkeys(REFS, 1)


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.REDIRECT, Fault.HTML_PAGE])
def test_what_a_wrong_set_up_says_of_all_refs_is_not_believed(
    run: Any, folder: Path, sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.rules = [Rule(fault)]
    assert totals(run(REFS)) == (0, len(REFS), 0)
    sandbox.rules = []
    assert totals(run(REFS)) == (len(REFS), 0, 0)
    assert Export(folder).verify() == []


def test_a_key_that_opens_nothing_ends_a_run_and_is_not_believed(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.FORBIDDEN)]
    with pytest.raises(PermissionDeniedError, match="the key is wrong, or gives no access to this conversation"):
        run(REFS)
    sandbox.rules = []
    assert totals(run(REFS)) == (len(REFS), 0, 0)
    assert Export(folder).verify() == []


@pytest.mark.parametrize("conversations", [1, 100])
def test_what_is_not_there_is_believed_once_others_are(
    run: Any, folder: Path, sandbox: Sandbox, conversations: int
) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1", "9", "a"])]
    part = PartLimits(max_conversations=conversations)
    refs = ["superagentes:a", *(f"zild:{number}" for number in range(1, 10))]
    assert totals(run(refs, concurrency=1, part=part)) == (7, 3, 0)
    doubtful = ask(folder, "SELECT ref FROM outcomes WHERE fetch_again")
    assert doubtful == [("superagentes:a",)]  # the only one that was asked of that platform
    sandbox.rules = []
    assert totals(run(refs)) == (1, 0, 9)


def test_a_newer_version_takes_the_place_of_the_older_one(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(REFS, part=SMALL, raw=True)
    in_progress = {ref for (ref,) in ask(folder, "SELECT ref FROM outcomes WHERE verdict = 'in_progress'")}
    assert 0 < len(in_progress) < len(REFS)
    before = {line["ref"]: line for line in lines(folder)}
    sandbox.rules = [Rule(Fault.CUT_EMOJI)]  # a newer version of each
    assert totals(run(REFS, refresh="in-progress")) == (len(in_progress), 0, len(REFS) - len(in_progress))
    after = {line["ref"]: line for line in lines(folder)}
    assert {ref for ref in REFS if before[ref] != after[ref]} <= in_progress
    assert any(before[ref] != after[ref] for ref in in_progress)
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).verify() == []


def test_a_version_that_cannot_be_had_again_stays(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(REFS)
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    assert totals(run(REFS[:3], refresh="all")) == (0, 3, 0)
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert ask(folder, "SELECT outcome, error FROM outcomes WHERE ref = 'zild:1'") == [("fetched", "NotFoundError")]
    assert Export(folder).verify() == []


def test_a_clock_that_was_set_back_hinders_no_run(run: Any, folder: Path) -> None:
    run(REFS)
    ask(folder, "UPDATE outcomes SET time = '2999-01-01T00:00:00.000000+00:00'")
    assert totals(run(REFS, refresh="all")) == (len(REFS), 0, 0)
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_a_ref_that_is_given_twice_is_there_once(run: Any, folder: Path) -> None:
    run([*REFS, *REFS, *REFS[:1] * 50])
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_what_is_no_ref_is_a_failure_and_hinders_nothing(run: Any, folder: Path) -> None:
    broken = ["no ref", "zild:", "zild:007", "other:1", "zild:1\udcff"]
    assert totals(run([*broken, *REFS])) == (len(REFS), len(broken), 0)
    assert set(outcomes(folder).values()) == {"fetched", "ConfigurationError"}
    assert fetched(folder) == set(REFS)


def test_drift_and_incompleteness_are_counted(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, ids=["5"])]
    summary = run(REFS)
    assert summary.drifting == 1
    assert summary.incomplete == ask(folder, "SELECT count(*) FROM outcomes WHERE verdict <> 'complete'")[0][0] > 0


@pytest.mark.parametrize(("limits", "least"), [(PartLimits(max_mib=0.001), 10), (PartLimits(max_seconds=1e-6), 10)])
def test_a_part_is_closed_by_its_size_and_its_age(run: Any, folder: Path, limits: PartLimits, least: int) -> None:
    run(REFS, part=limits)
    assert len(list((folder / "parts").iterdir())) >= least


def test_a_part_is_committed_in_time_also_where_nothing_comes(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.HANG, ids=["2"], seconds=60)]
    seen = list[set[str]]()

    def end_once_committed(_: ExportSummary) -> None:
        seen.append(fetched(folder))
        if seen[-1]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["zild:1", "zild:2"], part=PartLimits(max_seconds=0.05), on_progress=end_once_committed)
    assert seen[-1] == {"zild:1"}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"format": "csv"}, "format must be one of jsonl, parquet, got 'csv'"),
        ({"refresh": "some"}, "refresh must be one of in-progress, unscored, failed, all, got 'some'"),
        ({"concurrency": 0}, "`concurrency` must be a positive integer, got 0"),
        ({"refs": "zild:1"}, "`refs` must be an iterable of refs, got one ref"),
        ({"refs": [7]}, "a ref must be a ConversationRef or a string"),
        ({"client": AsyncClient(Zild("https://zild.example", token="a"))}, "client must be a Client, got AsyncClient"),
    ],
)
def test_a_wrong_option_is_refused(client: Client, folder: Path, option: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        export(**{"refs": REFS, "to": folder, "client": client} | option)


def test_limits_of_parts_are_above_0() -> None:
    with pytest.raises(ConfigurationError, match="must be positive numbers"):
        PartLimits(max_mib=0)


def test_a_folder_keeps_its_settings(run: Any, folder: Path) -> None:
    run(REFS[:2], compress=True)
    run(REFS[:4])
    assert [part.suffix for part in (folder / "parts").iterdir()] == [".zst", ".zst"]
    for option in ({"format": "parquet"}, {"compress": False}, {"raw": True}):
        with pytest.raises(ConfigurationError, match="was created with"):
            run(REFS, **option)
    assert Export(folder).verify() == []


def test_without_the_extra_that_it_needs_nothing_is_begun(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_without(**options: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, "zstandard", None)
            with pytest.raises(ConfigurationError, match="needs zstandard, which is not installed: run pip install"):
                run(REFS, **options)

    run_without(compress=True)
    assert not folder.exists()
    run(REFS, compress=True)
    run_without()
    assert Export(folder).verify() == []


def test_a_twin_that_cannot_be_made_leaves_no_part_open(run: Any, folder: Path) -> None:
    def refs() -> Iterator[str]:
        (folder / "raw" / "part-000001.zip.tmp").mkdir()
        yield "zild:1"

    run([], raw=True)
    with pytest.raises(ExportError, match="File exists; fix that"):
        run(refs())
    (folder / "raw" / "part-000001.zip.tmp").rmdir()
    assert run(["zild:1"]).fetched == 1


def test_drift_is_read_in_batches(run: Any, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, probability=0.5)]
    run(REFS)
    whole = Export(folder).drift()
    monkeypatch.setattr(manifest, "BATCH_ROWS", 3)
    assert str(Export(folder).drift()) == str(whole)
    assert f"of {len(REFS)} conversations" in str(whole)


def test_a_text_that_is_no_ref_counts_once(run: Any, folder: Path) -> None:
    assert totals(run(["no ref"] * 3)) == (0, 1, 2)
    assert outcomes(folder) == {"no ref": "ConfigurationError"}


def test_it_works_within_a_running_event_loop(client: Client, folder: Path) -> None:
    async def notebook() -> ExportSummary:
        return export(REFS, to=folder, client=client)

    assert totals(asyncio.run(notebook())) == (len(REFS), 0, 0)
