"""The npm archive as its users have it: installed, imported by its bare name, compiled against its types."""

import io
import re
import shutil
import tarfile
from pathlib import Path

import pytest

from support.processes import NODE_TOOLS, ROOT, output
from tools.release_specs.archives import tar_gz
from tools.release_specs.package import package

PAGE = (ROOT / "docs" / "specs-typescript.md").read_text("utf-8")
PROGRAM = """\
import { neutral, superagentes, zild, type Conversation } from "conversas-openapi";

const closed = (conversation: Conversation): boolean => conversation.status === "closed" && !conversation.messages[0];
console.log(zild.openapi, superagentes.openapi, neutral.title, typeof closed);
"""
WRONG = 'import type { Conversation } from "conversas-openapi";\nexport const role: Conversation["status"] = "ended";\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project that has the archive and openapi-fetch."""
    shutil.copytree(Path(__file__).parent / "typescript", tmp_path, dirs_exist_ok=True)
    (tmp_path / "reader.ts").unlink()
    modules = tmp_path / "node_modules"
    with tarfile.open(fileobj=io.BytesIO(tar_gz(package().files, "conversas-openapi"))) as archive:
        archive.extractall(modules, filter="data")
    for name in ("openapi-fetch", "openapi-typescript-helpers"):
        (modules / name).symlink_to(NODE_TOOLS.parent / name)
    return tmp_path


@pytest.mark.node("tsc")
def test_the_archive_is_imported_by_its_bare_name_and_the_quick_start_compiles(project: Path) -> None:
    for language, name in {"typescript": "quick_start.ts", "json": "tsconfig.json"}.items():
        (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
        (project / name).write_text(code, "utf-8")
    (project / "program.ts").write_text(PROGRAM, "utf-8")
    output(NODE_TOOLS / "tsc", cwd=project)
    assert output("node", "built/program.js", cwd=project) == "3.1.0 3.1.0 Conversation, neutral form function\n"


@pytest.mark.node("tsc")
def test_the_types_of_the_archive_refuse_what_the_neutral_form_does_not_have(project: Path) -> None:
    (project / "wrong.ts").write_text(WRONG, "utf-8")
    with pytest.raises(AssertionError, match="error TS2322"):
        output(NODE_TOOLS / "tsc", cwd=project)
