"""The body of each conversation, made from its name and a seed: the same two always give the same bytes."""

from random import Random

import orjson

from conversas.sandbox.dialogues.generator import dialogue
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
        told = dialogue(random, messages=messages, may_be_spoken=False)
        return orjson.dumps(superagentes_body(id_, told, random, cursor=cursor))
    number = int32(id_)
    if number is None:
        raise ValueError("the id of a conversation is an integer of 32 bits")
    random = Random(f"{seed}:zild:{number}")  # noqa: S311  # made-up conversations, no secret
    return orjson.dumps(zild_body(number, dialogue(random, messages=messages, may_be_spoken=True), random))
