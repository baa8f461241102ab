"""Providers whose sandbox writes times as text, which a fault can spoil. Others count seconds."""

import re

from conversas.sandbox import Fault
from conversas.sandbox.bodies import body
from support.generated import PROVIDERS
from support.raw_http import id_of

_TIME = re.compile(rb'"\d{4}-\d\d-\d\dT[^"]+Z"')
WITH_TIMES = [provider for provider in PROVIDERS if _TIME.search(body(provider, id_of(provider, 1)))]


def can_spoil(fault: Fault, provider: str) -> bool:
    """Return whether bodies of a provider have what a fault changes."""
    return fault is not Fault.NAIVE_DATE or provider in WITH_TIMES
