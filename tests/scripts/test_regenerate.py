"""scripts/regenerate: the same bytes each time, what --check sees, a spec that grows, and specs that are refused."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tools.regenerate.__main__ import main
from tools.regenerate.generate import load_settings
from tools.regenerate.reduced.problems import SpecError

ROOT = Path(__file__).parents[2]
NEUTRAL = "overrides/conversas/conversation.schema.json"


def ahead(line: str, addition: str) -> tuple[str, str]:
    """Return a change that puts a line ahead of another one, at the same depth."""
    depth = len(line) - len(line.lstrip())
    return line, f"{' ' * depth}{addition}\n{line}"


SCHEMA, CONVERSATION, MESSAGE = "    Tag:\n", "        agentId:\n", "        documentId:\n"
RESPONSES = "      responses:\n"
GROWTH = [
    ("5, 6]", "5, 6, 7]"),
    ("        - AGENT_TYPE_6\n", "        - AGENT_TYPE_6\n        - AGENT_TYPE_7\n"),
    ahead(SCHEMA, "Boss: {type: object, properties: {name: {type: string}}}"),
    ahead(CONVERSATION, "boss: {oneOf: [$ref: '#/components/schemas/Boss', type: 'null']}"),
    ahead(MESSAGE, "edited: {type: boolean}"),
    ahead(MESSAGE, "parent: {oneOf: [$ref: '#/components/schemas/Conversation', type: 'null']}"),
]


def copy_checkout(root: Path, *changes: tuple[str, str]) -> Path:
    """Copy what regenerate reads and writes, and make these changes to zild.yaml."""
    for folder in ("openapi", "generated"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / NEUTRAL).parent.mkdir(parents=True)
    shutil.copy(ROOT / NEUTRAL, root / NEUTRAL)
    spec = root / "openapi" / "zild.yaml"
    text = spec.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    spec.write_text(text, "utf-8")
    return root


def run_python(*arguments: str | Path, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    settings = os.environ | {name: str(value) for name, value in environment.items()}
    return subprocess.run([sys.executable, *arguments], env=settings, capture_output=True, text=True, check=False)


def regenerate(root: Path, *options: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = ("-m", "tools.regenerate", "--root", root, *options)
    return run_python(*command, PYTHONPATH=ROOT / "scripts", PYTHONHASHSEED=hash_seed)


def regenerated(root: Path, *, hash_seed: str) -> None:
    finished = regenerate(root, hash_seed=hash_seed)
    assert finished.returncode == 0, finished.stderr


def evaluated(generated: Path, expressions: Iterable[str]) -> dict[str, str]:
    """Evaluate expressions over the models of Zild in a fresh interpreter, and give the repr of each."""
    code = "from typing import get_type_hints\nfrom conversas_api.zild.models import *\n"
    code += "\n".join(f"print(repr({expression}))" for expression in expressions)
    finished = run_python("-c", code, PYTHONPATH=generated)
    assert finished.returncode == 0, finished.stderr
    return dict(zip(expressions, finished.stdout.splitlines(), strict=True))


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


def refusal(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what regenerate says of the spec of Zild, where it refuses it with nothing changed."""
    before = content(root)
    assert main(["--root", str(root), "--only", "zild"]) == 1
    assert content(root) == before
    return capsys.readouterr().err


@pytest.fixture
def checkout(tmp_path):
    return copy_checkout(tmp_path)


def test_the_committed_files_are_what_their_sources_give_whatever_the_hash_seed_and_stale_ones_go(checkout):
    committed, package = content(checkout), checkout / "generated" / "conversas_api"
    for seed, stale in (("1", package / "gone" / "client.py"), ("2", package / "zild" / "models" / "gone.py")):
        stale.parent.mkdir(exist_ok=True)
        stale.touch()
        regenerated(checkout, hash_seed=seed)
        assert content(checkout) == committed


def test_only_one_client_is_built_where_one_is_asked_for(tmp_path):
    package = copy_checkout(tmp_path, *GROWTH) / "generated" / "conversas_api"
    zild, superagentes = content(package / "zild"), times(package / "superagentes")
    assert main(["--root", str(tmp_path), "--only", "zild"]) == 0
    assert content(package / "zild") != zild
    assert times(package / "superagentes") == superagentes


