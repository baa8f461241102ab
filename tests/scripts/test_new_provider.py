"""scripts/new-provider writes a provider that works, in a copy of this checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.new_provider.__main__ import main
from tools.new_provider.registration import unreleased
from tools.new_provider.spec_draft import draft_document
from tools.regenerate.reduced.reduction import reduce_document

ROOT = Path(__file__).parents[2]
COPIED = (
    "openapi",
    "generated",
    "overrides",
    "tests",
    "docs",
    "scripts",
    "pyproject.toml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
)
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "languages", "released")
CHATS = {
    "openapi": "3.0.3",
    "info": {"title": "Chats", "version": "7"},
    "servers": [{"url": "https://chats.invalid/v2"}],
    "paths": {
        "/teams/{team}/chats/{chat_id}": {
            "get": {
                "operationId": "showChat",
                "summary": "Show a chat",
                "parameters": [
                    {"name": "team", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "chat_id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "verbose", "in": "query", "schema": {"type": "boolean"}},
                ],
                "security": [{"key": []}],
                "responses": {
                    "200": {
                        "description": "A chat",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/chat"}}},
                    },
                    "404": {"$ref": "#/components/responses/missing"},
                },
            }
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Chats-Key"}},
        "responses": {"missing": {"description": "There is no such chat."}},
        "schemas": {
            "chat": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "team_name": {"type": "string", "nullable": True},
                    "subject": {"type": "string", "maxLength": 80},
                    "state": {"type": "string", "enum": ["draft", "open", "resolved"]},
                    "created_at": {"type": "string", "format": "date-time"},
                    "rating": {"type": "object", "properties": {"stars": {"type": "integer"}}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "messages": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "id": {"type": "number"},
                                "body": {"type": "string", "nullable": True},
                                "author_type": {
                                    "type": "string",
                                    "enum": ["contact", "agent", "Bot::Helper", "bot-helper", "Robô", "未读", "", "*"],
                                },
                                "priority": {"type": "integer", "enum": [0, 1, -1]},
                                "sent_at": {"type": "integer"},
                            },
                        },
                    },
                },
            }
        },
    },
}
CHECK = """
import json, sys
from pathlib import Path
from conversas import Client, decode
from conversas.providers import get_provider
from conversas.sandbox import Sandbox
from conversas.testing.conformance import run

name, root = sys.argv[1], Path(sys.argv[2])
body = (root / "openapi" / "examples" / name / "sample.json").read_bytes()
conversation = decode(name, body)
assert conversation.drift == (), conversation.drift
assert len(conversation.messages) == 1 and conversation.messages[0].text
assert run(name, [body]) == [], run(name, [body])
ref = f"{name}:7"
with Sandbox() as sandbox, Client(sandbox.provider(name)) as client:
    fetched = client.get(ref)
    assert str(fetched.ref) == ref and fetched.raw == sandbox.body(ref), fetched
print(conversation.messages[0].role, conversation.status)
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of this checkout, in which nothing but files of this checkout lies."""
    root = tmp_path / "copy"
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, root / name)
    return root


def python(root: Path, *arguments: str) -> str:
    """Return what a program writes that runs with the packages of a copy."""
    paths = [root / "scripts", root / "generated", root / "overrides"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def chats(folder: Path) -> list[str]:
    file = folder / "chats.json"
    file.write_text(json.dumps(CHATS), "utf-8")
    return ["--from", str(file)]


def test_what_it_writes_are_providers_that_work(copied: Path, tmp_path: Path) -> None:
    """A blank one and one from a spec are written into one copy, for which each slow program runs once."""
    names = {"helpline": [], "chats": chats(tmp_path)}
    for name, options in names.items():
        assert main([name, "--root", str(copied), *options]) == 0
    python(copied, "-m", "tools.regenerate")
    python(copied, "-m", "tools.vectors")
    for name in names:
        status = "open" if name == "helpline" else "unknown"  # that of the sample is the first of its enum, "draft"
        assert python(copied, "-c", CHECK, name, str(copied)).strip() == f"customer {status}"
    new = [f"overrides/conversas/{part}/{name}.py" for part in ("providers", "sandbox/platforms") for name in names]
    tests = [f"tests/providers/test_{name}.py" for name in names]
    python(copied, "-m", "ruff", "check", "overrides", *tests)
    python(copied, "-m", "ruff", "format", "--check", *new, "overrides/conversas/__init__.py")
    tests += [
        "tests/providers/test_mapping_doc.py",
        "tests/test_architecture.py",
        "tests/test_docs.py",
        "tests/test_words.py",
    ]
    tests += ["tests/scripts/test_specs.py", "tests/providers/test_examples.py"]
    chosen = f"({' or '.join([*names, 'public', 'variables', 'example'])}) and not python_example"
    assert all(text.endswith("\n") for text in map(Path.read_text, copied.glob("docs/*.md")))
    python(copied, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", chosen)


def drafted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the spec that is drafted from another one."""
    return draft_document("chats", reduce_document(document).api, document)


