"""Command line of scripts/regenerate."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.regenerate.checkout import compare, make_folder, swap
from tools.regenerate.generate import SCRIPTS
from tools.regenerate.openapi_forms import OPEN, as_json, write_document
from tools.regenerate.package import OURS, build_package, is_package_name
from tools.regenerate.record_schema import record_schema
from tools.regenerate.reduced.problems import SpecError
from tools.regenerate.spec import Spec, load_spec
from tools.regenerate.verification import problems_of

RECORD_SCHEMA_FILES = ("openapi/neutral/conversation.schema.json", "overrides/conversas/conversation.schema.json")
EPILOG = """\
To use your own specs, put them into a folder openapi/ of your project, and name your package:

  scripts/regenerate --root ~/acme --package acme_conversas

From ~/acme/openapi/tickets.yaml, the command writes the package ~/acme/generated/acme_conversas/ with the client
tickets/, and nothing outside that folder. The generated code imports conversas_api.runtime, so your project depends on
conversas. Add --check to find out whether the code is up to date.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check a package. Return the exit code: 1 if a spec is refused or a file differs."""
    parser = _parser()
    options = parser.parse_args(arguments)
    files = sorted((options.root / "openapi").glob("*.yaml"))
    names = [file.stem for file in files]
    if not files:
        parser.error(f"--root must have specs, but {options.root / 'openapi'} has no .yaml file")
    if options.only not in (None, *names):
        parser.error(f"--only must be one of: {', '.join(names)}")
    if not is_package_name(options.package):
        parser.error("--package must be a name that Python can import, for example acme_conversas")
    try:
        return _build(options, _load_all([file for file in files if options.only in (None, file.stem)]))
    except SpecError as error:
        print(f"{error}\nNothing was changed.", file=sys.stderr)
    return 1


def _load_all(files: Sequence[Path]) -> list[Spec]:
    """Read the specs. One error names the problems of all specs."""
    specs: list[Spec] = []
    errors: list[str] = []
    for file in files:
        try:
            specs.append(load_spec(file))
        except SpecError as error:
            errors.append(str(error))
    if errors:
        raise SpecError.of_files(errors)
    return specs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate",
        description="Build the clients in generated/ from the specs in openapi/.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 with a diff if generated/ is not up to date with the specs",
    )
    parser.add_argument("--only", metavar="NAME", help="build only the client of this spec, for example zild")
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        default=SCRIPTS.parent,
        help="the folder that holds openapi/ and generated/ (default: this checkout)",
    )
    parser.add_argument(
        "--package",
        metavar="NAME",
        default=OURS,
        help=f"the package below generated/ for the clients (default: {OURS}, which also gets the runtime)",
    )
    return parser


def _build(options: argparse.Namespace, specs: Sequence[Spec]) -> int:
    """Build everything in a temporary folder. Then compare the result, or move it into place."""
    root, whole = options.root, options.only is None
    target = root / "generated" / options.package
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=None if options.check else root) as temporary:
        new_package = Path(temporary) / options.package
        build_package(specs, new_package)
        others = _files_outside(specs, whole=whole) if options.package == OURS else {}
        differences = compare(root, new_package, target, others, whole=whole)
        if options.check:
            return _report(differences)
        if differences:
            _verify(specs, new_package)
        swap(new_package, target, Path(temporary), whole=whole)
    for path, content in others.items():
        make_folder((root / path).parent)
        (root / path).write_bytes(content)
    print(f"generated/ is up to date with {', '.join(f'{spec.name}.yaml' for spec in specs)}.")
    return 0


def _verify(specs: Sequence[Spec], package: Path) -> None:
    """Raise SpecError if the new package cannot be imported, or is not strictly typed."""
    if problems := list(problems_of(package)):
        raise SpecError(", ".join(f"{spec.name}.yaml" for spec in specs), problems)


def _files_outside(specs: Sequence[Spec], *, whole: bool) -> dict[str, bytes]:
    """Return the open form of each spec and the schema of records, by path."""
    record_schemas = dict.fromkeys(RECORD_SCHEMA_FILES, record_schema()) if whole else {}
    return record_schemas | {f"openapi/open/{spec.name}.json": as_json(write_document(spec, OPEN)) for spec in specs}


def _report(diff: list[str]) -> int:
    sys.stdout.writelines(diff)
    if diff:
        print("generated/ is not up to date with the specs: run scripts/regenerate.", file=sys.stderr)
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
