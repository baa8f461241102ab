"""From the bytes of a body to a neutral record."""

from functools import cache
from typing import Literal

from conversas.decoding.json_body import Document, read_document, read_exactly
from conversas.decoding.validator import Checker, NestedTooDeeply
from conversas.errors import ConfigurationError, DecodeError, DriftError, NotFoundError
from conversas.json_pointer import is_object
from conversas.providers import Adapter, adapter_of
from conversas.providers.datetimes import localizer, respell_time
from conversas.providers.mapping import Reading
from conversas.records.conversation import Conversation
from conversas.records.drift import Drift
from conversas.records.enums import Note
from conversas.records.ref import ConversationRef, as_ref


def decode(
    provider: str,
    body: bytes,
    *,
    ref: ConversationRef | str | None = None,
    timezone: str = "UTC",
    on_drift: Literal["keep", "raise"] = "keep",
) -> Conversation:
    """Read one body of a provider.

    What differs from the spec is reported in `drift` of the record, and fails the conversation only with
    `on_drift="raise"`. `ref` is what was asked for, where it is known: the id in the body is held against it.
    `timezone` is that of times without offset, by its IANA name.

    Raises:
        ConfigurationError: There is no such provider, time zone, ref or value of `on_drift`.
        NotFoundError: The body is `null`.
        DecodeError: The body is no JSON object, or nested too deeply. The bytes are in `body` of the error.
        DriftError: The body differs from the spec, and `on_drift="raise"`.
    """
    document = Document(body)
    del body  # a traceback may show the locals of this frame; the document is silent
    if not isinstance(document.body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        raise ConfigurationError("body is bytes: read the file in binary mode")
    read_document(document)
    if not (isinstance(provider, str) and isinstance(timezone, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError("provider and timezone are texts: decode('zild', body, timezone='UTC')")
    if on_drift not in ("keep", "raise"):
        raise ConfigurationError('on_drift is "keep" or "raise"')
    adapter, localize, asked = adapter_of(provider), localizer(timezone), _asked(provider, ref)
    notes = set[Note]()
    drift = _check(document, adapter, asked, notes)
    if drift and on_drift == "raise":
        message = f"{asked or provider}: the body differs from the spec in {len(drift)} places; they are in .drift"
        raise DriftError(message, drift=drift, body=document.body, provider=provider, ref=asked)
    reading = Reading(provider, document.body, drift, asked, localize, notes)
    source = adapter.model.from_checked(document.value)
    document.value = None
    return adapter.to_neutral(source, reading)


def _asked(provider: str, ref: ConversationRef | str | None) -> ConversationRef | None:
    if ref is None:
        return None
    asked = as_ref(ref)
    if asked.provider != provider:
        raise ConfigurationError(f"the ref {asked} is not of the provider {provider}")
    return asked


@cache
def validator_for(provider: str) -> Checker:
    """Return the validator of a provider's bodies, compiled once."""
    adapter = adapter_of(provider)
    return Checker(adapter.schema, extra=adapter.extra, respell=respell_time)


def _check(document: Document, adapter: Adapter, asked: ConversationRef | None, notes: set[Note]) -> tuple[Drift, ...]:
    """Hold the document against the spec, and repair it in place."""
    name, provider = asked or adapter.name, adapter.name
    if document.value is None and document.reason is None:
        raise NotFoundError(f"{name}: there is no such conversation; the body is null", provider=provider, ref=asked)
    reason = document.reason or "NotAnObject"
    if is_object(document.value):
        try:
            checker = validator_for(adapter.name)
            checked = checker.check(document.value)
            if checked.inexact:
                checked = checker.check(read_exactly(document))
        except NestedTooDeeply:
            reason = NestedTooDeeply.__name__
        else:
            notes |= {Note.TEXT_REPAIRED} if document.repaired else set[Note]()
            notes |= {Note.TIME_REPAIRED} if checked.respelled else set[Note]()
            return checked.drift
    message = f"{name}: the body is no conversation ({reason}); it is in .body"
    raise DecodeError(message, body=document.body, reason=reason, provider=provider, ref=asked)
