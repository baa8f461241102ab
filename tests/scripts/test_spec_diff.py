"""scripts/check-spec-changes: what each edit of a spec means, as openapi/README.md says, and what it asks for."""

import contextlib
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jsonpatch
import pytest

from conversas.json_pointer import format_pointer, is_array, is_object
from support.sizes import size
from support.spec_batches import batch, is_batchable, number_of, spec_of
from support.spec_edits import EDITS, ORDER, SHOP, STATE, Patch, put, remove, shop
from tools.check_spec_changes import redocly
from tools.check_spec_changes.__main__ import main
from tools.check_spec_changes.change_kinds import Bump, Change, ChangeKind
from tools.check_spec_changes.comparison import compare
from tools.check_spec_changes.version_check import Version, version_problems
from tools.regenerate.openapi_forms import COMPARABLE, write_document
from tools.regenerate.reduced.problems import SpecError
from tools.regenerate.spec import Spec

ROOT = Path(__file__).parents[2]
needs_redocly = pytest.mark.node("redocly")


class Row(NamedTuple):
    """One row of the table."""

    edit: str
    breaks: str
    step: str


def table() -> list[Row]:
    text = (ROOT / "openapi" / "README.md").read_text("utf-8")
    section = text.partition("\n## What a change means\n")[2].partition("\n## ")[0]
    [head, *rows] = [Row(*row) for row in re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE)]
    assert head == ("edit", "breaks", "step")
    return rows


def found(patch: Patch, folder: Path) -> set[Row]:
    changes = compare(spec_of(shop(), folder / "old"), spec_of(shop(*patch), folder / "new"))
    return set(map(row_of, changes))


def row_of(change: Change) -> Row:
    return Row(change.kind.title, change.kind.breaks, str(change.kind.bump))


def found_in_batch(patches: Sequence[Patch], folder: Path) -> dict[int | None, set[Row]]:
    """Return the rows that the gate finds, by the number of the edit."""
    rows = defaultdict[int | None, set[Row]](set)
    for change in compare(*batch(patches, folder)):
        rows[number_of(change.location)].add(row_of(change))
    return rows


def test_the_table_has_every_edit_that_the_gate_knows() -> None:
    assert [row.edit for row in table()] == [edit.title for edit in ChangeKind]
    assert EDITS.keys() == {edit.title for edit in ChangeKind} - {ChangeKind.COMMENTS.title}


@needs_redocly
@pytest.mark.parametrize("step", ["major", "minor", "patch"])
def test_an_edit_means_what_the_table_says(step: str, tmp_path: Path) -> None:
    """Edits of one step are tried at once: nothing that is greater than their step is found."""
    rows = [row for row in table() if row.edit in EDITS and row.step == step]
    edits = [(row, patch) for row in rows for patch in EDITS[row.edit] if is_batchable(patch)]
    assert found_in_batch([patch for _, patch in edits], tmp_path) == {
        number: {row} for number, (row, _) in enumerate(edits)
    }


SHARED_EDITS = [(row, patch) for row in table() for patch in EDITS.get(row.edit, []) if not is_batchable(patch)]


@needs_redocly
@pytest.mark.parametrize(("row", "patch"), SHARED_EDITS, ids=[str(patch[0]["path"]) for _, patch in SHARED_EDITS])
def test_an_edit_of_what_all_operations_share_means_what_the_table_says(row: Row, patch: Patch, tmp_path: Path) -> None:
    assert found(patch, tmp_path) == {row}


def nodes(node: Any, *path: Any) -> Iterator[tuple[str, Any]]:
    """Yield everything in a document, with its JSON pointer."""
    for key, value in node.items() if is_object(node) else enumerate(node) if is_array(node) else ():
        yield format_pointer(*path, key), value
        yield from nodes(value, *path, key)


def another(value: Any) -> Any:
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"


def read(edits: Sequence[Patch], folder: Path) -> Iterator[tuple[Patch, Spec]]:
    """Yield the edits that are not refused with a word, each with its spec."""
    for edit in edits:
        with contextlib.suppress(SpecError, jsonpatch.JsonPatchException):
            yield edit, spec_of(shop(*edit), folder)


