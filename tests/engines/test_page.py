"""Each example of docs/pipelines.md runs and prints what the page says, with the real engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pyspark.sql import SparkSession
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from conversas.sandbox import Fault, Rule, Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "pipelines.md"


@pytest.fixture
def object_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve S3 on this machine, and point the environment there."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("S3_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    yield
    server.stop()


def test_each_example_runs_and_prints_what_the_page_says(
    spark: SparkSession,
    folder_of_spark: Path,
    object_store: None,
    postgres: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compare(example: Example) -> None:
        assert capsys.readouterr().out == example.parsed

    monkeypatch.chdir(folder_of_spark)
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", postgres)
    document: Document = Sybil([PythonCodeBlockParser(), CodeBlockParser(language="text", evaluator=compare)]).parse(
        PAGE
    )
    with Sandbox(rules=[Rule(Fault.NOT_FOUND, ids=["13"])]) as sandbox:
        variables = sandbox.env
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
            spark.sparkContext.environment[name] = value  # as the image of an executor would have it
        for example in document.examples():
            example.evaluate()
    for name in variables:
        del spark.sparkContext.environment[name]
