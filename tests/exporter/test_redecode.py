"""Decoding once more: new records come from the raw bodies, no platform is asked, and nothing is lost."""

import hashlib
import shutil
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conversas import Client, Export, ExportError, PartLimits, decode, export, read_export
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, outcomes
from support.kill_at_step import call_and_kill
from support.sizes import size

REFS = [*(f"zild:{number}" for number in range(1, 9)), "superagentes:a"]
SMALL = PartLimits(max_conversations=4, max_seconds=600)
FORMATS = [{"compress": True}, {"format": "parquet"}]
ZONE = "America/Sao_Paulo"


def fingerprints(folder: Path) -> dict[str, str]:
    return {str(conversation.ref): conversation.fingerprint for conversation in read_export(folder)}


def bodies(folder: Path) -> dict[str, bytes]:
    """Return the bodies in all raw archives."""
    found = dict[str, bytes]()
    for path in (folder / "raw").iterdir():
        with zipfile.ZipFile(path) as archive:
            found |= {name: archive.read(name) for name in archive.namelist()}
    return found


def newly_decoded(folder: Path) -> dict[str, str]:
    """Return the fingerprint that each body gives in another time zone."""
    refs = {name.removesuffix(".json").replace("/", ":"): body for name, body in bodies(folder).items()}
    return {ref: decode(ref.partition(":")[0], body, ref=ref, timezone=ZONE).fingerprint for ref, body in refs.items()}


def read_in_another_zone(folder: Path) -> None:
    """Make the records of the naive conversations other ones, as an upgrade may."""
    ask(folder, f"UPDATE providers SET timezone = '{ZONE}'")


@pytest.fixture
def naive(sandbox: Sandbox) -> None:
    """Conversations whose records depend on the time zone, as a change that an upgrade brings."""
    sandbox.rules = [Rule(Fault.NAIVE_DATE, ids=["2", "7"])]


@pytest.mark.usefixtures("naive")
@pytest.mark.parametrize("options", FORMATS)
def test_records_are_those_that_the_bodies_give_now(
    run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any]
) -> None:
    run(REFS, raw=True, part=SMALL, **options)
    read_in_another_zone(folder)
    expected, before, requests = newly_decoded(folder), bodies(folder), sandbox.counts.requests
    assert fingerprints(folder) != expected
    redecoding = Export(folder).redecode()
    assert (redecoding.conversations, redecoding.changed, redecoding.recovered) == (len(REFS), 2, 0)
    assert (redecoding.kept, redecoding.skipped) == ((), ())
    assert fingerprints(folder) == expected
    assert (bodies(folder), sandbox.counts.requests) == (before, requests)
    assert Export(folder).verify() == []
    ask(folder, "UPDATE providers SET timezone = 'UTC'")
    assert run(REFS).skipped == len(REFS)