def test_an_unknown_client_is_a_usage_error(checkout, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--root", str(checkout), "--only", "nothing"])
    assert "superagentes, zild" in capsys.readouterr().err


def test_a_root_without_specs_is_a_usage_error_and_keeps_what_is_there(checkout):
    shutil.rmtree(checkout / "openapi")
    before = content(checkout)
    with pytest.raises(SystemExit, match="2"):
        main(["--root", str(checkout)])
    assert content(checkout) == before


def test_a_check_of_the_committed_files_is_silent_and_writes_nothing(checkout):
    before = times(checkout)
    finished = regenerate(checkout, "--check")
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    assert times(checkout) == before


def change_a_byte(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"', b"'", 1))


DAMAGE = {
    "generated/conversas_api/runtime/model.py": change_a_byte,
    "generated/conversas_api/zild/models/message.py": change_a_byte,
    NEUTRAL: change_a_byte,
    "openapi/open/zild.json": change_a_byte,
    "generated/conversas_api/superagentes/openapi.yaml": Path.unlink,
    "generated/conversas_api/zild/py.typed": Path.unlink,
    "generated/conversas_api/zild/stray.py": Path.touch,
}


def test_a_check_names_each_file_that_differs_and_writes_nothing(checkout, capsys):
    for path, damage in DAMAGE.items():
        damage(checkout / path)
    before = content(checkout), times(checkout)
    assert main(["--root", str(checkout), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    named = {path for path in before[0] | DAMAGE for line in lines if line.startswith((f"--- {path}", f"{path}: "))}
    assert named == set(DAMAGE)
    assert (content(checkout), times(checkout)) == before


BODY = {"messages": [{"parent": {"messages": [{"id": 5, "parent": None}]}}]}
GROWN = {
    "list(AgentType)[-1]": "<AgentType.AGENT_TYPE_7: 7>",
    "AgentType(7).is_known": "True",
    "get_type_hints(Message)['edited']": "bool | conversas_api.runtime.unset.Unset",
    "Message().edited": "UNSET",
    "Message.from_dict({'edited': True}).edited": "True",
    "Message.from_checked({'edited': True}).edited": "True",
    "get_type_hints(Conversation)['boss'] == Boss | None | type(Message().edited)": "True",
    "Conversation().boss": "UNSET",
    "Conversation.from_dict({'boss': None}).boss": "None",
    "Conversation.from_checked({'boss': None}).boss": "None",
    "Conversation.from_dict({'boss': {'name': 'Ana'}}).boss == Boss(name='Ana')": "True",
    "Conversation.from_checked({'boss': {'name': 'Ana'}}).boss == Boss(name='Ana')": "True",
    # schemas may refer to each other
    f"Conversation.from_dict({BODY}).messages[0].parent.messages[0] == Message(id=5, parent=None)": "True",
    f"Conversation.from_checked({BODY}).messages[0].parent.messages[0] == Message(id=5, parent=None)": "True",
}


def test_the_models_follow_a_spec_that_grows(tmp_path):
    root = copy_checkout(tmp_path, *GROWTH)
    assert main(["--root", str(root), "--only", "zild"]) == 0
    assert evaluated(root / "generated", GROWN) == GROWN


def test_a_mistake_in_yaml_is_told_with_its_line(tmp_path, capsys):
    root = copy_checkout(tmp_path, ("tags: [conversations]", "tags: [conversations]]"))
    line = (root / "openapi" / "zild.yaml").read_text("utf-8").partition("]]")[0].count("\n") + 1
    assert f"zild.yaml: line {line}: " in refusal(root, capsys)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("schemas/Tag'", "schemas/Tagg'"), "/components/schemas/Conversation/properties/tags/items/$ref"),
        ((RESPONSES, "      x-responses:\n"), "/paths/~1api~1Conversation~1{id}/get"),
        (
            ahead(RESPONSES, "requestBody: {content: {multipart/form-data: {}}}"),
            "/paths/~1api~1Conversation~1{id}/get/requestBody/content/multipart~1form-data",
        ),
        (("- AGENT_TYPE_6", "- AGENT_TYPE_5"), "/components/schemas/AgentType/x-enum-varnames"),
        (("        - AGENT_TYPE_6\n", ""), "/components/schemas/AgentType/x-enum-varnames"),
        (("- AGENT_TYPE_6", "- 6TH"), "/components/schemas/AgentType/x-enum-varnames"),
        (ahead(MESSAGE, "new:"), "/components/schemas/Message/properties/new"),
        (ahead(MESSAGE, "new: {type: strng}"), "/components/schemas/Message/properties/new/type"),
        (ahead(MESSAGE, "new: false"), "/components/schemas/Message/properties/new"),
        (("'200':", "200:"), "/paths/~1api~1Conversation~1{id}/get/responses/200"),
        (
            ("application/json:", "image/png:"),
            "/paths/~1api~1Conversation~1{id}/get/responses/200/content/image~1png",
        ),
        (("\npaths:", "\nx-paths:"), "/paths"),
        (ahead(MESSAGE, "new: {description: [a]}"), "/components/schemas/Message/properties/new/description"),
        (ahead(MESSAGE, "new: {type: string, not: {const: a}}"), "/components/schemas/Message/properties/new/not"),
        (ahead(MESSAGE, "new: {type: string, maxLenght: 3}"), "/components/schemas/Message/properties/new/maxLenght"),
    ],
)
def test_a_mistake_in_a_spec_is_told_with_its_json_pointer(tmp_path, capsys, change, place):
    assert f"zild.yaml: {place}: " in refusal(copy_checkout(tmp_path, change), capsys)


def test_all_mistakes_of_all_specs_are_told_at_once(tmp_path, capsys):
    root = copy_checkout(tmp_path, ahead(MESSAGE, "new: {not: {}}"), ahead(CONVERSATION, "new: {prefixItems: []}"))
    other = root / "openapi" / "superagentes.yaml"
    other.write_text(other.read_text("utf-8").replace("schemas/Agent'", "schemas/Agnet'", 1), "utf-8")
    before = content(root)
    assert main(["--root", str(root)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[0].partition(": ")[2].partition(":")[0] for line in lines[:-1]] == [
        "/components/schemas/Conversation/properties/agent/oneOf/0/$ref",
        "/components/schemas/Conversation/properties/new/prefixItems",
        "/components/schemas/Message/properties/new/not",
    ]
    assert lines[-1] == "Nothing was changed."
    assert content(root) == before


TEMPLATE_FAULTS = [
    ("model.py.jinja", "{{ kind.nothing.more }}", "zild.yaml: generator: UndefinedError: "),
    ("model.py.jinja", "class {", "zild.yaml: formatter: "),
    ("errors.py.jinja", "print(undefined_name)", "the import of the client: NameError: "),
    ("errors.py.jinja", "wrong: int = 'text'", "the types of the client: "),
]


def test_a_fault_of_a_template_is_told_without_a_traceback_and_nothing_is_swapped_in(tmp_path):
    scripts = shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("node"))
    root = copy_checkout(tmp_path / "checkout", *GROWTH)
    before = content(root)
    for name, text, told in TEMPLATE_FAULTS:
        template = scripts / "templates" / name
        original = template.read_text("utf-8")
        template.write_text(f"{original}\n{text}\n", "utf-8")
        paths = f"{scripts}{os.pathsep}{ROOT / 'overrides'}"
        finished = run_python("-m", "tools.regenerate", "--root", root, "--only", "zild", PYTHONPATH=paths)
        assert (finished.returncode, finished.stdout) == (1, "")
        assert told in finished.stderr
        assert "Traceback" not in finished.stderr
        assert content(root) == before
        template.write_text(original, "utf-8")


def test_an_unknown_configuration_key_is_refused_by_name(tmp_path):
    config = tmp_path / "generator.yaml"
    config.write_text("post_hoks: []\n", "utf-8")
    with pytest.raises(SpecError, match=r"generator\.yaml: /post_hoks: "):
        load_settings(config)
