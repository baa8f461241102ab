"""Metrics in SQL: equal over both formats of an export, and to the same definitions in plain Python."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from random import Random
from statistics import fmean, median
from typing import Any

import duckdb
import pytest
from attrs import evolve

from conversas import AgentKind, Conversation, Message, Rating, Role, Status
from conversas.exporter.formats.jsonl import JsonlWriter
from conversas.exporter.formats.parquet import ParquetWriter
from conversas.records.conversation import Agent, Evaluation, Queue
from conversas.records.ref import ConversationRef
from conversas.records.serialization import SerializedRecord
from support.examples import OUTCOMES, at, example
from support.processes import ROOT

SQL = (files("conversas") / "metrics.sql").read_text("utf-8")
PAGE = (ROOT / "docs" / "metrics.md").read_text("utf-8")
COLUMNS = re.findall(r"columns = (\{.*?\})", PAGE, re.DOTALL)[0]
"""The columns that the page has DuckDB read of JSON lines."""

Row = dict[str, Any]


def spoken(conversation: Conversation) -> list[Message]:
    sides = (Role.CUSTOMER, Role.AGENT)
    return [each for each in conversation.messages if each.role in sides and each.sent_at and not each.is_survey]


def waits(conversation: Conversation, speaker: AgentKind | None) -> Iterator[float | None]:
    """Yield how long the customer waited each time, None if there was no answer."""
    asked: datetime | None = None
    for message in spoken(conversation):
        assert message.sent_at
        if message.role is Role.CUSTOMER:
            asked = asked or message.sent_at
        elif speaker in (None, message.speaker) and asked:
            yield (message.sent_at - asked).total_seconds()
            asked = None
    if asked:
        yield None


def middle(values: Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return median(found) if found else None


def reference(conversation: Conversation) -> Row:
    """Return the metrics of a conversation, by their definitions."""
    messages, all_messages = spoken(conversation), conversation.messages
    times = [each.sent_at for each in messages if each.sent_at]
    human = next((each.sent_at for each in messages if each.speaker is AgentKind.HUMAN), None)
    created, ended = conversation.created_at, conversation.ended_at
    closed = conversation.status is Status.CLOSED and ended
    queue, agent, evaluation = conversation.queue, conversation.agent, conversation.evaluation
    row: Row = {
        "ref": str(conversation.ref),
        "provider": conversation.provider,
        "status": str(conversation.status),
        "completeness": str(conversation.completeness.verdict),
        "created_at": created,
        "queue": (queue.name or queue.id) if queue else None,
        "agent": (agent.name or agent.id) if agent else None,
        "agent_kind": str(agent.kind) if agent else None,
        "messages": len(all_messages),
        "customer_messages": sum(each.role is Role.CUSTOMER for each in messages),
        "agent_messages": sum(each.role is Role.AGENT for each in messages),
        "bot_messages": sum(each.speaker is AgentKind.BOT for each in messages),
        "human_messages": sum(each.speaker is AgentKind.HUMAN for each in messages),
        "longest_silence_seconds": max(
            ((after - before).total_seconds() for before, after in pairwise(times)), default=None
        ),
        "handle_seconds": (ended - human).total_seconds() if closed and ended and human and ended >= human else None,
        "time_to_close_seconds": (
            (ended - created).total_seconds() if closed and ended and created and ended >= created else None
        ),
        "score": evaluation.score if evaluation else None,
        "final_score": evaluation.final_score if evaluation else None,
        "rated_good": sum(each.rating is Rating.GOOD for each in all_messages),
        "rated_bad": sum(each.rating is Rating.BAD for each in all_messages),
    }
    for name, speaker in (("", None), ("bot_", AgentKind.BOT), ("human_", AgentKind.HUMAN)):
        seconds = list(waits(conversation, speaker))
        row[f"first_{name}response_seconds"] = seconds[0] if seconds else None
        row[f"median_{name}response_seconds"] = middle(seconds)
    return row


def said(minute: float, role: Role, speaker: AgentKind | None = None, **fields: Any) -> Message:
    return Message(role=role, speaker=speaker, sent_at=at(2026, 1, 5) + timedelta(minutes=minute), **fields)


C, A, BOT, HUMAN = Role.CUSTOMER, Role.AGENT, AgentKind.BOT, AgentKind.HUMAN
HANDED_OVER = Conversation(
    provider="zild",
    ref=ConversationRef("zild", "handed-over"),
    status=Status.CLOSED,
    created_at=at(2026, 1, 5),
    ended_at=at(2026, 1, 5, 1),
    queue=Queue(id="9"),
    agent=Agent(name="Ana", kind=HUMAN),
    evaluation=Evaluation(score=80, final_score=90),
    messages=(
        said(0, A, BOT),  # a greeting is no answer
        said(1, C),
        said(2, C),
        said(3, A, BOT),
        said(4, C),
        said(4.5, Role.SYSTEM),
        said(10, A, HUMAN, rating=Rating.GOOD),
        said(11, A, HUMAN),
        said(12, C),
        said(13, A, HUMAN),
        said(14, A, BOT, is_survey=True),
        said(15, C),
    ),
)


def drawn(count: int) -> Iterator[Conversation]:
    """Yield conversations in which anybody speaks at any time, or at none."""
    draw = Random(7)
    for number in range(count):
        minutes = sorted(draw.uniform(0, 500) for _ in range(draw.randrange(12)))
        yield Conversation(
            provider="zild",
            ref=ConversationRef("zild", f"drawn-{number}"),
            status=draw.choice([*Status]),
            created_at=draw.choice([None, at(2026, 1, 5), at(2026, 1, 6)]),
            ended_at=draw.choice([None, at(2026, 1, 5, 4), at(2026, 1, 6)]),
            queue=draw.choice([None, Queue(id="1"), Queue(id="1", name="Sales")]),
            agent=draw.choice([None, Agent(name="Ana", kind=HUMAN), Agent(id="3", kind=BOT)]),
            evaluation=draw.choice([None, Evaluation(), Evaluation(score=1, final_score=draw.randrange(100))]),
            messages=tuple(drawn_message(draw, minute) for minute in minutes),
        )


def drawn_message(draw: Random, minute: float) -> Message:
    role = draw.choice([C, C, A, A, A, Role.SYSTEM, Role.UNKNOWN])
    speaker = draw.choice([*AgentKind]) if role is A else None
    message = said(
        minute, role, speaker, rating=draw.choice([None, *Rating]), is_survey=draw.choice([None, False, True])
    )
    return evolve(message, sent_at=None) if draw.random() < 0.1 else message


@pytest.fixture(scope="module")
def conversations() -> list[Conversation]:
    empty = Conversation(provider="zild", ref=ConversationRef("zild", "empty"))
    examples = (evolve(example(name), ref=ConversationRef("example", name)) for name in OUTCOMES)
    return [HANDED_OVER, empty, *examples, *drawn(200)]


@pytest.fixture(scope="module", params=["jsonl", "parquet"])
def database(
    request: pytest.FixtureRequest, conversations: list[Conversation], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Return a database with the metrics of these conversations, by a part of each format."""
    path = tmp_path_factory.mktemp("metrics") / f"part.{request.param}"
    writer = JsonlWriter(path, compress=False) if request.param == "jsonl" else ParquetWriter(path, compress=False)
    for conversation in conversations:
        writer.write(SerializedRecord(conversation), None)
    writer.close()
    source = f"read_json('{path}', columns = {COLUMNS})" if request.param == "jsonl" else f"'{path}'"
    database = duckdb.connect()
    database.execute(f"SET TimeZone = 'UTC'; CREATE VIEW conversations AS FROM {source}")
    database.execute(SQL)
    return database


