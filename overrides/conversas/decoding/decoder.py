"""Decodes the bytes of a body into a record."""

from functools import cache
from typing import Literal

from conversas.decoding.json_body import JsonBody, parse, parse_lossless, text_of_id
from conversas.decoding.recognition import Recognizer
from conversas.decoding.schema_errors import NestingTooDeep
from conversas.decoding.validator import SchemaValidator, ValidationResult
from conversas.errors import ConfigurationError, DecodeError, DecodeErrorReason, DriftError, NotFoundError
from conversas.json_pointer import is_object
from conversas.providers import Provider, get_provider
from conversas.providers.datetimes import normalize_datetime, timezone_localizer
from conversas.providers.mapping import MappingContext
from conversas.records.conversation import Conversation
from conversas.records.enums import Note
from conversas.records.ref import ConversationRef, coerce_ref
from conversas_api.runtime import EXTRA


def decode(
    provider: str,
    body: bytes,
    *,
    ref: ConversationRef | str | None = None,
    timezone: str = "UTC",
    on_drift: Literal["keep", "raise"] = "keep",
) -> Conversation:
    """Return the record of one body.

    Where the body differs from the spec is reported in `drift` of the record, and fails the conversation only with
    `on_drift="raise"`.

    Args:
        provider: Name of the provider, for example `zild`.
        body: The bytes that the provider sent.
        ref: The conversation that was asked for, if it is known: the id in the body is checked against it.
        timezone: The time zone of times without offset, by its IANA name.
        on_drift: "keep" or "raise".

    Raises:
        ConfigurationError: The provider, the time zone, the ref or `on_drift` is invalid.
        NotFoundError: The body is `null`.
        DecodeError: The body is no JSON object, no conversation, or nested too deeply. The bytes are in `body` of the
            error.
        DriftError: The body differs from the spec, and `on_drift="raise"`.
    """
    json_body = JsonBody(body)
    del body  # a traceback may show the locals of this frame; the JsonBody is silent
    if not isinstance(json_body.body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        raise ConfigurationError("body must be bytes: read the file in binary mode")
    parse(json_body)
    if not (isinstance(provider, str) and isinstance(timezone, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError("provider and timezone must be strings: decode('zild', body, timezone='UTC')")
    if on_drift not in ("keep", "raise"):
        raise ConfigurationError('on_drift must be "keep" or "raise"')
    hooks, localize, resolved_ref = get_provider(provider), timezone_localizer(timezone), _resolve_ref(provider, ref)
    json_body.id = text_of_id(json_body.value, hooks.id_property)
    result = _validate(json_body, hooks, resolved_ref)
    drift = result.drift
    if drift and on_drift == "raise":
        message = f"{resolved_ref or provider}: the body differs from the spec in {len(drift)} places; see .drift"
        raise DriftError(message, drift=drift, body=json_body.body, provider=provider, ref=resolved_ref)
    notes = {*result.notes, Note.TEXT_REPAIRED} if json_body.repaired else set(result.notes)
    context = MappingContext(
        provider,
        json_body.body,
        drift,
        result.dropped,
        resolved_ref,
        localize,
        notes,
        json_body.id,
        hooks.canonical_id,
    )
    source = hooks.model.from_checked(json_body.value)
    json_body.value = None
    return hooks.to_record(source, context)


@cache
def validator_for(provider: str) -> SchemaValidator:
    """Return the validator of a provider's bodies, compiled by the first call."""
    hooks = get_provider(provider)
    return SchemaValidator(hooks.schema, extra=EXTRA, normalize=normalize_datetime)


@cache
def recognizer_for(provider: str) -> Recognizer:
    """Return the recognizer of a provider's conversations, made by the first call."""
    return Recognizer(get_provider(provider).schema)


def _resolve_ref(provider: str, ref: ConversationRef | str | None) -> ConversationRef | None:
    if ref is None:
        return None
    resolved = coerce_ref(ref)
    if resolved.provider != provider:
        raise ConfigurationError(f"the ref {resolved} is not of the provider {provider}")
    return resolved


def _validate(json_body: JsonBody, provider: Provider, ref: ConversationRef | None) -> ValidationResult:
    """Return where the body differs from the spec, and repair its value in place."""
    name = ref or provider.name
    if json_body.value is None and json_body.is_json:
        message = f"{name}: there is no such conversation; the body is null"
        raise NotFoundError(message, provider=provider.name, ref=ref)
    reason = DecodeErrorReason.NOT_AN_OBJECT if json_body.is_json else DecodeErrorReason.NOT_JSON
    if is_object(json_body.value):
        validator = validator_for(provider.name)
        reason = DecodeErrorReason.NOT_A_CONVERSATION
        try:
            if recognizer_for(provider.name).recognizes(json_body.value):
                result = validator.validate(json_body.value)
                return validator.validate(parse_lossless(json_body)) if result.inexact else result
        except NestingTooDeep:
            reason = DecodeErrorReason.NESTED_TOO_DEEP
    message = f"{name}: the body is no conversation ({reason}); see .body"
    raise DecodeError(message, body=json_body.body, reason=reason, provider=provider.name, ref=ref)
