"""The body of each conversation, made from its name and a seed: the same two always give the same bytes."""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import orjson

from conversas.records.ref import ConversationRef
from conversas.sandbox.dialogues.generator import make_dialogue
from conversas.sandbox.faults import PROVIDERS
from conversas.sandbox.platforms.superagentes import superagentes_body
from conversas.sandbox.platforms.zild import zild_body
from conversas.sandbox.routes import int32


def body(provider: str, id_: str, *, seed: int = 0, messages: int | None = None, cursor: str | None = None) -> bytes:
    """Give a body by the provider's spec.

    `messages` is how many the conversation has, from 0; without it that depends on the id, as all the rest does.
    Superagentes shows the newest 50 of them; with `cursor`, the id of a message, the 50 before that.

    Raises:
        ValueError: There is no such provider, the id is not one of that provider, or `messages` is below 0.
    """
    if provider not in PROVIDERS:
        raise ValueError(f"there is no such provider: take one of {', '.join(PROVIDERS)}")
    if messages is not None and messages < 0:
        raise ValueError("messages is a number from 0 on")
    if provider == "superagentes":
        if not id_:
            raise ValueError("the id of a conversation is not empty")
        random = Random(f"{seed}:superagentes:{id_}")  # noqa: S311  # made-up conversations, no secret
        dialogue = make_dialogue(random, messages=messages, may_be_spoken=False)
        return orjson.dumps(superagentes_body(id_, dialogue, random, cursor=cursor))
    number = int32(id_)
    if number is None:
        raise ValueError("the id of a conversation is an integer of 32 bits")
    random = Random(f"{seed}:zild:{number}")  # noqa: S311  # made-up conversations, no secret
    return orjson.dumps(zild_body(number, make_dialogue(random, messages=messages, may_be_spoken=True), random))


def canonical_ref(ref: ConversationRef | str) -> ConversationRef:
    """Give a ref as the sandbox knows it: `zild:007` is `zild:7`.

    Raises:
        ConfigurationError: The ref is none.
        ValueError: There is no such provider, or the id is not one of that provider.
    """
    parsed = ConversationRef.parse(ref) if isinstance(ref, str) else ref
    if parsed.provider not in PROVIDERS:
        raise ValueError(f"there is no such provider: take one of {', '.join(PROVIDERS)}")
    if parsed.provider != "zild":
        return parsed
    number = int32(parsed.id)
    if number is None:
        raise ValueError("the id of a conversation is an integer of 32 bits")
    return ConversationRef("zild", str(number))


def by_ref(bodies: Mapping[str, bytes]) -> dict[ConversationRef, bytes]:
    """Check the refs of given bodies; it raises what `canonical_ref` does."""
    return {canonical_ref(ref): body for ref, body in bodies.items()}


def find_body_files(folder: Path) -> dict[str, Path]:
    """Find `<provider>/<name>.json` in a folder, and give each file a ref.

    An id of Superagentes is the name of the file. Ids of Zild are numbers, so they count from 1 in the order of names.
    """
    refs = {f"superagentes:{file.stem}": file for file in _json_files(folder / "superagentes")}
    return refs | {f"zild:{number}": file for number, file in enumerate(_json_files(folder / "zild"), start=1)}


def _json_files(folder: Path) -> list[Path]:
    """Return the files with bodies, without the neutral forms next to them."""
    return sorted(file for file in folder.glob("*.json") if not file.name.endswith(".neutral.json"))
