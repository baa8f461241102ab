"""The new files of a provider, as text."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conversas.providers.mapping import assess_completeness
from conversas.records.conversation import Conversation, Message
from conversas.records.enums import Reason
from conversas.records.serialization import serialized_fields
from tools.new_provider.mapping_guess import Guess, guess_mapping
from tools.regenerate.generate import SCRIPTS
from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.kinds import Enum, Object, Property, Scalar, every_part

REASONS = {"OPEN": Reason.NOT_RESOLVED, "WAITING": Reason.NOT_RESOLVED, "CLOSED": None}
TEMPLATES = Path(__file__).parent / "templates"
FIRST_PARTY = 'lint.isort.known-first-party = ["conversas", "conversas_api"]'


@frozen
class Skeleton:
    """Source of the files of a provider: its spec."""

    name: str
    document: dict[str, Any] = field(repr=False)
    api: Api = field(repr=False)

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def host(self) -> str | None:
        """Documented server; None without one, or if the URL of each account differs."""
        [server] = self.document["servers"]
        url: str = server["url"]
        return url if url.startswith("http") else None

    @property
    def completeness(self) -> str:
        """Completeness that `decode` returns for the sample, whose status is the first value of its enum."""
        guess = guess_mapping(self.api)
        status = self.api.follow(guess.status.kind) if guess.status else None
        first = next(map(str, status.members.values()), "") if isinstance(status, Enum) else ""
        reasons = {REASONS.get(guess.statuses.get(first, ""), Reason.STATUS_UNKNOWN)}
        if guess.messages is None:
            reasons.add(Reason.MESSAGES_MISSING)
        elif guess.message_sent_at is None:
            reasons.add(Reason.MESSAGE_WITHOUT_TIME)
        found = assess_completeness([reason for reason in reasons if reason])
        return repr(found).removeprefix("<Completeness ").removesuffix(">")

    def render(self, template: str) -> str:
        """Return the text of a file, written from its template.

        Python code is formatted in the same way as the rest of the checkout.
        """
        environment = Environment(  # noqa: S701  # it writes Python and Markdown
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        text = environment.get_template(template).render(self._values())
        return _formatted(text) if template.endswith(".py.jinja") else f"{text.rstrip()}\n"

    def _values(self) -> dict[str, Any]:
        guess = guess_mapping(self.api)
        [(path, methods)] = self.document["paths"].items()
        [parameter] = methods["get"]["parameters"]
        [scheme] = self.document["components"]["securitySchemes"].values()
        return {
            "name": self.name,
            "title": self.name.replace("_", " ").title(),
            "cls": self.class_name,
            "guess": guess,
            "integer": parameter["schema"]["type"] == "integer",
            "bits": 32 if parameter["schema"].get("format") == "int32" else 64,
            "argument": self.api.operations[0].parameters[0].python_name,
            "header": scheme.get("name"),
            "url": self.host,
            "path": path.partition("{")[0],
            "times": sorted(set(_times(self.api))),
            "id_name": guess.id.name if guess.id else "id",
            "messages_name": guess.messages.name if guess.messages else "messages",
            "text_name": guess.message_text.name if guess.message_text else "text",
            **_words(guess),
            "id_is_number": _is_number(guess.id),
            "message_id_is_number": _is_number(guess.message_id),
            "rows": list(_rows(self.name, guess)),
            "carried": _carried(guess),
        }


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--stdin-filename", "overrides/conversas/providers/new.py", "--config", FIRST_PARTY]
    for command in (["check", "--fix-only", "--quiet", "--select", "I,F401"], ["format", "--quiet"]):
        done = subprocess.run(
            [*ruff, *command, *options, "-"], input=text, cwd=SCRIPTS.parent, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


def _times(api: Api) -> Iterator[str]:
    for kind in api.classes.values():
        for each in kind.properties if isinstance(kind, Object) else ():
            if any(isinstance(part, Scalar) and part.format == "date-time" for part in every_part(each.kind)):
                yield each.name


def _words(guess: Guess) -> dict[str, str]:
    """Return the words that the sandbox writes, as literals of Python."""

    def word(meanings: dict[str, str], *wanted: str) -> str:
        return next((f'"{each}"' for want in wanted for each, said in meanings.items() if said == want), '""')

    statuses, roles = dict(guess.statuses), dict(guess.roles)
    return {
        "status_open": word(statuses, "OPEN", "WAITING", "CLOSED"),
        "status_closed": word(statuses, "CLOSED", "OPEN", "WAITING"),
        "role_customer": word(roles, "CUSTOMER", "AGENT"),
        "role_agent": word(roles, "AGENT", "CUSTOMER"),
    }


def _is_number(each: Property | None) -> bool:
    kind = each.kind if each else None
    return isinstance(kind, Scalar) and set(kind.types) <= {"integer", "number"}


def _rows(name: str, guess: Guess) -> Iterator[tuple[str, list[str], str]]:
    """Yield the rows of docs/mapping.md: a neutral field, its sources, and what is said of them."""
    found = _sources(guess)
    words = {
        "provider": f"always `{name}`",
        "id": "else the id that was asked for",
        "ref": "what was asked for, else named by the body; note `id-mismatch` if they differ",
        "status": _said(guess.statuses),
        "messages": "sorted by time",
        "messages[].role": _said(guess.roles),
        "messages[].speaker": "`unknown`, for the agent's messages" if guess.roles else "",
        "completeness": "`truncated` without a list of messages; `in_progress` if the conversation is not closed; "
        "`unknown` if the status has no known meaning",
    }
    fields = list(serialized_fields(Conversation))
    place = fields.index("messages") + 1
    names = [*fields[:place], *(f"messages[].{each}" for each in serialized_fields(Message)), *fields[place:]]
    for each in names:
        yield each, found.get(each, []), words.get(each, "")


def _said(meanings: Mapping[str, str]) -> str:
    words = ", ".join(f"`{word}` is `{meaning.lower()}`" for word, meaning in meanings.items())
    return f"inferred: {words}; any other is `unknown`" if words else "`unknown`"


def _sources(guess: Guess) -> dict[str, list[str]]:
    ids, status, created, updated = (
        [each.name] if each else [] for each in (guess.id, guess.status, guess.created_at, guess.updated_at)
    )
    root = guess.messages.name if guess.messages else ""
    below = [path for path in guess.paths if root and (path == root or path.startswith(f"{root}["))]
    message = {
        "id": guess.message_id,
        "text": guess.message_text,
        "sent_at": guess.message_sent_at,
        "role": guess.message_sender if guess.roles else None,
        "speaker": guess.message_sender if guess.roles else None,
    }
    in_message = {f"messages[].{key}": [f"{root}[].{each.name}"] for key, each in message.items() if each}
    sent_at = in_message.get("messages[].sent_at", [])
    return {
        "id": ids,
        "ref": ids,
        "title": [guess.title.name] if guess.title else [],
        "status": status,
        "status_code": status,
        "created_at": created,
        "updated_at": updated,
        "messages": [*([root, f"{root}[]"] if root else []), *sent_at],
        **in_message,
        "completeness": [*ids, *status, *below],
        "notes": [*ids, *status, *created, *updated, *([root, f"{root}[]"] if root else []), *sent_at],
    }


def _carried(guess: Guess) -> list[str]:
    used = {source for found in _sources(guess).values() for source in found}
    return [path for path in guess.paths if path not in used and not path.endswith("[]")]
