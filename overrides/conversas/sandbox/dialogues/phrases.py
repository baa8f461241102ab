"""What dialogues are put together from: lines with a speaker, in the words of one language."""

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import normalize

from attrs import field, frozen

CUSTOMER, AGENT, BOT, SURVEY, RATING = "C", "A", "B", "S", "R"
"""Who speaks: the customer, whoever serves, the bot; the bot that asks for a rating, the customer who gives one."""


class Line(NamedTuple):
    """One message to be, in several wordings. A wording has places such as `{order}`."""

    speaker: str
    wordings: tuple[str, ...]


def script(text: str) -> tuple[Line, ...]:
    """Read lines such as `C Bom dia! | Oi, tudo bem?`: the speaker, then wordings, which may go on in further lines."""
    lines = [line.split(" ", 1) for line in text.strip().replace("\n| ", " | ").splitlines()]
    return tuple(Line(speaker, tuple(wordings.split(" | "))) for speaker, wordings in lines)


@frozen
class Topic:
    """What a customer writes about. Its lines begin with the customer and end with an agent."""

    tag: str
    title: str
    summary: str
    lines: tuple[Line, ...] = field(converter=script, repr=False)


@frozen
class Person:
    """A name, and how the person says thanks, which depends on it in Portuguese."""

    first: str
    last: str
    thanks: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def mailbox(self) -> str:
        """The first name as it can stand in an e-mail address."""
        return normalize("NFKD", self.first.split()[0].lower()).encode("ascii", "ignore").decode()


@frozen
class Language:
    """All that is said in one language."""

    code: str
    first_names: tuple[tuple[str, str], ...]
    """Each with the word for thanks."""
    last_names: tuple[str, ...]
    agents: tuple[str, ...]
    bots: tuple[str, ...]
    companies: tuple[str, ...]
    cities: tuple[str, ...]
    days: tuple[str, ...]
    greetings: tuple[str, str, str]
    """For the morning, the afternoon and the evening."""
    amount: str
    """How money is written, with places for the whole and the cents."""
    topics: Sequence[Topic]
    openings: tuple[tuple[Line, ...], ...]
    """How a dialogue begins; the last line asks what it is about."""
    handover: tuple[Line, ...]
    """How the bot hands over to a person."""
    pauses: tuple[Line, ...]
    """Single lines of an agent, which can stand before any answer."""
    asides: tuple[tuple[Line, ...], ...]
    """Pairs of a question and an answer that can stand after any answer."""
    bridge: tuple[Line, ...]
    """A pair that leads to another topic."""
    closing: tuple[Line, ...]
    survey: tuple[Line, ...]