@needs_redocly
def test_nothing_goes_or_becomes_another_without_a_word(tmp_path: Path) -> None:
    places = [(place, value) for place, value in nodes(SHOP) if place not in {"/info", "/info/version"}]
    leaves = [(place, value) for place, value in places if not isinstance(value, dict | list)]
    edits = [[remove(place)] for place, _ in places]
    edits += [[{"op": "replace", "path": place, "value": another(value)}] for place, value in leaves]
    assert len(edits) > 200
    edits = edits[:: size(1, reduced=6)]
    as_it_was = write_document(spec_of(shop(), tmp_path), COMPARABLE)
    specs = [(edit, spec) for edit, spec in read(edits, tmp_path) if is_batchable(edit)]
    differing = [edit for edit, spec in specs if write_document(spec, COMPARABLE) != as_it_was]
    rows = found_in_batch(differing, tmp_path)
    assert [edit for number, edit in enumerate(differing) if not rows[number]] == []
    assert len(differing) > size(100, reduced=16)


def changelog(*versions: str) -> str:
    return "\n".join(f"## shop {version}\n\n- Something about it.\n" for version in ("1.2.3", *versions))


class Checkout:
    """A folder with one spec, its last release and the changelog, in which the gate runs."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.spec = root / "openapi" / "shop.yaml"
        self.released = root / "openapi" / "released" / "shop.yaml"
        self.changelog = root / "openapi" / "CHANGELOG.md"
        self._capsys = capsys
        self.released.parent.mkdir(parents=True)
        self.released.write_text(json.dumps(SHOP), "utf-8")
        self.write(shop(), [])

    def write(self, spec: dict[str, Any], versions: list[str], indent: int | None = None) -> None:
        """Write the spec, and a changelog that has these versions of it."""
        self.spec.write_text(json.dumps(spec, indent=indent), "utf-8")
        self.changelog.write_text(changelog(*versions), "utf-8")

    def check(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit code and what is said of changes and of problems."""
        code = main([*arguments, "--root", str(self.root)])
        return code, *self._capsys.readouterr()


@pytest.fixture
def checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Checkout:
    return Checkout(tmp_path, capsys)


def edited(title: str, version: str = "1.2.3") -> dict[str, Any]:
    return shop(*EDITS[title][0], put("/info/version", version))


def test_a_spec_as_released_passes(checkout: Checkout) -> None:
    assert checkout.check() == (0, "shop.yaml: as released\n", "")


@pytest.mark.parametrize(
    ("bump", "right", "wrong"),
    [
        (Bump.MAJOR, ["2.0.0"], ["1.2.3", "1.2.4", "1.3.0", "3.0.0", "2.0.1", "2.1.0"]),
        (Bump.MINOR, ["1.3.0", "2.0.0"], ["1.2.3", "1.2.4", "1.4.0", "1.3.1"]),
        (Bump.PATCH, ["1.2.4", "1.3.0", "2.0.0"], ["1.2.3", "1.2.2"]),
    ],
    ids=str,
)
def test_a_bump_needs_the_right_version_and_a_line_in_the_changelog(
    bump: Bump, right: list[str], wrong: list[str]
) -> None:
    def problems(version: str, *logged: str) -> list[str]:
        before, now = (Version(*map(int, each.split("."))) for each in ("1.2.3", version))
        return list(version_problems("shop", before, now, bump, changelog(*logged)))

    others = f" (or {', '.join(right[1:])})" if right[1:] else ""
    for version in wrong:
        problem = f"openapi/shop.yaml: info.version is {version}, but after 1.2.3 it must be {right[0]}{others}"
        assert problems(version, right[0], version) == [problem]
    for version in right:
        problem = f'below the heading "## shop {version}", say what changed on a line that begins with "- "'
        assert problems(version) == [f"openapi/CHANGELOG.md: {problem}"]
        assert problems(version, version) == []


@needs_redocly
@pytest.mark.parametrize(
    ("edit", "right", "wrong"),
    [
        ("a property is removed", "2.0.0", "1.3.0"),
        ("an enum has a new value", "1.3.0", "1.2.4"),
        ("descriptions, summaries, titles or examples differ", "1.2.4", "1.2.3"),
    ],
)
def test_the_kind_of_an_edit_decides_the_next_version(checkout: Checkout, edit: str, right: str, wrong: str) -> None:
    checkout.write(edited(edit, wrong), [right, wrong])
    code, _, problems = checkout.check()
    assert (code, f"info.version is {wrong}, but after 1.2.3 it must be {right}" in problems) == (1, True)


