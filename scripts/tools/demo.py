"""Demonstration with the sandbox: two transcripts, then a hundred conversations while requests fail."""

import os
import sys
from collections import Counter
from collections.abc import Iterable

from conversas import Client, Conversation, Failed, Fetched, Retry
from conversas.cli.console import plain_console
from conversas.cli.transcript import print_transcript
from conversas.sandbox import Fault, Rule, Sandbox

LONGEST_TRANSCRIPT = 12  # messages
RULES = [
    Rule(Fault.TOO_MANY_REQUESTS, ids={"1020", "1035"}, times=1, retry_after=1),
    Rule(Fault.UNAVAILABLE, probability=0.06),
    Rule(Fault.RESET, probability=0.04),
    Rule(Fault.UNKNOWN_ENUM_VALUE, probability=0.06),
    Rule(Fault.UNKNOWN_FIELD, probability=0.04),
    Rule(Fault.CUT_EMOJI, probability=0.03),
    Rule(Fault.TRUNCATED_JSON, probability=0.02),
    Rule(Fault.NOT_FOUND, probability=0.03),
]
REFS = [f"{provider}:{number}" for number in range(1001, 1051) for provider in ("zild", "superagentes")]


def main() -> int:
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"  # no proxy reaches this machine
    with (
        Sandbox(seed=7) as sandbox,
        Client(sandbox.zild, sandbox.superagentes, retry=Retry(initial_backoff_seconds=0.2)) as client,
    ):
        print(f"The sandbox imitates both providers on this machine, at {sandbox.url}.\n")
        for ref in ("zild:104", "superagentes:cm3k7example"):
            show(client.get(ref))
        print(f"Now {len(REFS)} conversations while things go wrong: rate limits, failures, resets, changed bodies.\n")
        sandbox.rules = RULES
        summarize(client.get_many(REFS))
        counts = sandbox.counts
        print(f"The sandbox served {counts.requests} requests, and caused {counts.faults.total()} faults.")
    print(HOW_TO_GO_ON)
    return 0


def show(conversation: Conversation) -> None:
    print_transcript(conversation, plain_console(), max_messages=LONGEST_TRANSCRIPT)
    print()


def summarize(outcomes: Iterable[Fetched | Failed]) -> None:
    counts, reasons = Counter[str](), Counter[str]()
    for outcome in outcomes:
        match outcome:
            case Fetched(_, conversation):
                counts["fetched"] += 1
                counts["of these after a retry"] += outcome.attempts > 1
                counts["of these with drift, reported and not lost"] += bool(conversation.drift)
                counts["of these not known to be complete"] += conversation.completeness.verdict != "complete"
                reasons.update(conversation.completeness.reasons)
            case Failed(_, error):
                counts["failed"] += 1
                reasons[type(error).__name__] += 1
    for name, count in counts.items():
        print(f"  {count:>4}  {name}")
    counted_reasons = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    print(f"  reasons (one conversation may have several): {counted_reasons}\n")


HOW_TO_GO_ON = """
To use your own credentials:

  export ZILD_BASE_URL=https://...  ZILD_TOKEN=...       # or SUPERAGENTES_TOKEN=..., or both
  .venv/bin/conversas doctor
  .venv/bin/conversas get zild:123
"""

if __name__ == "__main__":
    sys.exit(main())
