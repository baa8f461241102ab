"""dlt into DuckDB and PostgreSQL, real ones: nothing is fetched twice, and each row is there exactly once."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from conversas import Client, ConfigurationError, export
from conversas import dlt as conversas_dlt
from conversas.sandbox import Fault, Rule, Sandbox
from support.http_server import HttpServer

from .conftest import Connect

GUARD_SECONDS = 300.0  # only a deadlock takes so long


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "duckdb":
        return dlt.destinations.duckdb(str(tmp_path / "calls.duckdb"))
    return dlt.destinations.postgres(request.getfixturevalue("postgres"))


@pytest.fixture
def pipeline(database: Any, tmp_path: Path) -> dlt.Pipeline:
    return pipeline_into(database, tmp_path)


def pipeline_into(database: Any, folder: Path) -> dlt.Pipeline:
    name = f"calls_{abs(hash(folder))}"
    return dlt.pipeline(name, destination=database, dataset_name=name, pipelines_dir=str(folder / "pipelines"))


def query(pipeline: dlt.Pipeline, sql: str) -> list[tuple[Any, ...]]:
    with pipeline.sql_client() as client:
        return [tuple(row) for row in client.execute_sql(sql) or ()]


def some(count: int) -> list[str]:
    return [f"zild:{number}" for number in range(1, count + 1)]


def test_another_run_fetches_nothing_and_in_progress_only_those(
    pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect
) -> None:
    conversas_dlt.load(pipeline, [*some(40), "zild:1"], connect=connect())
    messages = query(pipeline, "SELECT count(*) FROM conversations__messages")
    ongoing = "SELECT count(*) FROM conversations WHERE completeness__verdict = 'in_progress'"
    [(in_progress,)] = query(pipeline, ongoing)
    conversas_dlt.load(pipeline, some(40), connect=connect())
    assert sandbox.counts.requests == 40
    conversas_dlt.load(pipeline, some(40), connect=connect(), refresh="in-progress")
    assert sandbox.counts.requests == 40 + in_progress > 40
    assert query(pipeline, "SELECT count(*), count(DISTINCT ref) FROM conversations") == [(40, 40)]
    assert query(pipeline, "SELECT count(*) FROM conversations__messages") == messages


def test_failures_are_rows_until_they_pass(pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["5"]), Rule(Fault.INTERNAL_ERROR, ids=["6"])]
    conversas_dlt.load(pipeline, [*some(10), "nonsense"], connect=connect())
    failures = "SELECT ref, type, status, fetch_again FROM failures ORDER BY ref"
    nonsense = ("nonsense", "ConfigurationError", None, True)
    absent, broken = ("zild:5", "NotFoundError", 404, False), ("zild:6", "ServerError", 500, True)
    assert query(pipeline, failures) == [nonsense, absent, broken]
    sandbox.rules = []
    asked = sandbox.counts.requests
    conversas_dlt.load(pipeline, some(10), connect=connect())
    assert (query(pipeline, failures), sandbox.counts.requests) == ([nonsense, absent], asked + 1)
    conversas_dlt.load(pipeline, some(10), connect=connect(), refresh="failed")
    assert (query(pipeline, failures), sandbox.counts.requests) == ([nonsense], asked + 2)
    assert query(pipeline, "SELECT count(*) FROM conversations") == [(10,)]


def test_drift_changes_no_column_of_the_tables(pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect) -> None:
    def columns() -> dict[str, dict[str, Any]]:
        tables = pipeline.default_schema.data_tables()
        return {
            table["name"]: {name: column["data_type"] for name, column in table["columns"].items()} for table in tables
        }

    conversas_dlt.load(pipeline, some(5), connect=connect())
    before = columns()
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD), Rule(Fault.UNKNOWN_ENUM_VALUE)]
    conversas_dlt.load(pipeline, some(5), connect=connect(), refresh="all")
    after = columns()
    assert after == before | {"conversations__drift": after["conversations__drift"]}
    assert query(pipeline, "SELECT count(*) > 4 FROM conversations__drift") == [(True,)]


def test_a_token_that_is_revoked_midway_loses_no_ref(
    pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.rules = [Rule(Fault.UNAUTHORIZED, ids=[str(number) for number in range(21, 61)])]
    conversas_dlt.load(pipeline, some(60), connect=connect(), concurrency=4)
    [(fetched,)] = query(pipeline, "SELECT count(*) FROM conversations")
    assert query(pipeline, "SELECT count(*), min(type) FROM failures WHERE fetch_again") == [
        (60 - fetched, "AuthenticationError")
    ]
    with pytest.raises(PipelineStepFailed, match="answered 401"):
        conversas_dlt.load(pipeline, some(60), connect=connect())
    sandbox.rules = []
    conversas_dlt.load(pipeline, some(60), connect=connect())
    assert query(pipeline, "SELECT count(*), count(DISTINCT ref) FROM conversations") == [(60, 60)]
    assert query(pipeline, "SELECT count(*) FROM failures") == [(0,)]


def test_an_export_is_loaded_without_a_request(
    pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["5"])]
    with connect()() as client:
        export(some(20), to=tmp_path / "calls", client=client, concurrency=1)
    asked = sandbox.counts.requests
    pipeline.run(conversas_dlt.exported(tmp_path / "calls"))
    conversas_dlt.load(pipeline, some(20), connect=connect())
    assert query(pipeline, "SELECT count(*) FROM conversations") == [(19,)]
    assert query(pipeline, "SELECT ref, status FROM failures") == [("zild:5", None)]
    assert sandbox.counts.requests == asked


def test_what_a_killed_run_has_left_takes_no_refs_from_the_next_one(
    pipeline: dlt.Pipeline, sandbox: Sandbox, connect: Connect
) -> None:
    conversas_dlt.load(pipeline, some(2), connect=connect())
    pipeline.extract(conversas_dlt.conversations(some(4), connect=connect()))
    conversas_dlt.load(pipeline, some(6)[4:], connect=connect())
    assert query(pipeline, "SELECT count(*), count(DISTINCT ref) FROM conversations") == [(6, 6)]
    assert sandbox.counts.requests == 6


def test_slices_have_at_least_one_ref(pipeline: dlt.Pipeline) -> None:
    with pytest.raises(ConfigurationError, match="`at_a_time` must be a positive integer, got 0"):
        conversas_dlt.load(pipeline, some(1), at_a_time=0)


# Kills

PROGRAM = """
import sys
import dlt
from conversas import dlt as conversas_dlt

