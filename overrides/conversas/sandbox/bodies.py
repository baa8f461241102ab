"""Bodies of conversations: made up from the ref and a seed, or custom."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import orjson

from conversas.json_pointer import is_object
from conversas.records.ref import ConversationRef
from conversas.sandbox.platforms import get_platform, platforms
from conversas.sandbox.platforms.base import SandboxPlatform


def body(provider: str, id_: str, *, seed: int = 0, messages: int | None = None, cursor: str | None = None) -> bytes:
    """Return a body that follows the provider's spec. The same arguments always return the same bytes.

    `messages` is the number of messages in the conversation, 0 or more; by default it depends on the id, as the rest
    does. A provider with pages returns the newest messages. With `cursor`, the id of a message, it returns the newest
    messages before that message.

    Raises:
        ConfigurationError: A provider of another package cannot be used.
        ValueError: The provider is unknown, the id is invalid, or `messages` is negative.
    """
    platform = get_platform(provider)
    id_ = _canonical_id(platform, str(id_))  # a user may pass a number
    if messages is not None and messages < 0:
        raise ValueError(f"messages must be 0 or more, got {messages}")
    random = Random(f"{seed}:{provider}:{id_}")  # noqa: S311  # made-up conversations, no secret
    return orjson.dumps(platform.make_body(id_, random, messages=messages, cursor=cursor))


def list_body(platform: SandboxPlatform, query: str, custom: Mapping[ConversationRef, bytes], *, seed: int) -> bytes:
    """Return the list of a provider's conversations that match a query.

    The list has the custom conversations. If there are no custom conversations, it has made-up conversations.
    """
    served = [body for ref, body in custom.items() if ref.provider == platform.name]
    made_up = (body(platform.name, id_, seed=seed) for id_ in platform.listed_ids)
    listed = [platform.listed(each) for each in filter(is_object, map(_parsed, served or made_up))]
    return orjson.dumps([each for each in listed if platform.is_asked_for(each, query)])


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def canonical_ref(ref: ConversationRef | str) -> ConversationRef:
    """Return a ref in its canonical spelling: `zild:7` for `zild:007`.

    Raises:
        ConfigurationError: The ref is invalid.
        ValueError: The provider is unknown, or the id is invalid.
    """
    parsed = ConversationRef.parse(ref) if isinstance(ref, str) else ref
    return ConversationRef(parsed.provider, _canonical_id(get_platform(parsed.provider), parsed.id))


def _canonical_id(platform: SandboxPlatform, id_: str) -> str:
    canonical = platform.canonical_id(id_)
    if canonical is None:
        raise ValueError(f"a conversation id of {platform.name} must be {platform.id_rule}")
    return canonical


def custom_bodies(bodies: Mapping[str, bytes]) -> dict[ConversationRef, bytes]:
    """Return custom bodies by canonical ref. An invalid ref raises the errors of `canonical_ref`."""
    return {canonical_ref(ref): body for ref, body in bodies.items()}


def find_body_files(folder: Path) -> dict[str, Path]:
    """Return the files `<provider>/<name>.json` of a folder by ref. The id of a ref is the id in the body.

    If the body has no id, or the id of an earlier file, the name of the file is used. With Zild, whose ids are numbers,
    the lowest free number is used.

    Raises:
        OSError: A file cannot be read.
    """
    found: dict[str, Path] = {}
    for provider, platform in sorted(platforms().items()):
        by_id, others = dict[str, Path](), list[Path]()
        for file in _json_files(folder / provider):
            id_ = platform.own_id(file.read_bytes())
            if id_ is None or id_ in by_id:
                others.append(file)
            else:
                by_id[id_] = file
        for file in others:
            spare = (platform.canonical_id(id_) or id_ for id_ in platform.spare_ids(file.stem))
            by_id[next(id_ for id_ in spare if id_ not in by_id)] = file
        found |= {f"{provider}:{id_}": file for id_, file in by_id.items()}
    return found


def _json_files(folder: Path) -> list[Path]:
    """Return the files with bodies, without the neutral forms next to them."""
    return sorted(file for file in folder.glob("*.json") if not file.name.endswith(".neutral.json"))
