"""Phrases of dialogues: lines with a speaker, read from one TOML file per language."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple
from unicodedata import normalize

from attrs import field, frozen

CUSTOMER, AGENT, BOT, SURVEY, RATING = "C", "A", "B", "S", "R"
"""Speakers: the customer, the agent, the bot, the bot that asks for a rating, the customer who gives a rating."""


class Line(NamedTuple):
    """A message in several wordings, with placeholders such as `{order}`."""

    speaker: str
    wordings: tuple[str, ...]


def parse_script(text: str) -> tuple[Line, ...]:
    """Return lines such as `C Bom dia! | Oi, tudo bem?`: the speaker, then wordings, which may span several lines."""
    lines = [line.split(" ", 1) for line in text.strip().replace("\n| ", " | ").splitlines()]
    return tuple(Line(speaker, tuple(wordings.split(" | "))) for speaker, wordings in lines)


def _parse_scripts(texts: Iterable[str]) -> tuple[tuple[Line, ...], ...]:
    return tuple(map(parse_script, texts))


def _strings(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _pairs(values: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, values))


@frozen
class Topic:
    """A subject of a conversation. Its lines begin with the customer and end with an agent."""

    tag: str
    title: str
    summary: str
    lines: tuple[Line, ...] = field(converter=parse_script, repr=False)


@frozen
class Person:
    """A name, and the person's word for thanks, which depends on their gender in Portuguese."""

    first: str
    last: str
    thanks: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def mailbox(self) -> str:
        """The first name as the local part of an e-mail address."""
        return normalize("NFKD", self.first.split()[0].lower()).encode("ascii", "ignore").decode()


def _topics(tables: Iterable[dict[str, Any]]) -> tuple[Topic, ...]:
    return tuple(Topic(**table) for table in tables)


@frozen
class Language:
    """All phrases of one language."""

    code: str
    first_names: Sequence[Sequence[str]] = field(converter=_pairs)
    """First names, each with the person's word for thanks."""
    last_names: Sequence[str] = field(converter=_strings)
    agents: Sequence[str] = field(converter=_strings)
    bots: Sequence[str] = field(converter=_strings)
    companies: Sequence[str] = field(converter=_strings)
    cities: Sequence[str] = field(converter=_strings)
    days: Sequence[str] = field(converter=_strings)
    greetings: Sequence[str] = field(converter=_strings)
    """Greetings for the morning, the afternoon and the evening."""
    amount: str
    """Format of an amount of money, with placeholders for the whole units and the cents."""
    topics: Sequence[Topic] = field(converter=_topics)
    openings: tuple[tuple[Line, ...], ...] = field(converter=_parse_scripts)
    """Beginnings of dialogues; the last line asks for the topic."""
    handover: tuple[Line, ...] = field(converter=parse_script)
    """Lines with which the bot hands over to a person."""
    pauses: tuple[Line, ...] = field(converter=parse_script)
    """Single lines of an agent, which can stand before any answer."""
    asides: tuple[tuple[Line, ...], ...] = field(converter=_parse_scripts)
    """Pairs of a question and an answer that can stand after any answer."""
    bridge: tuple[Line, ...] = field(converter=parse_script)
    """A pair that leads to another topic."""
    closing: tuple[Line, ...] = field(converter=parse_script)
    survey: tuple[Line, ...] = field(converter=parse_script)


def preload() -> None:
    """Read the phrases of all languages, unless they have been read."""
    load_language("en")
    load_language("pt")


@cache
def load_language(name: Literal["en", "pt"]) -> Language:
    """Return the phrases of a language. Its file is read at the first call."""
    import tomllib  # here: both imports take time, and a program that makes up no conversations does not need them
    from importlib.resources import files

    return Language(**tomllib.loads(files("conversas.sandbox.dialogues").joinpath(f"{name}.toml").read_text("utf-8")))