@needs_redocly
def test_a_heading_in_the_changelog_is_no_line(checkout: Checkout) -> None:
    checkout.write(edited("a property is removed", "2.0.0"), [])
    checkout.changelog.write_text("## shop 2.0.0\n\n## shop 1.2.3\n\n- First version.\n", "utf-8")
    assert '"## shop 2.0.0"' in checkout.check()[2]


@needs_redocly
def test_a_change_without_either_is_told_both_at_once(checkout: Checkout) -> None:
    checkout.write(edited("a property is removed"), [])
    code, _, problems = checkout.check()
    assert code == 1
    assert re.findall(r"^openapi/\S+|[0-9.]+[0-9]", problems, re.MULTILINE) == [
        *("openapi/shop.yaml:", "1.2.3", "1.2.3", "2.0.0"),
        *("openapi/CHANGELOG.md:", "2.0.0"),
    ]


@needs_redocly
def test_what_changed_is_told_in_words_of_the_table_what_breaks_most_first(checkout: Checkout) -> None:
    titles = ["descriptions, summaries, titles or examples differ", "an enum has a new value", "a property is removed"]
    patch = [operation for title in titles for operation in EDITS[title][0]]
    checkout.write(shop(*patch, put("/info/version", "2.0.0")), ["2.0.0"])
    code, said, _ = checkout.check()
    assert code == 0
    assert said.splitlines() == [
        "shop.yaml: changed since its last release",
        "  major  a property is removed: Order.discount. Breaks readers, generated code.",
        "  minor  an enum has a new value: State 3. Breaks readers with closed enums, not readers with open enums.",
        "  patch  descriptions, summaries, titles or examples differ: Order.placedAt description. Breaks nothing.",
    ]


@needs_redocly
def test_a_change_of_comments_or_layout_asks_for_a_patch(checkout: Checkout) -> None:
    checkout.write(shop(), [], indent=1)
    code, said, problems = checkout.check()
    assert (code, "1.2.4" in problems) == (1, True)
    assert f"patch  {ChangeKind.COMMENTS.title}" in said
    checkout.write(shop(put("/info/version", "1.2.4")), ["1.2.4"], indent=1)
    assert checkout.check()[0] == 0


NOTE, TOTAL = (f"{ORDER}/{name}" for name in ("note", "total"))
LINE = {"$ref": "#/components/schemas/Line"}
LANGUAGE = "/paths/~1orders~1{id}/get/parameters/1"
SAME = {
    "null as an alternative": [
        put(NOTE, {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "What the customer wrote."})
    ],
    "null first": [put(f"{NOTE}/type", ["null", "string"])],
    "allOf of one": [put(f"{ORDER}/lines/items", {"allOf": [LINE]})],
    "a parameter that is a component": [
        put(
            "/components/parameters",
            {
                "Language": {
                    "name": "language",
                    "in": "query",
                    "schema": {"type": "string", "description": "Language of the texts."},
                }
            },
        ),
        {"op": "replace", "path": LANGUAGE, "value": {"$ref": "#/components/parameters/Language"}},
    ],
    "a list of one type": [put(f"{TOTAL}/type", ["number"])],
}


@needs_redocly
@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_is_a_change_of_layout(checkout: Checkout, name: str) -> None:
    checkout.write(shop(*SAME[name], put("/info/version", "1.2.4")), ["1.2.4"])
    code, said, problems = checkout.check()
    assert (code, problems) == (0, "")
    assert said.splitlines()[1:] == [f"  patch  {ChangeKind.COMMENTS.title}: shop.yaml. Breaks nothing."]


@needs_redocly
def test_null_in_an_enum_is_a_nullability_and_a_title_is_words(checkout: Checkout) -> None:
    names = ["STATE_0", "STATE_1", "STATE_2", "NONE"]
    null = [put(f"{STATE}/type", ["integer", "null"]), put(f"{STATE}/enum", [0, 1, 2, None])]
    null += [put(f"{STATE}/{key}", names) for key in ("x-enum-varnames", "x-enumNames")]
    checkout.write(shop(*null, put(f"{TOTAL}/title", "Sum"), put("/info/version", "2.0.0")), ["2.0.0"])
    _, said, problems = checkout.check()
    assert problems == ""
    assert {line.split("  ")[2].partition(":")[0] for line in said.splitlines()[1:]} == {
        ChangeKind.NOW_NULLABLE.title,
        ChangeKind.WORDS.title,
    }