kind, place, folder, name, count = sys.argv[1:]
database = getattr(dlt.destinations, kind)(place)
pipeline = dlt.pipeline(name, destination=database, dataset_name=name, pipelines_dir=folder)
conversas_dlt.load(pipeline, [f"zild:{n}" for n in range(1, int(count) + 1)], at_a_time=50, concurrency=4)
"""


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "DLT_DATA_DIR")} | sandbox.env


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_a_load_that_is_killed_three_times_has_each_row_once(
    kind: str, sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sandbox.rules = [Rule(Fault.SLOW, seconds=0.05)]
    place = str(tmp_path / "calls.duckdb") if kind == "duckdb" else request.getfixturevalue("postgres")
    name = f"killed_{kind}"
    command = [sys.executable, "-c", PROGRAM, kind, place, str(tmp_path / "pipelines"), name, "200"]
    for _ in range(3):
        wanted = sandbox.counts.requests + 60
        with subprocess.Popen(command, env=environment(sandbox), stderr=subprocess.DEVNULL) as load:
            assert sandbox.wait_for_requests(wanted, timeout_seconds=GUARD_SECONDS)
            load.kill()
        assert load.returncode == -signal.SIGKILL
    subprocess.run(command, env=environment(sandbox), check=True)
    database = getattr(dlt.destinations, kind)(place)
    pipeline = dlt.pipeline(name, destination=database, dataset_name=name, pipelines_dir=str(tmp_path / "pipelines"))
    assert query(pipeline, "SELECT count(*), count(DISTINCT ref) FROM conversations") == [(200, 200)]
    [(messages, distinct)] = query(pipeline, "SELECT count(*), count(DISTINCT _dlt_id) FROM conversations__messages")
    assert messages == distinct
    assert sandbox.counts.requests <= 200 + 3 * 100  # the slice under way, and one that was not loaded yet


# Privacy


def test_no_token_and_no_finished_job_is_left_in_the_folder_of_dlt(sandbox: Sandbox, tmp_path: Path) -> None:
    pipeline = pipeline_into(dlt.destinations.duckdb(str(tmp_path / "calls.duckdb")), tmp_path)
    token, zild = str(sandbox.env["ZILD_TOKEN"]), sandbox.zild
    conversas_dlt.load(pipeline, some(3), connect=lambda: Client(zild))
    folders = (tmp_path / "pipelines", Path(os.environ["DLT_DATA_DIR"]))
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if token.encode() in file.read_bytes()] == []
    assert [file for file in files if "jobs" in file.parent.name] == []  # their rows are what customers said


@pytest.mark.parametrize(("settings", "sent"), [({}, False), ({"RUNTIME__DLTHUB_TELEMETRY": "true"}, True)])
def test_telemetry_is_off_unless_the_environment_asks_for_it(
    sandbox: Sandbox, tmp_path: Path, settings: dict[str, str], *, sent: bool
) -> None:
    with HttpServer() as server:
        endpoint = {"RUNTIME__DLTHUB_TELEMETRY_ENDPOINT": f"{server.url}/telemetry"}
        place = str(tmp_path / "calls.duckdb")
        command = [sys.executable, "-c", PROGRAM, "duckdb", place, str(tmp_path / "pipelines"), "told", "1"]
        subprocess.run(command, env=environment(sandbox) | endpoint | settings, check=True)
        assert bool(server.requests) is sent
