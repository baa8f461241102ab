"""The words of the code and of the documentation: plain English, the same everywhere.

The first word of a function's docstring is a verb: Return, Yield, Raise, Check. Classes, modules, properties and fields
are noun phrases; a field or property of type bool may begin with "Whether".
"""

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import conversas

ROOT = Path(__file__).parent.parent
CODE = sorted(
    path for top in ("overrides", "scripts") for path in (ROOT / top).rglob("*.py") if "node_modules" not in path.parts
)
TEMPLATES = sorted((ROOT / "scripts" / "templates").rglob("*.jinja"))
PROSE = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "openapi/README.md")),
        *(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
    ]
)

VAGUE_VERBS = frozenset({"Ask", "Find", "Give", "Hand", "Have", "Let", "Make", "Put", "Say", "Take", "Tell"})
"""Verbs for which a plainer one exists: Return, Create, Check, Write, Accept."""

NOT_VERBS = frozenset({"A", "An", "How", "The", "What", "When", "Where", "Whether", "Which", "Who", "Why", "With"})
"""First words of noun phrases and questions, which do not say what a function does."""

QUESTIONS = frozenset({"Give", "How", "Let", "Say", "Take", "Tell", "What", "Where", "Whether", "Who", "Why"})
"""First words that ask a question or command, in the place of a noun phrase."""

BANNED = re.compile(
    r"""\b(?:
        (?:is|are|was|were)\s+none\b
        | (?i:
            nobody | anybody | somebody | everybody | anew | beside | at\s+hand | in\s+vain
            | of\s+(?:ours|yours|no\s+use) | kin | tells?\s+of | (?:hold|holds|held)\s+against | meanwhile
            | where\s+(?:it|there|they|nothing|none|one)
        )\b
    ) | ,\s+too\b""",
    re.VERBOSE,
)
"""Phrases that have to be read twice. The plain ones: is invalid, no one, again, next to, cached, your, if."""

EXPRESSION = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)
"""Code in a template."""

OUTPUT = re.compile(r"^```console\n.*?^```$", re.DOTALL | re.MULTILINE)
"""Output of a command in the documentation: it may have the words of a conversation."""

Definition = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def _is_property(node: ast.AST) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(ast.unparse(decorator).endswith(("property", ".getter")) for decorator in decorators)


def _first_word(text: str) -> str:
    return text.split()[0].strip(".,:;") if text.split() else ""


def _docstrings(path: Path) -> Iterator[tuple[Definition, str]]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, Definition) and (text := ast.get_docstring(node)):
            yield node, text


def _field_texts(path: Path) -> Iterator[tuple[ast.AnnAssign | ast.Assign, str]]:
    """Yield each assignment that is followed by a string: the documentation of a field or constant."""
    for node in ast.walk(_tree(path)):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for field, after in itertools.pairwise(body):
                if isinstance(field, ast.AnnAssign | ast.Assign) and isinstance(after, ast.Expr):
                    value = after.value
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield field, value.value


def _is_bool(node: ast.AST | None) -> bool:
    return node is not None and "bool" in ast.unparse(node)


def _messages(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each string that is no docstring, with its line: errors, log lines, help and output."""
    tree = _tree(path)
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            yield node.lineno, node.value


def wrong_first_words() -> Iterator[str]:
    """Yield each docstring whose first word is of the wrong kind."""
    for path in CODE:
        for node, text in _docstrings(path):
            word = _first_word(text)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_property(node):
                wrong = word in VAGUE_VERBS | NOT_VERBS
            elif word == "Whether":
                wrong = not (isinstance(node, ast.FunctionDef) and _is_bool(node.returns))
            else:
                wrong = word in QUESTIONS
            if wrong:
                yield f"{_name(path, getattr(node, 'lineno', 1))}: {text.splitlines()[0]}"
        for field, text in _field_texts(path):
            word = _first_word(text)
            boolean = _is_bool(field.annotation if isinstance(field, ast.AnnAssign) else field.value)
            if word in QUESTIONS and not (word == "Whether" and boolean):
                yield f"{_name(path, field.lineno)}: {text.splitlines()[0]}"


def public_definitions() -> Iterator[tuple[str, object, ast.AST]]:
    """Yield each public function and class, and each base class of ours, by its name, with its syntax tree."""
    for name in conversas.__all__:
        public = getattr(conversas, name)
        for each in public.__mro__ if isinstance(public, type) else [public]:
            if callable(each) and each.__module__.startswith("conversas."):
                yield each.__name__, each, ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]


def without_docstring(name: str, public: object, tree: ast.AST) -> Iterator[str]:
    """Yield what lacks a docstring: a class or function, and each of its public methods, enum members and fields."""
    if not inspect.getdoc(public):
        yield name
    for node, after in _members(tree) if isinstance(tree, ast.ClassDef) else ():
        match node:
            case ast.FunctionDef(name=member) | ast.AsyncFunctionDef(name=member):
                documented = ast.get_docstring(node) is not None
            case (
                ast.AnnAssign(target=ast.Name(id=member) | ast.Attribute(attr=member))
                | ast.Assign(targets=[ast.Name(id=member) | ast.Attribute(attr=member)])
            ):
                documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            case _:
                continue
        if not member.startswith("_") and not documented:
            yield f"{name}.{member}"


def _members(tree: ast.ClassDef) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    """Yield each statement of a class and what follows it, then each attribute that `__init__` sets."""
    yield from itertools.zip_longest(tree.body, tree.body[1:])
    for method in tree.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            for node, after in itertools.zip_longest(method.body, method.body[1:]):
                if isinstance(node, ast.Assign | ast.AnnAssign) and "self." in ast.unparse(node).partition("=")[0]:
                    yield node, after


def banned_phrases(path: Path) -> Iterator[str]:
    """Yield each banned phrase of a file, with its line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jinja":
        text = EXPRESSION.sub("", text)
    text = OUTPUT.sub(lambda found: "\n" * found[0].count("\n"), text)
    for match in BANNED.finditer(text):
        yield f"{_name(path, text.count(chr(10), 0, match.start()) + 1)}: {' '.join(match[0].split())!r}"


def test_docstrings_begin_with_a_verb_or_a_noun_phrase() -> None:
    assert "\n".join(wrong_first_words()) == ""


def test_every_public_name_has_a_docstring_with_all_its_members() -> None:
    assert sorted({each for found in public_definitions() for each in without_docstring(*found)}) == []


def test_no_phrase_of_the_code_has_to_be_read_twice() -> None:
    assert "\n".join(found for path in [*CODE, *TEMPLATES] for found in banned_phrases(path)) == ""


def test_no_phrase_of_the_documentation_has_to_be_read_twice() -> None:
    assert "\n".join(found for path in PROSE for found in banned_phrases(path)) == ""


def test_messages_say_for_example() -> None:
    found = [_name(path, line) for path in CODE for line, text in _messages(path) if "such as" in text]
    assert found == []


@pytest.mark.parametrize("text", ["an id that is none", "zild, too", "nobody", "where it differs", "kept beside"])
def test_the_list_finds_old_phrases(text: str) -> None:
    assert BANNED.search(text)


@pytest.mark.parametrize("text", ["none of them", "too long", "besides", "where clause", "x is None"])
def test_the_list_leaves_plain_words(text: str) -> None:
    assert not BANNED.search(text)
