"""Screen and state of a terminal after a command, read back from tmux."""

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import frozen

from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import GUARD_SECONDS, PROGRAM, environment, leading_to
from support.hostile_text import EVIL
from support.http_server import HttpServer

pytestmark = pytest.mark.program("tmux")

WIDTH, HEIGHT = 80, 50
SIZE = ["set-option", "-g", "status", "off", ";", "resize-window", "-x", str(WIDTH), "-y", str(HEIGHT)]
TITLE = "ours"
SENTINEL = "the-end"
STATE = "#{pane_title} #{window_bell_flag} #{alternate_on} #{cursor_flag} #{insert_flag} #{scroll_region_upper} "
STATE += "#{scroll_region_lower} #{origin_flag} #{wrap_flag} #{keypad_flag} #{mouse_any_flag}"
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|9[0-7])m")
UNTOUCHED = f"{TITLE} 0 0 1 0 0 {HEIGHT - 1} 0 1 0 0"


@frozen
class Terminal:
    """A terminal of fixed size in a tmux of its own."""

    folder: Path

    def tmux(self, *arguments: str) -> str:
        variables = {"TMUX_TMPDIR": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        result = subprocess.run(
            ["tmux", "-u", "-L", "tests", "-f", "/dev/null", *arguments],
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=GUARD_SECONDS,
            check=True,
        )
        return result.stdout

    def show(self, *arguments: str, **variables: str) -> None:
        """Run the command in it, then print the sentinel, and keep what is on the screen."""
        given = [f"{name}={value}" for name, value in environment(LC_ALL="C.UTF-8", **variables).items()]
        clean = ["env", "-i", "TERM=screen-256color", *given]
        said = shlex.join([*clean, *PROGRAM, *arguments])
        end = f"printf '%s:%s' {SENTINEL} $?; tmux wait-for -S printed; exec cat >/dev/null"
        # the program comes in a file: nothing of it is echoed
        file = self.folder / "script"
        file.write_text(f"printf '\\033]2;{TITLE}\\033\\\\'; {said}; {end}")
        self.tmux("new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), "/bin/sh", str(file), ";", *SIZE)
        self.tmux("wait-for", "printed")
        until = time.monotonic() + GUARD_SECONDS
        while SENTINEL not in self.screen():  # it is on its way
            assert time.monotonic() < until, self.screen()

    def screen(self, *options: str) -> str:
        return self.tmux("capture-pane", "-p", *options)

    def lines(self) -> list[str]:
        """Return all lines, with those that have scrolled away, up to the sentinel."""
        return self.screen("-S", "-").rstrip("\n").splitlines()

    @property
    def state(self) -> str:
        return self.tmux("display-message", "-p", STATE).strip()

    @property
    def cursor(self) -> tuple[int, int]:
        column, line = self.tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(line)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with TemporaryDirectory(prefix="tmux") as folder:  # a short path: sockets take no long one
        terminal = Terminal(Path(folder))
        yield terminal
        terminal.tmux("kill-server")


def zild(server: HttpServer, **body: object) -> dict[str, str]:
    server.answer(200, json.dumps({"id": 1} | body).encode())
    return {"ZILD_BASE_URL": server.url, "ZILD_TOKEN": "a-token"}


def check_untouched(terminal: Terminal) -> None:
    """Check that the sentinel stands at the left below the rest, the cursor behind it, and nothing else has changed."""
    lines = terminal.lines()
    assert lines[-1] == f"{SENTINEL}:0"
    assert terminal.state == UNTOUCHED
    column, line = terminal.cursor
    assert column == len(lines[-1])
    assert terminal.screen().splitlines()[line] == lines[-1]


EVERYWHERE = {
    "name": EVIL,
    "from": EVIL,
    "summary": EVIL,
    "overallSentiment": EVIL,
    "tags": [{"id": 1, "name": EVIL}],
    "callStatus": EVIL,
    "disconnectionReason": EVIL,
    "conversationEvaluationStatusMessage": EVIL,
    f"unknown{EVIL}": EVIL,
    "messages": [
        {"id": 1, "content": EVIL, "mediaUrl": EVIL, "mediaFileName": EVIL, "errorCode": EVIL, "errorMessage": EVIL},
        {"id": 2, "content": f"visible{EVIL}still visible", "createdAt": "2024-01-01T00:00:00Z", "from": EVIL},
    ],
}


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["transcript", "json"])
def test_a_body_full_of_escape_codes_changes_nothing_but_the_lines_it_is_on(
    terminal: Terminal, server: HttpServer, form: list[str]
) -> None:
    terminal.show("get", "zild:1", *form, **zild(server, **EVERYWHERE))
    check_untouched(terminal)
    shown = "\n".join(terminal.lines())
    assert "visible" in shown
    assert "\\x1b]0;owned\\x07" in shown or "\\u001b]0;owned\\u0007" in shown
    first, second, *_ = terminal.lines()
    assert first.startswith("{" if form else "zild:1  ")
    assert second.startswith('  "schema_version": 2,' if form else "customer  ")


def test_messages_of_a_megabyte_are_harmless(terminal: Terminal, server: HttpServer) -> None:
    texts = ["a" * 1_000_000, "\n" * 1_000_000, (EVIL + "a") * 20_000]
    messages = [{"id": number, "content": text} for number, text in enumerate(texts)]
    terminal.show("get", "zild:1", **zild(server, messages=messages))
    check_untouched(terminal)
    lines = terminal.lines()
    assert sum("more characters]" in line for line in lines) == 3
    assert "more characters]" in lines[-2]
    assert len(lines) < 500


def test_wide_characters_and_full_lines_are_wrapped_where_the_terminal_ends(
    terminal: Terminal, server: HttpServer
) -> None:
    text, marked = "界" * 100 + " " + "x" * 63 + " " + "🙂" * 40, "a" + "\u0301" * 500 + "b"
    messages = [{"id": 1, "content": text}, {"id": 2, "content": marked}]
    terminal.show("get", "zild:1", **zild(server, messages=messages))
    check_untouched(terminal)
    said = [line[17:] for line in terminal.lines() if line.startswith(" " * 17)]
    assert "".join(said) == text.replace(" ", "")[31:]
    assert max(map(len, said)) == 63
    assert terminal.lines()[-2] == "       unknown   a" + "\u0301" * 3 + "b"


def test_an_error_shows_no_escape_code_of_its_arguments(terminal: Terminal) -> None:
    terminal.show("get", f"zild:{EVIL.replace(chr(0), '')}")
    assert terminal.lines()[-1] == f"{SENTINEL}:2"
    assert terminal.state == UNTOUCHED


def test_raw_bytes_are_refused_on_a_terminal(terminal: Terminal, server: HttpServer) -> None:
    terminal.show("get", "zild:1", "--raw", **zild(server, **EVERYWHERE))
    assert terminal.lines()[-1] == f"{SENTINEL}:2"
    assert terminal.lines()[0].startswith("error: --raw writes bytes that may change the terminal")
    assert (server.requests, terminal.state) == ([], UNTOUCHED)


def test_an_export_leaves_its_summary_and_no_line_for_each_retry(terminal: Terminal, sandbox: Sandbox) -> None:
    sandbox.rules.append(Rule(Fault.INTERNAL_ERROR, times=1))
    terminal.show("export", "zild:1..6", "--to", str(terminal.folder / "out"), **leading_to(sandbox))
    check_untouched(terminal)
    assert " ".join(terminal.lines()[:-1]).startswith("6 fetched, 0 failed, 0 already done, 6 retried")


@pytest.mark.parametrize("arguments", [["get", "zild:123"], ["doctor"]], ids=" ".join)
def test_there_are_colours_unless_they_are_not_wanted(
    terminal: Terminal, sandbox: Sandbox, arguments: list[str]
) -> None:
    terminal.show(*arguments, **leading_to(sandbox))
    check_untouched(terminal)
    assert COLOUR.search(terminal.screen("-e"))


def test_no_color_is_heeded(terminal: Terminal, sandbox: Sandbox) -> None:
    terminal.show("get", "zild:123", **leading_to(sandbox), NO_COLOR="1")
    check_untouched(terminal)
    assert not COLOUR.search(terminal.screen("-e"))
