"""Programs of others read what `conversas convert` writes. They have an environment of their own.

`VENV=.venv-readers scripts/setup readers` makes it; without it the tests are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Export, Rating, Role, export, read_export
from conversas.cli.conversion import Conversion, Form
from conversas.sandbox import Sandbox
from support.processes import ROOT, output, run

PYTHON = ROOT / os.environ.get("CONVERSAS_READERS_VENV", ".venv-readers") / "bin" / "python"
JUDGE = Path(__file__).parent / "judge.py"

pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(not PYTHON.exists(), reason="VENV=.venv-readers scripts/setup readers installs the readers"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers") / "calls"
    refs = [*(f"zild:{number}" for number in range(1, 151)), *(f"superagentes:s{number}" for number in range(150))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        with Sandbox(seed=7) as sandbox, Client(sandbox.zild, sandbox.superagentes) as client:
            export(refs, to=folder, client=client)
    return folder


def converted(exported: Path, file: Path, form: Form, *, provider: str | None = None, **options: Any) -> Path:
    """Write the conversations of a provider, or of both, to a file."""
    conversations = (each for each in read_export(exported) if provider in (None, each.provider))
    with file.open("wb") as opened:
        Conversion(form=form, unknown_roles="drop", **options).write(conversations, opened, directory=file.parent)
    return file


def judged(judge: str, *files: Path, cwd: Path) -> str:
    return output(PYTHON, JUDGE, judge, *files, cwd=cwd).rpartition("judged: ")[2].strip()


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


@pytest.mark.parametrize("form", [Form.CHAT, Form.NEXT_TURN, Form.RATINGS])
@pytest.mark.parametrize("system", [None, "Be kind."])
def test_messages_are_those_of_openai(exported: Path, tmp_path: Path, form: Form, system: str | None) -> None:
    file = converted(exported, tmp_path / "chat.jsonl", form, system=system)
    chats = [line.get("messages") or [*line["prompt"], *line["completion"]] for line in lines(file)]
    assert int(judged("openai", file, cwd=tmp_path)) == sum(map(len, chats)) > 500


@pytest.mark.parametrize("system", [None, "Be kind."])
@pytest.mark.parametrize("form", [Form.CHAT, Form.NEXT_TURN, Form.RATINGS])
def test_strict_chats_may_tune_mistral(exported: Path, tmp_path: Path, form: Form, system: str | None) -> None:
    file = converted(exported, tmp_path / "chat.jsonl", form, strict=True, system=system)
    assert int(judged("mistral", file, cwd=tmp_path)) == len(lines(file)) > 100


def test_chats_that_are_not_strict_are_refused(exported: Path, tmp_path: Path) -> None:
    file = converted(exported, tmp_path / "chat.jsonl", Form.CHAT)
    assert run(PYTHON, JUDGE, "mistral", file, cwd=tmp_path).returncode != 0


@pytest.mark.parametrize("form", [Form.CHAT, Form.NEXT_TURN, Form.RATINGS])
def test_files_of_mixed_parts_are_one_data_set(exported: Path, tmp_path: Path, form: Form) -> None:
    """Only one provider has ratings: the first file has none, wherever there is a file of it."""
    names = ["superagentes"] if form is Form.RATINGS else ["zild", "superagentes", None]
    files = [converted(exported, tmp_path / f"{name}.jsonl", form, provider=name) for name in names]
    assert int(judged("datasets", *files, cwd=tmp_path)) == sum(len(lines(file)) for file in files) > 100


def test_the_page_on_transcripts_runs(exported: Path, tmp_path: Path) -> None:
    converted(exported, tmp_path / "chat.jsonl", Form.CHAT, strict=True)
    converted(exported, tmp_path / "ratings.jsonl", Form.RATINGS)
    assert judged("page", ROOT / "docs" / "transcripts.md", cwd=tmp_path) == "done"


def test_the_export_itself_is_refused_as_the_page_says(exported: Path, tmp_path: Path) -> None:
    parts = sorted((exported / "parts").glob("*.jsonl"))
    by_provider = {"zild": tmp_path / "zild.jsonl", "superagentes": tmp_path / "superagentes.jsonl"}
    for provider, file in by_provider.items():
        wanted = [line for part in parts for line in part.read_bytes().splitlines(keepends=True)]
        file.write_bytes(b"".join(line for line in wanted if json.loads(line)["provider"] == provider))
    result = run(PYTHON, JUDGE, "datasets", *by_provider.values(), cwd=tmp_path)
    assert (result.returncode != 0, "Couldn't cast" in result.stderr) == (True, True), result.stderr


def test_there_is_something_to_judge(exported: Path) -> None:
    messages = [message for each in read_export(exported) for message in each.messages]
    assert {message.rating for message in messages if message.role is Role.AGENT} >= {None, Rating.GOOD, Rating.BAD}
    assert Export(exported).status().fetched == 300
