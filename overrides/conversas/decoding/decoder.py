"""Decoding of the bytes of a body into a record."""

from functools import cache, partial
from importlib import import_module
from typing import Any, Literal

from conversas.decoding.json_body import JsonBody, id_as_text, parse, parse_lossless, text_of_id
from conversas.decoding.recognition import Recognizer
from conversas.decoding.schema_errors import NestingTooDeep
from conversas.decoding.strict import StrictDecoder
from conversas.decoding.validator import SchemaValidator, ValidationResult
from conversas.errors import ConfigurationError, DecodeError, DecodeErrorReason, DriftError, NotFoundError
from conversas.json_pointer import is_object
from conversas.plurals import counted
from conversas.providers import Provider, get_provider
from conversas.providers.datetimes import Localizer, normalize_datetime, timezone_localizer
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

    `drift` of the record lists each difference between the body and the spec. A difference raises an error only with
    `on_drift="raise"`.

    Args:
        provider: Name of the provider, for example `zild`.
        body: The bytes that the provider sent.
        ref: The requested conversation, if known. The id in the body is compared with its id.
        timezone: The time zone of times without an offset, by its IANA name.
        on_drift: "keep" or "raise".

    Raises:
        ConfigurationError: The provider, the time zone, the ref or `on_drift` is invalid.
        NotFoundError: The body is `null`.
        DecodeError: The body is not a JSON object, is not a conversation, or is nested too deeply. The bytes are in
            `body` of the error.
        DriftError: The body differs from the spec, and `on_drift="raise"`.
    """
    json_body = JsonBody(body)
    del body  # a traceback may show the locals of this frame; the JsonBody is silent
    if not isinstance(json_body.body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        kind = type(json_body.body).__name__
        raise ConfigurationError(f"`body` must be bytes, got {kind}; read the file in binary mode")
    if not (isinstance(provider, str) and isinstance(timezone, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            "`provider` and `timezone` must be strings, for example decode('zild', body, timezone='UTC')"
        )
    if on_drift not in ("keep", "raise"):
        raise ConfigurationError('`on_drift` must be "keep" or "raise"')
    hooks, localize, resolved_ref = get_provider(provider), timezone_localizer(timezone), _resolve_ref(provider, ref)
    return decode_body(
        json_body,
        hooks,
        strict_decoder_for(provider),
        ref=resolved_ref,
        localize=localize,
        refuse_drift=on_drift == "raise",
    )


def decode_body(
    json_body: JsonBody,
    provider: Provider,
    strict: StrictDecoder | None,
    *,
    ref: ConversationRef | None,
    localize: Localizer,
    refuse_drift: bool,
) -> Conversation:
    """Return the record of a body. The strict decoder is used if possible, else the validator.

    Both return the same record.
    """
    source, result = _read(json_body, provider, strict, ref)
    if result.drift and refuse_drift:
        places = counted(len(result.drift), "place")
        message = f"{ref or provider.name}: the body differs from the spec in {places}; see .drift"
        raise DriftError(message, drift=result.drift, body=json_body.body, provider=provider.name, ref=ref)
    context = MappingContext(
        provider.name,
        json_body.body,
        result.drift,
        result.dropped,
        result.left_out,
        ref,
        localize,
        {*result.notes, Note.TEXT_REPAIRED} if json_body.repaired else set(result.notes),
        json_body.id,
        provider.canonical_id,
        read_source,
    )
    return provider.to_record(source, context)


def _read(
    json_body: JsonBody, provider: Provider, strict: StrictDecoder | None, ref: ConversationRef | None
) -> tuple[Any, ValidationResult]:
    """Return the source that a mapping reads, and the differences between the body and the spec."""
    decoded = strict.decode(json_body.body) if strict else None
    if decoded:
        json_body.id = id_as_text(decoded.id)
        return decoded.source, decoded.result
    source, result = _read_slowly(json_body, provider, ref)
    if strict and result.drift:
        strict.learn(result.drift)
    return source, result


def _read_slowly(json_body: JsonBody, provider: Provider, ref: ConversationRef | None) -> tuple[Any, ValidationResult]:
    parse(json_body)
    json_body.id = text_of_id(json_body.value, provider.id_property)
    result = _validate(json_body, provider, ref)
    source = provider.model.from_checked(json_body.value)
    json_body.value = None
    return source, result


def read_source(conversation: Conversation) -> object:
    """Return the generated model of the body that a conversation was decoded from."""
    return read_model(conversation.raw, get_provider(conversation.provider), strict_decoder_for(conversation.provider))


def read_model(body: bytes, provider: Provider, strict: StrictDecoder | None) -> Any:
    """Return the generated model of a body, as `decode_body` reads it."""
    decoded = strict.decode(body) if strict else None
    return decoded.to_model() if decoded else _read_slowly(JsonBody(body), provider, None)[0]


@cache
def validator_for(provider: str) -> SchemaValidator:
    """Return the validator of a provider's bodies, compiled on the first call."""
    hooks = get_provider(provider)
    return SchemaValidator(hooks.schema, extra=EXTRA, normalize=normalize_datetime)


@cache
def strict_decoder_for(provider: str) -> StrictDecoder:
    """Return the strict decoder of a provider's bodies, created on the first call."""
    hooks = get_provider(provider)
    models = import_module(f"{hooks.client}.models")
    return StrictDecoder(validator_for(provider), partial(getattr, models), hooks.id_property)


@cache
def recognizer_for(provider: str) -> Recognizer:
    """Return the recognizer of a provider's conversations, created on the first call."""
    return Recognizer(get_provider(provider).schema)


def _resolve_ref(provider: str, ref: ConversationRef | str | None) -> ConversationRef | None:
    if ref is None:
        return None
    resolved = coerce_ref(ref)
    if resolved.provider != provider:
        raise ConfigurationError(f"the ref {resolved} does not belong to the provider {provider}")
    return resolved


def _validate(json_body: JsonBody, provider: Provider, ref: ConversationRef | None) -> ValidationResult:
    """Return the differences between the body and the spec, and repair the value in place."""
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
    message = f"{name}: the body is not a conversation ({reason}); see .body"
    raise DecodeError(message, body=json_body.body, reason=reason, provider=provider.name, ref=ref)
