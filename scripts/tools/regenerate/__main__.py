"""The command line of scripts/regenerate."""

import argparse
import difflib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.regenerate.generate import SCRIPTS, build_client
from tools.regenerate.lenient_spec import open_form
from tools.regenerate.record_schema import neutral_schema
from tools.regenerate.spec import Spec, SpecError, load_spec

NEUTRAL_PLACES = ("openapi/neutral/conversation.schema.json", "overrides/conversas/conversation.schema.json")
PACKAGE_INIT = '"""Clients generated from the specs in openapi/ by scripts/regenerate. Never edited by hand."""\n'


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate", description="Build the clients in generated/ from openapi/."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 with a diff where generated/ is not what the specs give",
    )
    parser.add_argument("--only", metavar="NAME", help="one client, by the name of its spec: zild")
    parser.add_argument(
        "--root",
        type=Path,
        default=SCRIPTS.parent,
        help="the folder that holds openapi/ and generated/ (default: this checkout)",
    )
    options = parser.parse_args(arguments)
    files = sorted((options.root / "openapi").glob("*.yaml"))
    names = [file.stem for file in files]
    if not files:
        parser.error(f"--root has no specs: {options.root / 'openapi'} holds no .yaml file")
    if options.only not in (None, *names):
        parser.error(f"--only takes one of: {', '.join(names)}")
    chosen = [file for file in files if options.only in (None, file.stem)]
    beside: dict[str, bytes] = {} if options.only else dict.fromkeys(NEUTRAL_PLACES, neutral_schema())
    place = options.root / "generated" / "conversas_api"
    try:
        specs = [load_spec(file) for file in chosen]
        with tempfile.TemporaryDirectory(
            prefix=".regenerate-", dir=None if options.check else options.root
        ) as temporary:
            built = _build(specs, Path(temporary))
            beside |= {f"openapi/open/{spec.name}.json": open_form(spec) for spec in specs}
            if options.check:
                return _report(options.root, place, built, beside, whole=options.only is None)
            _swap(built, place, Path(temporary), whole=options.only is None)
    except SpecError as error:
        print(f"{error}\nNothing was changed.", file=sys.stderr)
        return 1
    except RecursionError:
        print("A reference leads back to itself.\nNothing was changed.", file=sys.stderr)
        return 1
    for path, content in beside.items():
        _made((options.root / path).parent)
        (options.root / path).write_bytes(content)
    print(f"generated/ is now what {', '.join(file.name for file in chosen)} give.")
    return 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _build(specs: Sequence[Spec], temporary: Path) -> Path:
    """Build the package with these clients and give its folder."""
    package = _made(temporary / "conversas_api")
    (package / "__init__.py").write_text(PACKAGE_INIT, encoding="utf-8")
    (package / "py.typed").touch()
    for spec in specs:
        build_client(spec, package / spec.name, config=SCRIPTS / "generator.yaml")
    return package


def _swap(built: Path, place: Path, temporary: Path, *, whole: bool) -> None:
    """Put the new folders in the place of the old ones, whole, so that no stale file stays."""
    parts = [(built, place)] if whole else [(part, place / part.name) for part in built.iterdir()]
    for number, (new, old) in enumerate(parts):
        _made(old.parent)
        aside = temporary / f"old-{number}"
        if old.exists():
            old.rename(aside)
        try:
            new.rename(old)
        except OSError:
            aside.rename(old)
            raise


def _report(root: Path, place: Path, built: Path, beside: dict[str, bytes], *, whole: bool) -> int:
    """Print how the committed files differ from the built ones."""
    clients = None if whole else {path.name for path in built.iterdir()}
    old = {path: (root / path).read_bytes() for path in beside if (root / path).exists()}
    lines = list(_differences(old | _files(place, clients), beside | _files(built, clients)))
    sys.stdout.writelines(lines)
    if lines:
        print("generated/ is not what the specs give: run scripts/regenerate.", file=sys.stderr)
    return 1 if lines else 0


def _files(folder: Path, parts: set[str] | None) -> dict[str, bytes]:
    """Give the content of each file by its path; `parts` limits to these entries of the folder."""
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
            yield f"{path}: {'missing' if path not in old else 'made from nothing'}\n"


if __name__ == "__main__":
    sys.exit(main())