def test_what_is_not_changed_is_not_written_again(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    before = ask(folder, "SELECT * FROM parts"), ask(folder, "SELECT * FROM outcomes")
    assert Export(folder).redecode().changed == 0
    assert (ask(folder, "SELECT * FROM parts"), ask(folder, "SELECT * FROM outcomes")) == before
    assert Export(folder).verify() == []


@pytest.mark.usefixtures("naive")
@pytest.mark.parametrize("options", FORMATS)
def test_after_a_kill_at_any_step_nothing_is_lost_and_it_goes_on(
    run: Any, folder: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    run(REFS, raw=True, part=SMALL, **options)
    read_in_another_zone(folder)
    expected, before = newly_decoded(folder), bodies(folder)
    steps = int(call_and_kill(shutil.copytree(folder, tmp_path / "whole"), "redecode", kill_at=0).stdout)
    assert steps > 20
    for moment in range(1, steps + 1, steps // size(6, reduced=2)):
        copy = shutil.copytree(folder, tmp_path / f"at-{moment}")
        assert call_and_kill(copy, "redecode", kill_at=moment).returncode == -signal.SIGKILL
        assert fingerprints(copy).keys() == expected.keys()
        Export(copy).redecode()
        assert fingerprints(copy) == expected
        assert bodies(copy) == before
        assert Export(copy).verify() == []


def replace_body(folder: Path, ref: str, body: bytes) -> None:
    """Replace a body in the only raw archive, as if it had come so."""
    (path,) = (folder / "raw").iterdir()
    kept = bodies(folder) | {f"{ref.replace(':', '/')}.json": body}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    archive_hash, body_hash = (hashlib.sha256(content).hexdigest() for content in (path.read_bytes(), body))
    ask(folder, f"UPDATE parts SET raw_sha256 = '{archive_hash}', raw_bytes = {path.stat().st_size}")
    ask(folder, f"UPDATE outcomes SET sha256 = '{body_hash}' WHERE ref = '{ref}'")


@pytest.mark.usefixtures("naive")
@pytest.mark.parametrize("options", FORMATS)
@pytest.mark.parametrize("body", [b'{"error": "x"}', b"<html>", b"null"])
def test_a_body_that_is_no_conversation_any_more_is_named_and_its_record_stays(
    run: Any, folder: Path, options: dict[str, Any], body: bytes
) -> None:
    run(REFS, raw=True, **options)
    read_in_another_zone(folder)
    before = fingerprints(folder)
    replace_body(folder, "zild:3", body)
    for changed in (2, 0):
        redecoding = Export(folder).redecode()
        assert (redecoding.kept, redecoding.changed) == (("zild:3",), changed)
        assert fingerprints(folder)["zild:3"] == before["zild:3"]
        assert bodies(folder)["zild/3.json"] == body
        assert len(list(read_export(folder))) == len(REFS)
        assert Export(folder).verify() == []


def test_a_body_that_can_be_decoded_by_now_becomes_a_conversation(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["1", "2"]), Rule(Fault.OTHER_ID, ids=["3"])]
    run(REFS, raw=True)
    body = b'{"id": 1, "messages": [{"id": 1, "content": "ol\xc3\xa1"}]}'
    (sha256,) = (each for (each,) in ask(folder, "SELECT undecodable FROM outcomes WHERE ref = 'zild:1'"))
    (folder / "undecodable" / f"{sha256}.body").unlink()
    now = hashlib.sha256(body).hexdigest()
    (folder / "undecodable" / f"{now}.body").write_bytes(body)
    ask(folder, f"UPDATE outcomes SET undecodable = '{now}' WHERE ref = 'zild:1'")
    assert Export(folder).redecode().recovered == 1
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched") | dict.fromkeys(["zild:2", "zild:3"], "DecodeError")
    assert bodies(folder)["zild/1.json"] == body
    assert len(list((folder / "undecodable").iterdir())) == 2
    assert Export(folder).verify() == []


@pytest.mark.usefixtures("naive")
def test_a_damaged_part_is_named_and_left(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    read_in_another_zone(folder)
    damaged = folder / "parts" / "part-000002.jsonl"
    damaged.write_bytes(damaged.read_bytes().replace(b"zild", b"ZILD", 1))
    content = damaged.read_bytes()
    redecoding = Export(folder).redecode()
    assert (redecoding.skipped, redecoding.changed) == (("parts/part-000002.jsonl",), 1)
    assert damaged.read_bytes() == content


def test_an_export_without_raw_bodies_is_refused_and_left_alone(run: Any, folder: Path) -> None:
    run(REFS)
    with pytest.raises(ExportError, match="has no raw bodies to decode; export with raw to a new directory"):
        Export(folder).redecode()
    assert Export(folder).verify() == []


def test_the_time_zone_is_that_of_the_export(folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.rules = [Rule(Fault.NAIVE_DATE, ids=["2"])]
    with Client(evolve(sandbox.zild, timezone=ZONE)) as client:
        export(["zild:1", "zild:2"], to=folder, client=client, raw=True)
    monkeypatch.setenv("ZILD_TIMEZONE", "Asia/Tokyo")
    assert Export(folder).redecode().changed == 0


def test_an_export_without_accounts_takes_the_time_zone_of_the_environment(
    run: Any, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.rules = [Rule(Fault.NAIVE_DATE, ids=["2"])]
    run(["zild:1", "zild:2"], raw=True)
    ask(folder, "DELETE FROM providers")
    monkeypatch.setenv("ZILD_TIMEZONE", "Asia/Tokyo")
    assert Export(folder).redecode().changed == 1
    assert ask(folder, "SELECT * FROM providers") == []
