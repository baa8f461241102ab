"""Real engines: one session of Spark, a PostgreSQL server, and a sandbox for each test.

They are in an environment of their own: scripts/test-engines. Elsewhere nothing here is collected.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conversas import Client, Retry, TokenFile, Zild
from conversas.sandbox import Sandbox

from .postgres import running_postgres

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

if find_spec("pyspark") is None:
    collect_ignore_glob = ["*"]

Connect = Callable[..., Callable[[], Client]]


@pytest.fixture(scope="session", autouse=True)
def folder_of_dlt(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["DLT_DATA_DIR"] = str(tmp_path_factory.mktemp("dlt"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def connect(sandbox: Sandbox, tmp_path: Path) -> Connect:
    """Return a function that returns what creates clients of the sandbox, with the token in a file."""
    url, token = sandbox.url, str(tmp_path / "token")
    Path(token).write_text(str(sandbox.env["ZILD_TOKEN"]), "utf-8")

    def connecting(**options: Any) -> Callable[[], Client]:
        return lambda: Client(Zild(url, TokenFile(token)), **{"retry": Retry(attempts=1)} | options)

    return connecting


@pytest.fixture(scope="session")
def event_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="session")
def folder_of_spark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that relative paths of Spark are in."""
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="session")
def spark(event_log: Path, folder_of_spark: Path) -> "Iterator[SparkSession]":
    """Run Spark with two tasks at a time, each tried three times, its pages and its event log."""
    from pyspark.sql import SparkSession

    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # it starts sooner
        "spark.driver.host": "127.0.0.1",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": event_log.as_uri(),
        "spark.eventLog.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.port": "0",
        "spark.ui.showConsoleProgress": "false",
    }
    with contextlib.chdir(folder_of_spark):
        session = SparkSession.builder.master("local[2,3]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
