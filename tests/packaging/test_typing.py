"""Type checkers of users accept a right program and find the mistakes in a wrong one."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import NODE_TOOLS, ROOT, run

RIGHT = sorted((ROOT / "tests" / "typing").glob("*_program.py"))
WRONG = """\
import asyncio

import conversas
from conversas_api.zild import AuthenticatedClient, Client
from conversas_api.zild.api.conversations import get_conversation
from conversas_api.zild.models import AgentType, Conversation

conversation = Conversation.from_dict({"id": 42})
client = AuthenticatedClient("http://127.0.0.1", token="secret")

number: int = conversation.id  # mistake: may be UNSET
moment = conversation.created_at.isoformat()  # mistake: may be UNSET
print(len(conversation.messages))  # mistake: may be None or UNSET
print(conversation.identifier)  # mistake: no such property
print(Conversation(id="42"))  # mistake: a string
conversation.agent_type = 3  # mistake: no member
print(AgentType.AGENT_TYPE_42)  # mistake: no such member
AuthenticatedClient("http://127.0.0.1")  # mistake: no token
get_conversation.sync("42", client=client)  # mistake: a string
get_conversation.sync(42, client=Client("http://127.0.0.1"))  # mistake: no token
print(get_conversation.sync(42, client=client).id)  # mistake: may be None
print(asyncio.run(get_conversation.asyncio(42, client=client)).id)  # mistake: may be None
conversas.Zild(token="secret")  # mistake: no base URL
zild = conversas.Zild("https://api.example.com", b"secret")  # mistake: bytes
conversas.Client(zild, timeouts=3)  # mistake: no such option
conversas.Client("zild")  # mistake: no platform
found = conversas.Client(zild).get("zild:42", 3)  # mistake: by keyword alone
print(found.identifier)  # mistake: no such field
for outcome in conversas.Client(zild).get_many(["zild:42"]):
    print(outcome.conversation)  # mistake: may be Failed
conversas.AsyncClient(zild).get("zild:42").id  # mistake: not awaited
"""
MISTAKES = {number for number, line in enumerate(WRONG.splitlines(), 1) if "# mistake" in line}

Checker = Callable[[Path, Path], dict[int, str]]


def mypy(python: Path, program: Path) -> dict[int, str]:
    """Give what mypy finds in a program that is alone in its folder, by line."""
    options = ("--strict", "--config-file=", "--python-executable", python)
    result = run(sys.executable, "-m", "mypy", *options, program.name, cwd=program.parent)
    assert result.returncode in (0, 1), result.stdout + result.stderr
    return {int(line): message for line, message in re.findall(r":(\d+): error: (.*)", result.stdout)}


def pyright(python: Path, program: Path) -> dict[int, str]:
    """Give what pyright finds in a program that is alone in its folder, by line."""
    program.with_name("pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    result = run(NODE_TOOLS / "pyright", "--outputjson", "--pythonpath", python, cwd=program.parent)
    assert result.returncode in (0, 1), result.stdout + result.stderr
    report = json.loads(result.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {found["range"]["start"]["line"] + 1: found["message"] for found in report["generalDiagnostics"]}


each_checker = pytest.mark.parametrize(
    "checker", [mypy, pytest.param(pyright, marks=pytest.mark.node("pyright"))], ids=lambda checker: checker.__name__
)


@each_checker
@pytest.mark.parametrize("program", RIGHT, ids=lambda program: program.stem)
def test_a_right_program_is_accepted(checker: Checker, program: Path, python: Path, tmp_path: Path) -> None:
    assert checker(python, Path(shutil.copy(program, tmp_path))) == {}


@each_checker
def test_each_mistake_is_found(checker: Checker, python: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(WRONG)
    assert checker(python, program).keys() == MISTAKES
