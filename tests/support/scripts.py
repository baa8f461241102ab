"""Scripts in a Python of their own, where every warning is an error and nothing may be on stderr."""

import re
import subprocess
import sys
from pathlib import Path

from conversas import AsyncClient
from support.client_kinds import Kind
from support.http_server import GUARD_SECONDS

PREAMBLE = """
import asyncio, gc, logging, multiprocessing, os, signal, sys, threading, time, warnings
from itertools import count
from conversas import AsyncClient, Client, ConfigurationError, ConversasError, Failed, Fetched, Zild

if sys.argv[2:] == ["httpx"]:
    sys.modules["pycurl"] = None  # as if it were not installed
signal.alarm(30)  # a deadlock ends
logging.getLogger("asyncio").setLevel(logging.ERROR)  # a step that takes long on a busy machine is a warning
warnings.filterwarnings("ignore", ".*multi-threaded.*", DeprecationWarning)  # that a fork may go wrong is the test
url = sys.argv[1]
zild = Zild(url, "token")

def endless():
    return map("zild:{}".format, count())

def left():
    try:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
    except RuntimeError:  # no loop runs
        tasks = set()
    return [*tasks, *(each for each in threading.enumerate() if each is not threading.main_thread())]

def wait():
    print("ended", flush=True)
    sys.stdin.readline()
"""

FORK = """
import socket

def address(host, port, *_, **__):
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]

socket.getaddrinfo = address  # that of the C library hangs one child in 3,000 if a thread of the parent is in it

def fork(work):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            work()
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr, flush=True)
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def start_script(code: str, *arguments: str, cwd: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", PREAMBLE + code, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def without_slowness(err: str) -> str:
    """Remove the lines by which asyncio, in development mode, reports a step that took long on a busy machine."""
    return re.sub(r"^Executing <.*> took [\d.]+ seconds\n", "", err, flags=re.MULTILINE)


def run_script(code: str, *arguments: str, cwd: Path) -> list[str]:
    """Return the words that a script prints until its end."""
    with start_script(code, *arguments, cwd=cwd) as process:
        try:
            out, err = process.communicate(timeout=2 * GUARD_SECONDS)
        finally:
            process.kill()
        assert (process.returncode, without_slowness(err)) == (0, "")
        return out.split()


def script_for(kind: Kind, code: str) -> str:
    """Return a script for either client: the blocking one is the awaiting one without its `await`."""
    if issubclass(kind, AsyncClient):
        return code + "\nasyncio.run(main())\n"
    return re.sub(r"\b(async|await) |Async|\ba(?=next\()", "", code) + "\nmain()\n"
