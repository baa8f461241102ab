"""Decodes mutated bodies by the hundred thousand: `PYTHONPATH=tests .venv/bin/python tests/fuzz.py 100000 [seed]`."""

import json
import random
import sys
from typing import Any

from conversas import Conversation, DecodeError, NotFoundError, decode
from support.annotations import is_true
from support.examples import OUTCOMES, body_of

VALUES = [
    None,
    True,
    False,
    0,
    -1,
    42,
    2**31,
    2**64,
    10**400,
    1.5,
    1e300,
    "",
    "x",
    "\ud83d",
    "2023-02-31T00:00:00",
    [],
    {},
]
VALUES += ["31/12/2023 10:00", "0001-01-01T00:00:00", "2023-11-07T05:31:56.1104217", [None], [[]], {"": {}}, {"7": 1}]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each container in a JSON value with one key or index of it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(value, key) for key, _ in items]
    return found + [place for _, child in items for place in places(child)]


def mutate(value: Any, chance: random.Random) -> bytes:
    """Change up to four places of a JSON value, then, now and then, the bytes themselves."""
    for _ in range(chance.randint(1, 4)):
        container, key = chance.choice(places(value))
        if isinstance(container, dict) and chance.random() < 0.2:
            key = chance.choice(["", "7", "new", "a/b", "~", key])
        container[key] = json.loads(json.dumps(chance.choice(VALUES)))
    body = bytearray(json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))
    for _ in range(chance.choice([0, 0, 0, 1, 3])):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def check(provider: str, body: bytes) -> str:
    try:
        conversation = decode(provider, body, timezone="America/Sao_Paulo", ref=f"{provider}:7")
    except (DecodeError, NotFoundError) as error:
        return type(error).__name__
    assert conversation.raw == body
    assert is_true(conversation)
    assert Conversation.from_dict(json.loads(json.dumps(conversation.to_dict()))) == conversation
    return "drift" if conversation.drift else "no drift"


def main(examples: int, seed: int) -> None:
    chance, outcomes = random.Random(seed), dict[str, int]()
    bodies = [(name.partition("/")[0], body_of(name)) for name in OUTCOMES]
    originals = [(provider, body) for provider, body in bodies if body.startswith(b"{") and len(body) < 5000]
    for number in range(examples):
        provider, original = chance.choice(originals)
        body = mutate(json.loads(original.decode("utf-8", "replace")), chance)
        try:
            outcome = check(provider, body)
        except Exception:
            print(f"example {number} of seed {seed}: {provider} {body!r}")
            raise
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(f"{examples} examples, nothing found: {outcomes}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
