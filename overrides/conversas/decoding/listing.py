"""Decoding of the body of a list of conversations into refs."""

import logging
from functools import cache

from conversas.decoding.json_body import JsonBody, parse, text_of_id
from conversas.decoding.schema_errors import NestingTooDeep
from conversas.decoding.validator import SchemaValidator, WrongBody
from conversas.errors import DecodeError, DecodeErrorReason, DriftError
from conversas.json_pointer import is_array
from conversas.plurals import counted
from conversas.providers import get_provider
from conversas.providers.datetimes import normalize_datetime
from conversas.records.drift import Drift
from conversas.records.ref import ConversationRef
from conversas_api.runtime import EXTRA

logger = logging.getLogger("conversas")


def decode_refs(provider: str, body: bytes, *, on_drift: str = "keep") -> list[ConversationRef]:
    """Return the refs of the conversations in a list, in their order.

    Conversations without an id are left out, with a warning.

    Raises:
        DecodeError: The body is not a JSON array.
        DriftError: The body differs from the spec, and `on_drift="raise"`.
    """
    json_body = JsonBody(body)
    del body  # a traceback may show the locals of this frame; the JsonBody is silent
    parse(json_body)
    if not is_array(json_body.value):
        raise _error(
            provider, json_body, DecodeErrorReason.NOT_A_LIST if json_body.is_json else DecodeErrorReason.NOT_JSON
        )
    name = get_provider(provider).id_property
    ids = [text_of_id(item, name) for item in json_body.value]
    drift = _drift(provider, json_body) if on_drift == "raise" else ()
    if drift:
        places = counted(len(drift), "place")
        message = f"{provider}: the list of conversations differs from the spec in {places}; see .drift"
        raise DriftError(message, drift=drift, body=json_body.body, provider=provider)
    if missing := ids.count(None):
        what = counted(missing, "listed conversation has no id and is", "listed conversations have no id and are")
        logger.warning("%s: %s left out", provider, what)
    return [ConversationRef(provider, id_) for id_ in ids if id_]


@cache
def _validator(provider: str) -> SchemaValidator:
    return SchemaValidator(get_provider(provider).list_schema, extra=EXTRA, normalize=normalize_datetime)


def _drift(provider: str, json_body: JsonBody) -> tuple[Drift, ...]:
    try:
        return _validator(provider).validate(json_body.value).drift
    except NestingTooDeep:
        raise _error(provider, json_body, DecodeErrorReason.NESTED_TOO_DEEP) from None
    except WrongBody:
        raise _error(provider, json_body, DecodeErrorReason.NOT_A_LIST) from None


def _error(provider: str, json_body: JsonBody, reason: DecodeErrorReason) -> DecodeError:
    message = f"{provider}: the body is not a list of conversations ({reason}); see .body"
    return DecodeError(message, body=json_body.body, reason=reason, provider=provider)