def rows(database: Any, view: str) -> list[Row]:
    relation = database.sql(f"FROM {view}")
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def test_they_are_those_of_their_definitions(database: Any, conversations: list[Conversation]) -> None:
    found = {row["ref"]: row for row in rows(database, "conversation_metrics")}
    for conversation in conversations:
        assert found.pop(str(conversation.ref)) == reference(conversation)
    assert found == {}


def test_a_person_is_waited_for_while_a_bot_answers(database: Any) -> None:
    (row,) = rows(database, "conversation_metrics WHERE ref = 'zild:handed-over'")
    assert (row["first_response_seconds"], row["median_response_seconds"]) == (120, 120)
    assert (row["first_bot_response_seconds"], row["median_bot_response_seconds"]) == (120, 120)
    assert (row["first_human_response_seconds"], row["median_human_response_seconds"]) == (540, 300)
    assert (row["handle_seconds"], row["time_to_close_seconds"]) == (50 * 60, 60 * 60)
    assert (row["longest_silence_seconds"], row["bot_messages"], row["human_messages"]) == (360, 2, 3)


@pytest.mark.parametrize(
    ("view", "keys"), [("metrics_by_queue", ("queue",)), ("metrics_by_agent", ("agent", "agent_kind"))]
)
def test_groups_are_those_of_their_conversations(
    database: Any, conversations: list[Conversation], view: str, keys: tuple[str, ...]
) -> None:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in map(reference, conversations):
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    for row in rows(database, view):
        members = groups.pop(tuple(row[key] for key in keys))
        scores = [member["final_score"] for member in members if member["final_score"] is not None]
        assert (row["conversations"], row["evaluated"]) == (len(members), len(scores))
        assert row["final_score"] == (pytest.approx(fmean(scores)) if scores else None)
        assert row["rated_good"] == sum(member["rated_good"] for member in members)
        for name in ("first_human_response_seconds", "median_response_seconds", "handle_seconds"):
            wanted = middle([member[name] for member in members])
            assert row[name] == (None if wanted is None else pytest.approx(wanted))
    assert groups == {}


def test_the_file_may_be_run_again(database: Any) -> None:
    before = rows(database, "metrics_by_queue")
    database.execute(SQL)
    assert rows(database, "metrics_by_queue") == before


@pytest.mark.parametrize("view", ["conversation_metrics", "metrics_by_queue", "metrics_by_agent"])
def test_the_page_has_each_column(database: Any, view: str) -> None:
    section = "queues and agents" if view.startswith("metrics_by") else "a conversation"
    text = PAGE.partition(f"\n## Metrics of {section}\n")[2].partition("\n## ")[0]
    assert set(database.sql(f"FROM {view}").columns) - set(re.findall(r"`(\w+)`", text)) == set()
