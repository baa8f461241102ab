"""Expected record of each body in openapi/examples, in a file next to the body: `<name>.neutral.json`."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from conversas import DecodeError, NotFoundError, decode

EXAMPLES = Path(__file__).parents[2] / "openapi" / "examples"
ENDING = ".neutral.json"


def vectors(examples: Path = EXAMPLES) -> Iterator[tuple[Path, bytes]]:
    """Yield the file and the bytes of each expected record. A body that is not a conversation is skipped."""
    for body in sorted(examples.glob("*/*.json")):
        if not body.name.endswith(ENDING):
            try:
                conversation = decode(body.parent.name, body.read_bytes())
            except (DecodeError, NotFoundError):
                continue
            text = json.dumps(conversation.to_dict(), indent=2, ensure_ascii=False)
            yield body.with_name(body.stem + ENDING), (text + "\n").encode()


def main(arguments: Sequence[str], examples: Path = EXAMPLES) -> int:
    """Write the files; with --check, write nothing and return 1 if a file is not up to date."""
    wanted = dict(vectors(examples))
    stale = set(examples.glob(f"*/*{ENDING}")) - wanted.keys()
    if "--check" in arguments:
        wrong = stale | {file for file, form in wanted.items() if not file.exists() or file.read_bytes() != form}
        for file in sorted(wrong):
            print(f"{file.relative_to(examples)} differs from the result of decode: run scripts/vectors")
        return 1 if wrong else 0
    for file in stale:
        file.unlink()
    for file, form in wanted.items():
        file.write_bytes(form)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
