"""Canaries in every field of a conversation: none comes out, in any form of the record, nor in a log."""

import base64
import contextlib
import gzip
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve, fields, has
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from conversas import Contact, Conversation, ConversationRef, Drift, DriftKind, Role
from conversas.arrow import to_table
from conversas.cli.conversion import Conversion, Form
from conversas.records.serialization import SerializedRecord
from conversas.redaction import Redactor
from conversas.transcripts.page import transcript_html
from support.planted import filled
from support.record_fields import HARMLESS, content, options

PIX_KEY = "123e4567-e89b-12d3-a456-426614174000"
CANARIES = (
    "529.982.247-25", "52998224725", "(11) 98765-4321", "+5511987654321", "maria.tatu@gmail.com", "11.222.333/0001-81",
    "12.ABC.345/01DE-35", "4111 1111 1111 1111", "01310-100", "Zuleica", PIX_KEY,
)  # fmt: skip
NAME = "Zuleica"
IDS = st.sampled_from([canary for canary in CANARIES if canary != PIX_KEY])
"""Ids are no PIX keys: many are UUIDs, and stay."""
TEXTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "oi ", "Meu dado é "]),
    st.sampled_from(CANARIES),
    st.sampled_from(["", ".", " ok", "\n"]),
)


def records(kind: Any) -> st.SearchStrategy[Any]:
    """Draw a record with canaries in all of its texts."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for member in fields(kind):
        (option, *_) = options(member.type)
        if f"{kind.__name__}.{member.name}" in HARMLESS or option in (bytes, object, Drift):
            continue
        if option is str:
            drawn[member.name] = IDS if member.name.endswith("id") else TEXTS
        elif has(option) and option is not ConversationRef:
            inner = records(option)
            is_many = str(member.type).startswith("tuple")
            drawn[member.name] = st.lists(inner, min_size=1, max_size=2).map(tuple) if is_many else inner
        elif option is Role:
            drawn[member.name] = st.sampled_from(Role)
    return st.builds(kind, **drawn)


def planted(conversation: Conversation) -> Conversation:
    contacts = (*conversation.contacts, Contact(name=f"{NAME} Tatu"))
    drift = (Drift(f"/{NAME}", DriftKind.UNKNOWN_FIELD, "nothing", NAME),)
    return evolve(
        conversation,
        contacts=contacts,
        read_source=lambda conversation: conversation.raw,
        raw=NAME.encode(),
        drift=drift,
        ref=ConversationRef("zild", "7"),
        id=CANARIES[0],
    )


CONVERSATIONS = st.deferred(lambda: records(Conversation)).map(planted)
FULL = planted(evolve(filled(Conversation, "; ".join(CANARIES)), provider="zild"))
"""Conversation with all canaries in each field."""
FORMS = [(Form.CHAT, ""), (Form.HTML, ""), (Form.TEXT, ""), (Form.CSV, "conversations"), (Form.CSV, "messages")]
BLOCK = re.compile(r'<script type="text/plain" id="[\w-]+">([^<]+)</script>')


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def converted(conversation: Conversation, form: Form, rows: str) -> str:
    """Return what the command `convert` writes; the blocks of a gallery are unpacked."""
    file = io.BytesIO()
    conversion = Conversion(form=form, rows=rows or "conversations", unknown_roles="drop")
    conversion.write([conversation], file, directory=Path())
    text = file.getvalue().decode("utf-8", "surrogatepass")
    return text + "".join(gzip.decompress(base64.b64decode(block)).decode() for block in BLOCK.findall(text))


def as_parquet(conversation: Conversation) -> str:
    """Return the bytes of a file of Parquet, not compressed, as a text."""
    file = io.BytesIO()
    parquet.write_table(to_table([conversation]), file, compression="NONE")
    return file.getvalue().decode("latin-1")


def written(conversation: Conversation) -> list[str]:
    """Return each form of a conversation that is written or shown."""
    return [
        content(conversation),
        str(conversation.to_dict()),
        SerializedRecord(conversation).line().decode(),
        transcript_html(conversation),
        as_parquet(conversation),
        *(converted(conversation, form, rows) for form, rows in FORMS),
    ]


@contextlib.contextmanager
def logged() -> Iterator[list[str]]:
    """Yield a list of all that is logged meanwhile, at all levels."""
    lines, logger = list[str](), logging.getLogger()
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(f"{record.getMessage()} {vars(record)}")  # type: ignore[method-assign]
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_each_form_shows_the_canaries_of_a_conversation_that_is_not_redacted() -> None:
    assert [len(found_in(form)) > 1 for form in written(FULL)] == [True] * (5 + len(FORMS))


@settings(max_examples=min(30, settings().max_examples))
@given(CONVERSATIONS)
@example(FULL)
def test_no_canary_is_in_any_form_of_a_redacted_conversation_nor_in_a_log(conversation: Conversation) -> None:
    assert len(found_in(content(conversation))) > 1
    for redactor in (Redactor(), Redactor(key=b"k" * 32, agents=True)):
        with logged() as lines:
            logging.getLogger("conversas").debug("a line, so that the list has one")
            redacted = redactor(conversation)
            forms = [*written(redacted.conversation), repr(redacted), repr(redacted.conversation)]
        assert len(lines) > 0
        assert [found_in(form) for form in [*forms, *lines]] == [[] for _ in [*forms, *lines]]
