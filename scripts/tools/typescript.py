"""TypeScript in the npm archive: types of each spec and of the neutral form, and the main module.

The main module is loaded when a program imports the package.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "openapi"
PROGRAM = ROOT / "scripts" / "node" / "node_modules" / ".bin" / "openapi-typescript"
NEUTRAL = OPENAPI / "neutral" / "conversation.schema.json"
WRITTEN = ("types/*.d.ts", "index.js", "index.d.ts")


def written() -> Iterator[tuple[Path, str]]:
    """Yield each file and its text."""
    names = sorted(path.stem for path in OPENAPI.glob("*.yaml"))
    for name in names:
        yield OPENAPI / "types" / f"{name}.d.ts", _types_of(OPENAPI / f"{name}.yaml")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "neutral.json"
        document.write_text(json.dumps(_as_openapi(json.loads(NEUTRAL.read_bytes()))), "utf-8")
        yield OPENAPI / "types" / "neutral.d.ts", _types_of(document)
    yield OPENAPI / "index.js", "".join(_module(names))
    yield OPENAPI / "index.d.ts", "".join(_declarations(names))


def _types_of(document: Path) -> str:
    return subprocess.run([PROGRAM, str(document)], check=True, stdout=subprocess.PIPE, text=True).stdout


def _as_openapi(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose only content is a JSON Schema with its definitions."""
    definitions = schema.pop("$defs")
    text = json.dumps({**definitions, "Conversation": schema}).replace("#/$defs/", "#/components/schemas/")
    information = {"title": "Neutral form", "version": "2"}
    return {"openapi": "3.1.0", "info": information, "paths": {}, "components": {"schemas": json.loads(text)}}


def _module(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield f'exports.{name} = require("./3.1/{name}.json");\n'
    yield f'exports.neutral = require("./neutral/{NEUTRAL.name}");\n'


def _declarations(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield f"/** The OpenAPI 3.1 document of {name.capitalize()}. Import its types from `types/{name}.js`. */\n"
        yield f"export declare const {name}: Readonly<Record<string, unknown>>;\n"
    yield "/** The JSON Schema of the neutral form. */\n"
    yield "export declare const neutral: Readonly<Record<string, unknown>>;\n"
    yield "/** A conversation in the neutral form. */\n"
    yield 'export type Conversation = import("./types/neutral.js").components["schemas"]["Conversation"];\n'


def main(arguments: Sequence[str]) -> int:
    """Write the files; with --check, write nothing and return 1 if a file is not up to date."""
    texts = dict(written())
    stale = {file for pattern in WRITTEN for file in OPENAPI.glob(pattern)} - texts.keys()
    if "--check" in arguments:
        wrong = stale | {file for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text}
        for file in sorted(wrong):
            print(f"{file.relative_to(ROOT)} is not up to date: run scripts/typescript")
        return 1 if wrong else 0
    for file in stale:
        file.unlink()
    for file, text in texts.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
