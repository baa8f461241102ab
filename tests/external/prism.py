"""Prism, which somebody else wrote: it serves a spec, or stands before a server and checks both sides by the spec."""

import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Self

import httpx
from attrs import define, field, frozen

from conversas.providers import ProviderConfig, get_provider
from conversas.providers.credentials import Secret
from support.processes import NODE_TOOLS, ROOT

LISTENING = re.compile(r"Prism is listening on (http://127\.0\.0\.1:\d+)$", re.MULTILINE)
START_SECONDS = 60  # the first start on a machine takes up to ten


@frozen
class Judgement:
    """What Prism said of one exchange."""

    status: int
    violations: list[str]
    """Where, such as `response.body.agentType`, each once, in its order."""


@define
class Prism:
    """Runs within `with`, on a port that it finds itself. A violation makes its answer an error: 401, 422 or 500."""

    mode: str
    """`mock`, or `proxy`."""
    provider: str
    options: list[str] = field(factory=list)
    """What comes after the spec: the address of a server, `--dynamic`."""
    url: str = field(default="", init=False)
    _process: subprocess.Popen[bytes] = field(init=False)
    _output: IO[bytes] = field(init=False)

    def __enter__(self) -> Self:
        spec = ROOT / "openapi" / f"{self.provider}.yaml"
        command: list[str | Path] = [
            NODE_TOOLS / "prism",
            self.mode,
            spec,
            *self.options,
            "--errors",
            "--host=127.0.0.1",
            "--port=0",
        ]
        self._output = tempfile.NamedTemporaryFile("ab")  # to append: the process and we share no place in it
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output)
        try:
            self.url = self._address()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._output.close()

    def platform(self, token: str) -> ProviderConfig:
        """Lead a client here. Prism serves the paths of the spec, without that of its `servers`."""
        return get_provider(self.provider).config(base_url=self.url, token=token)

    def judge(self, path: str, token: str | None = None) -> Judgement:
        """Make a request by hand, and read what Prism says of it and of the answer."""
        headers = {} if token is None else get_provider(self.provider).authenticate(Secret(token))
        answer = httpx.get(self.url + path, headers=headers, trust_env=False, timeout=60)
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        found = answer.json().get("validation", []) if is_problem else []
        return Judgement(answer.status_code, list(dict.fromkeys(".".join(each["location"]) for each in found)))

    def _address(self) -> str:
        """Wait for the line that says where it listens."""
        deadline = time.monotonic() + START_SECONDS
        while not (listening := LISTENING.search(self._said())):
            assert self._process.poll() is None, self._said()
            assert time.monotonic() < deadline, self._said()
            time.sleep(0.02)
        return listening[1]

    def _said(self) -> str:
        return Path(self._output.name).read_text("utf-8")
