"""One body, read by the strict decoder and by the validator alone."""

import json
from importlib import import_module
from typing import Any

import attrs

from conversas import ConversasError, Conversation
from conversas.decoding.decoder import decode_body, read_model, validator_for
from conversas.decoding.json_body import JsonBody
from conversas.decoding.strict import StrictDecoder
from conversas.providers import get_provider
from conversas.providers.datetimes import timezone_localizer
from conversas.records.ref import ConversationRef


def fresh_decoder(provider: str) -> StrictDecoder:
    """Return a decoder that has learned nothing yet."""
    models = import_module(f"{get_provider(provider).client}.models")
    return StrictDecoder(
        validator_for(provider), lambda name: getattr(models, name), get_provider(provider).id_property
    )


def difference(provider: str, body: bytes, strict: StrictDecoder, *, learn: bool = True) -> str | None:
    """Return the name of what differs between both ways; None if nothing does."""
    if not learn and strict.decode(body) is None:
        return None  # then there is but one way
    fast, slow = _read(provider, body, strict), _read(provider, body, None)
    names = fast.keys() | slow.keys()
    return next((name for name in sorted(names) if fast.get(name) != slow.get(name)), None)


def _read(provider: str, body: bytes, strict: StrictDecoder | None) -> dict[str, Any]:
    hooks, ref, localize = (
        get_provider(provider),
        ConversationRef(provider, "7"),
        timezone_localizer("America/Sao_Paulo"),
    )
    try:
        found = decode_body(JsonBody(body), hooks, strict, ref=ref, localize=localize, refuse_drift=False)
    except ConversasError as error:
        return {"error": type(error), "text": str(error), "reason": getattr(error, "reason", None)}
    content = {field.name: getattr(found, field.name) for field in attrs.fields(Conversation)}
    return {
        **content,
        "repr": repr([content[name] for name in ("drift", "notes", "completeness")]),
        "bytes": json.dumps(found.to_dict()),
        "source": repr_of(read_model(body, hooks, strict)),
    }


def repr_of(model: Any) -> Any:
    """Return all that a generated model holds, with its types: 1 equals True and an enum its value."""
    if isinstance(model, list):
        return [repr_of(item) for item in model]
    if isinstance(model, dict):
        return {name: repr_of(value) for name, value in model.items()}
    if attrs.has(type(model)):
        return type(model), {field.name: repr_of(getattr(model, field.name)) for field in attrs.fields(type(model))}
    return type(model), repr(model), model
