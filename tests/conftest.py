"""Settings of hypothesis, a server, a certificate, and the skipping of tests whose programs are missing."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from hypothesis import settings

from support.http_server import HttpServer
from support.processes import NODE_TOOLS
from support.requirements import skip_unless_required

examples = int(os.environ.get("CONVERSAS_FUZZ_EXAMPLES", "100"))  # 100000, to look further by hand; fewer in .ci/run
settings.register_profile("patient", deadline=None, max_examples=examples)  # a busy machine is no failure
settings.load_profile("patient")

# A shell has what runs in its background ignore SIGINT, and so would every program that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """Serve on 127.0.0.1, past any proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with HttpServer() as server:
        yield server


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """Serve on 127.0.0.1, past any proxy, and keep connections."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with HttpServer(keep_alive=True) as keeper:
        yield keeper


@pytest.fixture(params=["pycurl", "httpx"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with pycurl, then with httpx alone, as if pycurl were not installed."""
    if request.param == "httpx":
        monkeypatch.setitem(sys.modules, "pycurl", None)
    return str(request.param)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one file with a certificate for 127.0.0.1, its key and its authority: what a server and a client load."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    file = tmp_path_factory.mktemp("certificate") / "certificate.pem"
    file.write_bytes(issued.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
    return file


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are missing, or fail it if all are required.

    They are named by `program("tmux")`, or by a path, and the tools of Node.js by `node("pyright")`.
    """
    for marker in item.iter_markers("program"):
        missing = [name for name in marker.args if shutil.which(name) is None and not Path(name).exists()]
        if missing:
            skip_unless_required(f"missing: {', '.join(missing)}; .ci/run installs what has them")
    for marker in item.iter_markers("node"):
        missing = ["Node.js"] if shutil.which("node") is None else []
        missing += [tool for tool in marker.args if not (NODE_TOOLS / tool).exists()]
        if missing:
            skip_unless_required(f"missing: {', '.join(missing)}; npm ci --prefix scripts/node installs the tools")