def test_a_member_of_an_enum_is_named_after_its_value_whatever_letters_that_has() -> None:
    schemas = drafted(CHATS)["components"]["schemas"]
    found = {name: schema["x-enum-varnames"] for name, schema in schemas.items() if "enum" in schema}
    prefix = "CHAT_MESSAGES_ITEM"
    words = ["CONTACT", "AGENT", "BOT_HELPER", "BOT_HELPER_2", "ROBO", "672A_8BFB", "EMPTY", "2A"]
    assert found == {
        "ChatState": ["CHAT_STATE_DRAFT", "CHAT_STATE_OPEN", "CHAT_STATE_RESOLVED"],
        "ChatMessagesItemAuthorType": [f"{prefix}_AUTHOR_TYPE_{word}" for word in words],
        "ChatMessagesItemPriority": [f"{prefix}_PRIORITY_{word}" for word in ("0", "1", "NEGATIVE_1")],
    }


def test_documented_statuses_keep_their_descriptions() -> None:
    [path] = drafted(CHATS)["paths"].values()
    texts = {status: each["description"] for status, each in path["get"]["responses"].items()}
    assert texts["404"] == "There is no such chat. The body is left out."
    assert texts["403"].startswith("Not documented; in HTTP")


def test_a_spec_that_has_several_conversations_asks_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(json.dumps(CHATS))
    document["paths"]["/users/{id}"] = {"get": {"responses": {"200": {"description": "A user"}}}}
    (tmp_path / "chats.json").write_text(json.dumps(document), "utf-8")
    for wrong in ([], ["--path", "/nowhere"]):
        with pytest.raises(SystemExit):
            main(["helpline", "--root", str(tmp_path), "--from", str(tmp_path / "chats.json"), *wrong])
        told = capsys.readouterr().err
        assert "--path must be the path of a conversation; the spec has /teams/{team}/chats/{chat_id}, /users" in told


@pytest.mark.parametrize("text", ["", "[1]", "openapi: 3.1.0\npaths: [1]", "openapi: 3.1.0\npaths: {/a: 5}"])
def test_a_spec_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "chats.yaml").write_text(text, "utf-8")
    assert main(["helpline", "--root", str(tmp_path), "--from", str(tmp_path / "chats.yaml")]) == 1
    assert capsys.readouterr().err.startswith("chats.yaml: /")


@pytest.mark.parametrize("name", ["Help", "1st", "a-b", "../x", "class", "é"])
def test_a_name_that_no_package_can_have_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with pytest.raises(SystemExit):
        main([name, "--root", str(tmp_path)])
    assert "lower-case letters" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_provider_that_is_there_is_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["zild"])
    assert "openapi/zild.yaml exists already" in capsys.readouterr().err


def test_its_line_in_the_changelog_comes_above_what_was_released() -> None:
    released = "# Changelog\n\n## 0.1.0\n\n- All.\n"
    once = unreleased(released, "One.")
    assert once == "# Changelog\n\n## Unreleased\n\n- One.\n\n## 0.1.0\n\n- All.\n"
    assert unreleased(once, "Two.") == once.replace("- One.\n", "- Two.\n- One.\n")