@needs_redocly
def test_a_change_of_a_parameter_that_is_a_component_is_one_of_the_operation(tmp_path: Path) -> None:
    shared = SAME["a parameter that is a component"]
    other = [*shared, put("/components/parameters/Language/schema/type", "integer")]
    [change] = compare(spec_of(shop(*shared), tmp_path / "old"), spec_of(shop(*other), tmp_path / "new"))
    assert (change.kind, change.location) == (ChangeKind.PARAMETER_CHANGED, "getOrder language")


@needs_redocly
def test_a_name_that_only_python_code_sees_is_a_change(tmp_path: Path) -> None:
    """Redocly sees no change of types here; griffe does."""
    named = put(f"{TOTAL}/x-python-name", "sum_of_all")
    [*_, change] = compare(spec_of(shop(), tmp_path / "old"), spec_of(shop(named), tmp_path / "new"))
    assert change.kind.bump == Bump.MAJOR


def test_without_node_the_gate_says_what_is_missing(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(redocly, "PROGRAM", tmp_path / "redocly")
    checkout.write(shop(put("/info/version", "1.2.4")), ["1.2.4"], indent=1)
    code, _, problems = checkout.check()
    assert (code, "npm ci --prefix scripts/node" in problems) == (1, True)


def test_a_spec_that_was_never_released_passes_and_one_that_is_gone_does_not(checkout: Checkout) -> None:
    checkout.spec.rename(checkout.spec.with_name("store.yaml"))
    code, said, problems = checkout.check()
    assert (code, said) == (1, "store.yaml: never released\n")
    assert problems.startswith("openapi/shop.yaml is gone")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("a: [", "line 1"),
        ("", "/openapi"),
        ("{openapi: 3.1.0, info: {title: T, version: '2'}, paths: {}}", "/info/version"),
        ("{openapi: 3.1.0, info: {title: T, version: 1.2.3}, paths: {/a: {get: {}}}}", "/paths/~1a/get"),
    ],
)
def test_a_file_that_is_no_spec_is_named(checkout: Checkout, content: str, place: str) -> None:
    checkout.spec.write_text(content, "utf-8")
    code, _, problems = checkout.check()
    assert code == 1
    assert f"shop.yaml: {place}: " in problems


def git(folder: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=n", "-c", "user.email=e@example.invalid", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


def commit(checkout: Checkout, *tag: str) -> None:
    git(checkout.root, "add", ".")
    git(checkout.root, "commit", "-m", "m")
    for name in tag:
        git(checkout.root, "tag", name)


@needs_redocly
@pytest.mark.program("git")
def test_any_commit_can_be_the_base(checkout: Checkout) -> None:
    git(checkout.root, "init", "-q")
    checkout.write(edited("an enum has a new value", "1.3.0"), ["1.3.0"])
    commit(checkout, "then")
    checkout.write(edited("a property is removed", "2.0.0"), ["2.0.0"])
    commit(checkout)
    assert checkout.check("HEAD")[:2] == (0, "shop.yaml: as released\n")
    code, said, _ = checkout.check("then")
    assert code == 0
    assert "an enum has lost a value: State 3" in said
    assert "State" not in checkout.check()[1]


@needs_redocly
@pytest.mark.program("git")
def test_a_shallow_clone_needs_no_other_commit_and_says_where_it_lacks_one(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    git(checkout.root, "init", "-q")
    commit(checkout, "then")
    checkout.write(edited("a property is removed"), [])
    commit(checkout)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth=1", f"file://{checkout.root}", ".")
    assert main(["--root", str(clone)]) == 1
    assert "a property is removed: Order.discount" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["then", "--root", str(clone)])
    assert "git has no openapi/ at then; a shallow clone may have to fetch it first" in capsys.readouterr().err


def test_ci_runs_the_gate() -> None:
    assert "\n    scripts/check-spec-changes\n" in (ROOT / "scripts" / "check").read_text("utf-8")
