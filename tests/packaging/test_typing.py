"""Type checkers of users accept a right program and find the mistakes in a wrong one."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.processes import NODE_TOOLS, ROOT, run
from support.sizes import size

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
conversas.Client.from_env(retries=3)  # mistake: no such option
conversas.Client("zild")  # mistake: no platform
found = conversas.Client(zild).get("zild:42", 3)  # mistake: by keyword alone
print(found.identifier)  # mistake: no such field
for outcome in conversas.Client(zild).get_many(["zild:42"]):
    print(outcome.conversation)  # mistake: may be Failed
conversas.AsyncClient(zild).get("zild:42").id  # mistake: not awaited
"""
MISTAKES = {("wrong.py", number) for number, line in enumerate(WRONG.splitlines(), 1) if "# mistake" in line}

Found = dict[tuple[str, int], str]
"""What a checker says, by file and line."""
Checker = Callable[[Path, Path], Found]


def mypy(python: Path, folder: Path) -> Found:
    options = ("--strict", "--config-file=", "--python-executable", python)
    result = run(sys.executable, "-m", "mypy", *options, *sorted(file.name for file in folder.iterdir()), cwd=folder)
    assert result.returncode == 1, result.stdout + result.stderr
    found = re.findall(r"^(.+?):(\d+): error: (.*)", result.stdout, re.MULTILINE)
    return {(name, int(line)): message for name, line, message in found}


def pyright(python: Path, folder: Path) -> Found:
    programs = len(list(folder.iterdir()))
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    result = run(NODE_TOOLS / "pyright", "--outputjson", "--pythonpath", python, cwd=folder)
    assert result.returncode == 1, result.stdout + result.stderr
    report = json.loads(result.stdout)
    assert report["summary"]["filesAnalyzed"] == programs
    found = report["generalDiagnostics"]
    return {(Path(each["file"]).name, each["range"]["start"]["line"] + 1): each["message"] for each in found}


@pytest.mark.parametrize(
    ("checker", "python"),
    [
        (mypy, "editable"),
        *size([(mypy, "bare")], reduced=[]),
        pytest.param(pyright, "bare", marks=pytest.mark.node("pyright")),  # scripts/check runs it on the checkout
    ],
    indirect=["python"],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_each_mistake_is_found_and_right_programs_are_accepted(checker: Checker, python: Path, tmp_path: Path) -> None:
    for program in RIGHT:
        shutil.copy(program, tmp_path)
    (tmp_path / "wrong.py").write_text(WRONG)
    assert len(RIGHT) == 3
    assert checker(python, tmp_path).keys() == MISTAKES
