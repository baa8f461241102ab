"""Command line of scripts/new-provider."""

import argparse
import io
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tools.new_provider import facts
from tools.new_provider.registration import add_lines, apply, edits
from tools.new_provider.rendering import Skeleton
from tools.new_provider.sample import sample_of
from tools.new_provider.spec_draft import BLANK, draft_document
from tools.regenerate.generate import SCRIPTS
from tools.regenerate.package import is_package_name
from tools.regenerate.reduced.problems import SpecError
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.spec import load_spec
from tools.try_spec.selection import load_selectable, operations_of, selected

NEXT = """\
Written: the spec, its facts, an example, the provider, its sandbox, a test, and the lines that announce them.
Next: "How to add a provider" in CONTRIBUTING.md, from step 1. It names the files to check and complete.
"""
HEADER = """\
# {title}: read one conversation by its id.
#
# Drafted by scripts/new-provider. Hold each line against the platform's page: what it states is contract, and what
# was only inferred is a comment that begins with "Inferred:".
"""
OF_64_BITS = """\
#
# Inferred, unless the page names the format: an id is an integer of 64 bits.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files of a provider, and return the exit code: 1 if a spec is refused."""
    parser = argparse.ArgumentParser(
        prog="scripts/new-provider",
        description="Write the skeleton of a provider, as CONTRIBUTING.md describes it.",
    )
    parser.add_argument("name", help="name of the provider: lower-case letters, digits and underscores")
    parser.add_argument("--from", dest="source", type=Path, metavar="SPEC", help="a spec of the platform, in OpenAPI")
    parser.add_argument(
        "--path",
        metavar="PATH",
        help="the path of a conversation in that spec; needed unless exactly one GET path of the spec ends with a "
        "parameter",
    )
    parser.add_argument("--root", type=Path, default=SCRIPTS.parent, help="the checkout (default: this one)")
    options = parser.parse_args(arguments)
    if not is_package_name(options.name) or not re.fullmatch("[a-z][a-z0-9_]*", options.name):
        parser.error("NAME must be lower-case letters, digits and underscores, and begin with a letter")
    if (options.root / "openapi" / f"{options.name}.yaml").exists():
        parser.error(f"openapi/{options.name}.yaml exists already")
    try:
        document = _drafted(options.name, options.source, options.path)
        _write(options.root, options.name, document)
    except SpecError as error:
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    except LookupError as error:
        parser.error(str(error.args[0]))
    print(NEXT, end="")
    return 0


def _drafted(name: str, file: Path | None, path: str | None) -> dict[str, Any]:
    source: dict[str, Any] = dict(BLANK) if file is None else load_selectable(file)
    all_gets = [key for key in operations_of(source) if key[0] == "get"]
    with_id = [key for key in all_gets if key[1].endswith("}")]
    candidates = with_id if path is None else [key for key in all_gets if key[1] == path]
    if len(candidates) != 1:
        found = ", ".join(key[1] for key in (with_id or all_gets)[:20]) or "no GET path"
        raise LookupError(f"--path must be the path of a conversation; the spec has {found}")
    document = selected(source, candidates)
    reduction = reduce_document(document)
    if reduction.problems:
        raise SpecError(str(file), reduction.problems)
    return draft_document(name, reduction.api, source)


def _write(root: Path, name: str, document: dict[str, Any]) -> None:
    skeleton, sample = _skeleton(name, document)
    [(path, methods)] = document["paths"].items()
    example = {"summary": f"A body with every property, also in examples/{name}/sample.json", "value": sample}
    content = methods["get"]["responses"]["200"]["content"]["application/json"]
    content["examples"] = {"sample": example}
    title = name.replace("_", " ").title()
    is_of_64_bits = methods["get"]["parameters"][0]["schema"].get("format") == "int64"
    header = HEADER.format(title=title) + OF_64_BITS * is_of_64_bits
    files = {
        f"openapi/{name}.yaml": header + _as_yaml(document),
        f"openapi/examples/{name}/sample.json": json.dumps(sample, ensure_ascii=False, indent=2) + "\n",
        f"tests/facts/{name}.csv": facts.as_csv([facts.HEAD, *facts.property_rows(document)]),
        f"overrides/conversas/providers/{name}.py": skeleton.render("provider.py.jinja"),
        f"overrides/conversas/sandbox/platforms/{name}.py": skeleton.render("sandbox.py.jinja"),
        f"tests/providers/test_{name}.py": skeleton.render("test.py.jinja"),
    }
    mapping = skeleton.render("mapping.md.jinja")
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, "utf-8")
    add_lines(root / "tests/facts/enums.csv", facts.as_csv(facts.enum_rows(name, document)))
    add_lines(root / "tests/facts/operations.csv", facts.as_csv(facts.operation_rows(name, document)))
    outcomes = root / "tests" / "data" / "examples.json"
    listed = json.loads(outcomes.read_text("utf-8"))
    listed[f"{name}/sample"] = {"notes": "", "completeness": skeleton.completeness, "drift": []}
    outcomes.write_text(json.dumps(dict(sorted(listed.items())), ensure_ascii=False, indent=2) + "\n", "utf-8")
    apply(root, edits(name, skeleton.class_name, title, path, mapping, has_host=skeleton.host is not None))


def _skeleton(name: str, document: dict[str, Any]) -> tuple[Skeleton, Any]:
    """Return the skeleton of a drafted spec, which is read as scripts/regenerate reads it, and a body."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(_as_yaml(document), "utf-8")
        api = load_spec(file).api
    [operation] = api.operations
    assert operation.answer is not None
    return Skeleton(name, document, api), sample_of(operation.answer, api)


def _as_yaml(document: dict[str, Any]) -> str:
    writer: Any = YAML()
    writer.width = 110
    writer.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    writer.dump(document, text)
    return text.getvalue()


if __name__ == "__main__":
    sys.exit(main())
