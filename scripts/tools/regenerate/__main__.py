"""Command line of scripts/regenerate."""

import argparse
import difflib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.regenerate.generate import SCRIPTS, build_client
from tools.regenerate.lenient_spec import lenient_spec
from tools.regenerate.record_schema import record_schema
from tools.regenerate.spec import Spec, SpecError, load_spec

RECORD_SCHEMA_FILES = ("openapi/neutral/conversation.schema.json", "overrides/conversas/conversation.schema.json")
PACKAGE_INIT = '"""Clients generated from the specs in openapi/ by scripts/regenerate. Never edited by hand."""\n'


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    files = sorted((options.root / "openapi").glob("*.yaml"))
    names = [file.stem for file in files]
    if not files:
        parser.error(f"--root has no specs: {options.root / 'openapi'} holds no .yaml file")
    if options.only not in (None, *names):
        parser.error(f"--only takes one of: {', '.join(names)}")
    chosen = [file for file in files if options.only in (None, file.stem)]
    try:
        return _regenerate(options.root, chosen, whole=options.only is None, check=options.check)
    except SpecError as error:
        print(f"{error}\nNothing was changed.", file=sys.stderr)
    except RecursionError:
        print("A reference leads back to itself.\nNothing was changed.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate", description="Build the clients in generated/ from openapi/."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 with a diff if generated/ is not up to date with the specs",
    )
    parser.add_argument("--only", metavar="NAME", help="one client, by the name of its spec, for example zild")
    parser.add_argument(
        "--root",
        type=Path,
        default=SCRIPTS.parent,
        help="the folder that holds openapi/ and generated/ (default: this checkout)",
    )
    return parser


def _regenerate(root: Path, files: Sequence[Path], *, whole: bool, check: bool) -> int:
    """Build the clients of these specs, and write them or check the committed ones. `whole`: of all specs."""
    derived: dict[str, bytes] = dict.fromkeys(RECORD_SCHEMA_FILES, record_schema()) if whole else {}
    package = root / "generated" / "conversas_api"
    specs = [load_spec(file) for file in files]
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=None if check else root) as temporary:
        new_package = _build(specs, Path(temporary))
        derived |= {f"openapi/open/{spec.name}.json": lenient_spec(spec) for spec in specs}
        if check:
            return _report(root, package, new_package, derived, whole=whole)
        _swap(new_package, package, Path(temporary), whole=whole)
    for path, content in derived.items():
        _ensure_folder((root / path).parent)
        (root / path).write_bytes(content)
    print(f"generated/ is up to date with {', '.join(file.name for file in files)}.")
    return 0


def _ensure_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _build(specs: Sequence[Spec], temporary: Path) -> Path:
    """Build the package with these clients and return its folder."""
    package = _ensure_folder(temporary / "conversas_api")
    (package / "__init__.py").write_text(PACKAGE_INIT, encoding="utf-8")
    (package / "py.typed").touch()
    for spec in specs:
        build_client(spec, package / spec.name, config=SCRIPTS / "generator.yaml")
    return package


def _swap(new_package: Path, package: Path, temporary: Path, *, whole: bool) -> None:
    """Replace the old folders by the new ones as a whole, so that no stale file stays."""
    parts = [(new_package, package)] if whole else [(part, package / part.name) for part in new_package.iterdir()]
    for number, (new, old) in enumerate(parts):
        _ensure_folder(old.parent)
        aside = temporary / f"old-{number}"
        if old.exists():
            old.rename(aside)
        try:
            new.rename(old)
        except OSError:
            aside.rename(old)
            raise


def _report(root: Path, package: Path, new_package: Path, derived: dict[str, bytes], *, whole: bool) -> int:
    """Print how the committed files differ from the new ones. Return 1 if they do."""
    clients = None if whole else {path.name for path in new_package.iterdir()}
    old = {path: (root / path).read_bytes() for path in derived if (root / path).exists()}
    lines = list(_differences(old | _files(package, clients), derived | _files(new_package, clients)))
    sys.stdout.writelines(lines)
    if lines:
        print("generated/ is not up to date with the specs: run scripts/regenerate.", file=sys.stderr)
    return 1 if lines else 0


def _files(folder: Path, parts: set[str] | None) -> dict[str, bytes]:
    """Return the content of each file by its path; `parts` limits them to these entries of the folder."""
    found = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    paths = {file.relative_to(folder): file for file in found}
    return {
        f"generated/conversas_api/{path.as_posix()}": file.read_bytes()
        for path, file in paths.items()
        if parts is None or path.parts[0] in parts
    }


def _differences(old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) == new.get(path):
            continue
        before, after = (
            side.get(path, b"").decode("utf-8", "backslashreplace").splitlines(keepends=True) for side in (old, new)
        )
        yield from difflib.unified_diff(before, after, path, f"{path}, from its source")
        if path not in old or path not in new:
            yield f"{path}: {'missing' if path not in old else 'without a source'}\n"


if __name__ == "__main__":
    sys.exit(main())
