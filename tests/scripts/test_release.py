"""The archives of scripts/release-specs: the same bytes each time, complete in themselves, and npm takes them."""

import posixpath
import re
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from conversas.providers import PROVIDERS, get_provider
from conversas.records.serialization import SCHEMA_VERSION
from support.processes import NODE_TOOLS, ROOT, output, run
from tools.release_specs.__main__ import main
from tools.release_specs.archives import tar_gz, zipped
from tools.release_specs.package import package

FORMS = ("", ".dereferenced")
PROGRAM = """\
import type { components } from "./superagentes-3.1";
import schema from "conversas-openapi/neutral/conversation.schema.json";
import vector from "conversas-openapi/examples/superagentes/sample.neutral.json";

type Conversation = components["schemas"]["Conversation"];
const status: Conversation["status"] = null;
const channel: Conversation["channel"] = "whatsapp";
// @ts-expect-error
const unlisted: Conversation["channel"] = "pigeon";
// @ts-expect-error
const items: Conversation["messages"] = [null];
const required: string[] = schema.required;
console.log(status, channel, unlisted, items, required, vector.messages[0].text);
"""
COMPILE = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--resolveJsonModule"]

release = cache(package)


def by_path(archive: bytes) -> dict[str, bytes]:
    """Return the files of either archive, without the folder that they are in."""
    if archive.startswith(b"PK"):
        with ZipFile(BytesIO(archive)) as packed:
            found = {name: packed.read(name) for name in packed.namelist()}
    else:
        with tarfile.open(fileobj=BytesIO(archive)) as unpacked:
            found = {entry.name: unpacked.extractfile(entry).read() for entry in unpacked}
    [_] = {name.split("/")[0] for name in found}
    return {name.partition("/")[2]: content for name, content in found.items()}


def test_two_runs_give_the_same_bytes_and_right_checksums(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert main(["--into", str(one)]) == 0
    output(sys.executable, "-m", "tools.release_specs", "--into", other, cwd=ROOT / "scripts")
    name = f"{release().name}-{release().version}"
    names = {f"{name}.tgz", f"{name}.zip", "SHA256SUMS"}
    assert {file.name for file in one.iterdir()} == {file.name for file in other.iterdir()} == names
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)
    checked = output("sha256sum", "--check", "SHA256SUMS", cwd=one).splitlines()
    assert checked == [f"{name}: OK" for name in sorted(names - {"SHA256SUMS"})]


def test_an_archive_tells_nothing_of_when_where_and_by_whom_it_was_built() -> None:
    files = {"b/c.json": b"{}", "a.json": b"[]"}
    packed, unpacked = tar_gz(files, "package"), zipped(files, "x-1")
    assert by_path(packed) == by_path(unpacked) == files
    assert packed[4:8] == bytes(4)  # the time in the header of gzip
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        told = [(each.name, each.mode, each.mtime, each.uid, each.uname) for each in archive]
    assert told == [(f"package/{path}", 0o644, 499162500, 0, "") for path in sorted(files)]
    with ZipFile(BytesIO(unpacked)) as archive:
        listed = [(each.filename, each.external_attr >> 16, each.date_time) for each in archive.infolist()]
    assert listed == [(f"x-1/{path}", 0o644, (1985, 10, 26, 8, 15, 0)) for path in sorted(files)]


def test_the_package_has_all_that_its_pages_name() -> None:
    files = release().files
    forms = {f"{version}/{name}{form}.json" for version in ("3.0", "3.1") for name in PROVIDERS for form in FORMS}
    assert forms | {"package.json", "LICENSE", "neutral/conversation.schema.json"} <= files.keys()
    assert {path for path in files if path.startswith("3.")} == forms
    assert not {path for path in files if path.startswith("released")}
    for page in (path for path in files if path.endswith(".md")):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", files[page].decode())
        assert {posixpath.join(posixpath.dirname(page), target) for target in targets} <= files.keys(), page


def test_each_example_is_packed_with_its_neutral_form_as_the_same_bytes() -> None:
    examples = ROOT / "openapi" / "examples"
    packed = {path: content for path, content in release().files.items() if path.startswith("examples/")}
    assert packed == {
        f"examples/{file.relative_to(examples).as_posix()}": file.read_bytes()
        for file in examples.rglob("*")
        if file.is_file()
    }


def test_the_changelog_says_which_versions_the_package_holds() -> None:
    held = ", ".join(f"{name} {get_provider(name).spec_version}" for name in sorted(PROVIDERS))
    section = f"## {release().name} {release().version}\n\n- {held}, neutral form {SCHEMA_VERSION}.\n"
    assert section in release().files["CHANGELOG.md"].decode()
    assert f"npm install ./{release().name}-{release().version}.tgz\n" in release().files["README.md"].decode()


@pytest.mark.program("npm")
@pytest.mark.node("openapi-typescript", "tsc")
def test_npm_installs_the_archive_offline_and_types_are_generated_from_it(tmp_path: Path) -> None:
    archive, project = tmp_path / "specs.tgz", tmp_path / "project"
    archive.write_bytes(tar_gz(release().files, "package"))
    project.mkdir()
    options = ["--offline", "--no-audit", "--no-fund", "--cache", tmp_path / "cache"]
    output("npm", "install", *options, archive, cwd=project)
    (project / "redocly.yaml").write_text("\n".join(settings()))
    output(NODE_TOOLS / "openapi-typescript", cwd=project)
    (project / "program.ts").write_text(PROGRAM)
    compiled = run(NODE_TOOLS / "tsc", *COMPILE, "program.ts", "zild-3.1.ts", cwd=project)
    assert compiled.stdout + compiled.stderr == ""
    for name in PROVIDERS:
        assert (project / f"{name}-3.0.ts").read_bytes() == (project / f"{name}-3.1.ts").read_bytes()


def settings() -> Iterator[str]:
    """Have openapi-typescript read both forms of each spec in one run."""
    yield "apis:"
    for version in ("3.0", "3.1"):
        for name in PROVIDERS:
            yield f"  {name}-{version}:"
            yield f"    root: node_modules/conversas-openapi/{version}/{name}.json"
            yield f"    x-openapi-ts: {{output: {name}-{version}.ts}}"
