"""Report on redaction: its time divided by that of decoding, and whether it grows linearly with the length of text."""

from typing import Any

import orjson

from conversas import Redactor, decode
from tools.bench.bodies import REDACTED_MESSAGES, redaction_body
from tools.bench.timing import microseconds

PIECES = (
    *("1", "1 ", "1.", "1-", "(", "+1", "a.", "a@", "@a", "rua a ", "rua ", "av. A ", "cpf ", "a arroba ", "0a"),
    *("nasc 1 ", "http://", "a.b/", "000201", "a-", "\u200b1", "e\u0301", "quadra 1 bloco ", "x1", "ponto a "),
)
"""Beginnings of patterns. In a text that repeats one of them, a careless pattern tries again at each position."""
SHORT, LONG = 500, 4_000


def measure_redaction() -> None:
    show_redaction(redaction_times(redaction_body()), max(map(growth, PIECES)))


def redaction_times(body: dict[str, Any]) -> dict[str, float]:
    raw = orjson.dumps(body)
    conversation, plain, keyed = decode("zild", raw), Redactor(), Redactor(key=bytes(32))
    return microseconds(
        {
            "decode": lambda: decode("zild", raw),
            "redact": lambda: plain(conversation),
            "redact, with a key": lambda: keyed(conversation),
        }
    )


def growth(piece: str) -> float:
    """Return the time per character in a long text that repeats a piece, divided by the time in a short text."""
    redactor = Redactor()
    texts = {length: piece * (length // len(piece)) for length in (SHORT, LONG)}
    times = microseconds(
        {str(length): lambda text=text: redactor.text(text) for length, text in texts.items()},  # type: ignore[misc]
        rounds=3,
        repeats=1,
    )
    return times[str(LONG)] / times[str(SHORT)] * SHORT / LONG


def show_redaction(times: dict[str, float], longest: float) -> None:
    print(f"\nredaction of {REDACTED_MESSAGES} messages, time / their decode                           target")
    for name in ("redact", "redact, with a key"):
        print(f"  {name:<26}{times[name] / times['decode']:26.2f}  {'1.0 at most' if name == 'redact' else ''}")
    print(f"  per character: {LONG:,} / {SHORT}{longest:27.2f}  4 at most")
