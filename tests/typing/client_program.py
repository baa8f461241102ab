"""A program as a user would write it: gets conversations from the server whose address it is given."""

import asyncio
import sys
from collections import Counter
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import assert_type

from conversas import (
    AsyncClient,
    Client,
    ConversasError,
    Conversation,
    ConversationRef,
    ExportSummary,
    Failed,
    Fetched,
    Message,
    PartLimits,
    RateLimitedError,
    Retry,
    Superagentes,
    Timeout,
    TokenFile,
    Zild,
    export,
)

counts = Counter[str]()


def log_in() -> str:
    counts["logged in"] += 1
    return "token"


async def log_in_awaiting() -> str:
    return log_in()


def describe(conversation: Conversation) -> str:
    assert_type(conversation.ref, ConversationRef | None)
    assert_type(conversation.created_at, datetime | None)
    assert_type(conversation.messages, tuple[Message, ...])
    return f"{conversation.ref} {conversation.status} {conversation.completeness.verdict}"


def note(outcome: Fetched | Failed) -> None:
    match outcome:
        case Fetched(ref, conversation):
            counts[f"{ref.provider} fetched"] += conversation.id is not None
        case Failed(ref, RateLimitedError() as error):
            counts["limited"] += error.retry_after is not None
        case Failed(_, error):
            assert_type(error, ConversasError)
            counts[type(error).__name__] += 1


def fetch(zild: Zild, superagentes: Superagentes) -> None:
    with Client(
        zild, superagentes, retry=Retry(attempts=2), timeout=Timeout(read_seconds=5), on_drift="raise"
    ) as client:
        assert_type(client.get("zild:42"), Conversation)
        print(describe(client.get(ConversationRef("zild", "42"), timeout=10)))
        with client.get_many((f"zild:{number}" for number in (42, 43)), concurrency=2) as outcomes:
            for outcome in outcomes:
                note(outcome)
        with TemporaryDirectory() as folder:
            limits = PartLimits(max_conversations=100)
            summary = export(["zild:42"], to=folder, client=client, format="jsonl", refresh="all", part=limits)
        assert_type(summary, ExportSummary)
        counts["exported"] += summary.fetched


async def fetch_awaiting(zild: Zild) -> None:
    async with AsyncClient(zild, timeout=20, max_body_bytes=1_000_000) as client:
        assert_type(await client.get("zild:42"), Conversation)
        async for outcome in client.get_many(["zild:42", "zild:x"], requests_per_second=100):
            note(outcome)


def main(base_url: str) -> None:
    fetch(Zild(base_url, log_in), Superagentes(TokenFile("nowhere"), base_url=base_url, timezone="America/Sao_Paulo"))
    asyncio.run(fetch_awaiting(Zild(base_url, token=log_in_awaiting)))
    print(*(f"{name}: {count}" for name, count in sorted(counts.items())), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
