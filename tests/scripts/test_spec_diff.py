"""scripts/check-spec-changes: what each edit of a spec means, as openapi/README.md says, and what it asks for."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conversas.json_pointer import format_pointer, is_array, is_object
from support.spec_edits import EDITS, ORDER, SHOP, STATE, put, remove, shop
from tools.check_spec_changes.__main__ import main
from tools.check_spec_changes.change_kinds import ChangeKind
from tools.check_spec_changes.document import compare_documents

ROOT = Path(__file__).parents[2]


class Row(NamedTuple):
    """One row of the table."""

    edit: str
    breaks: str
    step: str


def table() -> list[Row]:
    text = (ROOT / "openapi" / "README.md").read_text("utf-8")
    section = text.partition("\n## What a change means\n")[2].partition("\n## ")[0]
    [head, *rows] = [Row(*row) for row in re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE)]
    assert head == ("edit", "whom it breaks", "step")
    return rows


def found(patch: list[dict[str, Any]]) -> set[Row]:
    edits = {change.kind for change in compare_documents(shop(), shop(*patch))}
    return {Row(edit.title, edit.breaks, str(edit.bump)) for edit in edits}


def test_the_table_has_every_edit_that_the_gate_knows() -> None:
    assert [row.edit for row in table()] == [edit.title for edit in ChangeKind]
    assert EDITS.keys() == {edit.title for edit in ChangeKind} - {ChangeKind.COMMENTS.title}


@pytest.mark.parametrize("row", [row for row in table() if row.edit in EDITS], ids=lambda row: row.edit)
def test_an_edit_means_what_the_table_says(row: Row) -> None:
    for patch in EDITS[row.edit]:
        assert found(patch) == {row}, patch


def nodes(node: Any, *path: Any) -> Iterator[tuple[str, Any]]:
    """Yield everything in a document, with its JSON pointer."""
    for key, value in node.items() if is_object(node) else enumerate(node) if is_array(node) else ():
        yield format_pointer(*path, key), value
        yield from nodes(value, *path, key)


def another(value: Any) -> Any:
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"


def test_nothing_goes_or_becomes_another_without_a_word() -> None:
    places = [(place, value) for place, value in nodes(SHOP) if place not in {"/info", "/info/version"}]
    leaves = [(place, value) for place, value in places if not isinstance(value, dict | list)]
    edits = [remove(place) for place, _ in places]
    edits += [{"op": "replace", "path": place, "value": another(value)} for place, value in leaves]
    assert [edit for edit in edits if not found([edit])] == []
    assert len(edits) > 200


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
        lines = [f"## shop {version}\n\n- Something about it.\n" for version in ("1.2.3", *versions)]
        self.changelog.write_text("\n".join(lines), "utf-8")

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
    ("edit", "right", "wrong"),
    [
        ("a property is removed", ["2.0.0"], ["1.2.3", "1.2.4", "1.3.0", "3.0.0", "2.0.1", "2.1.0"]),
        ("an enum has a new value", ["1.3.0", "2.0.0"], ["1.2.3", "1.2.4", "1.4.0", "1.3.1"]),
        ("descriptions, summaries, titles or examples differ", ["1.2.4", "1.3.0", "2.0.0"], ["1.2.3", "1.2.2"]),
    ],
)
def test_a_change_needs_the_right_version_and_a_line_in_the_changelog(
    checkout: Checkout, edit: str, right: list[str], wrong: list[str]
) -> None:
    others = f" (or {', '.join(right[1:])})" if right[1:] else ""
    for version in wrong:
        checkout.write(edited(edit, version), [right[0], version])
        problem = f"openapi/shop.yaml: info.version is {version}, and after 1.2.3 it has to be {right[0]}{others}\n"
        assert checkout.check()[::2] == (1, problem)
    for version in right:
        checkout.write(edited(edit, version), [])
        problem = f'say what changed in a line that begins with "- " below the heading "## shop {version}"\n'
        assert checkout.check()[::2] == (1, f"openapi/CHANGELOG.md: {problem}")
        checkout.write(edited(edit, version), [version])
        assert checkout.check()[::2] == (0, "")


def test_a_heading_in_the_changelog_is_no_line(checkout: Checkout) -> None:
    checkout.write(edited("a property is removed", "2.0.0"), [])
    checkout.changelog.write_text("## shop 2.0.0\n\n## shop 1.2.3\n\n- First version.\n", "utf-8")
    assert '"## shop 2.0.0"' in checkout.check()[2]


def test_a_change_without_either_is_told_both_at_once(checkout: Checkout) -> None:
    checkout.write(edited("a property is removed"), [])
    code, _, problems = checkout.check()
    assert code == 1
    assert re.findall(r"^openapi/\S+|[0-9.]+[0-9]", problems, re.MULTILINE) == [
        *("openapi/shop.yaml:", "1.2.3", "1.2.3", "2.0.0"),
        *("openapi/CHANGELOG.md:", "2.0.0"),
    ]


def test_what_changed_is_told_in_words_of_the_table_what_breaks_most_first(checkout: Checkout) -> None:
    titles = ["descriptions, summaries, titles or examples differ", "an enum has a new value", "a property is removed"]
    patch = [operation for title in titles for operation in EDITS[title][0]]
    checkout.write(shop(*patch, put("/info/version", "2.0.0")), ["2.0.0"])
    code, said, _ = checkout.check()
    assert code == 0
    assert said.splitlines() == [
        "shop.yaml: changed since its last release",
        "  major  a property is removed: Order.discount. Breaks readers, generated code.",
        "  minor  an enum has a new value: State 3. Breaks readers with closed enums; open ones keep it as data.",
        "  patch  descriptions, summaries, titles or examples differ: Order.placedAt description. Breaks nobody.",
    ]


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
        put(LANGUAGE, {"$ref": "#/components/parameters/Language"}),
    ],
    "a list of one type": [put(f"{TOTAL}/type", ["number"])],
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_is_a_change_of_layout(checkout: Checkout, name: str) -> None:
    checkout.write(shop(*SAME[name], put("/info/version", "1.2.4")), ["1.2.4"])
    code, said, problems = checkout.check()
    assert (code, problems) == (0, "")
    assert said.splitlines()[1:] == [f"  patch  {ChangeKind.COMMENTS.title}: shop.yaml. Breaks nobody."]


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
    assert "\nscripts/check-spec-changes\n" in (ROOT / "scripts" / "check").read_text("utf-8")
