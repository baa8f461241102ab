"""The lines that a new provider adds to existing files."""

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

from conversas.providers.base import env_prefix

Edit = Callable[[str], str]


def edits(name: str, class_name: str, title: str, path: str, mapping: str, *, has_host: bool) -> dict[str, Edit]:
    """Return the edit of each file, by its path."""
    return {
        "pyproject.toml": lambda text: _contract(text, name, title),
        "overrides/conversas/providers/__init__.py": lambda text: re.sub(
            r"^(PROVIDERS = \(.*)\)$", rf'\1, "{name}")', text, flags=re.MULTILINE
        ),
        "overrides/conversas/__init__.py": lambda text: _public(text, name, class_name),
        "tests/test_architecture.py": lambda text: _in_order(text, class_name),
        "docs/mapping.md": lambda text: f"{text.rstrip()}\n\n{mapping}",
        "docs/api.md": lambda text: _in_api(text, class_name),
        "docs/environment.md": lambda text: _in_environment(text, name, title, has_host=has_host),
        "openapi/CHANGELOG.md": lambda text: _announced(text, name, path),
        "openapi/package.json": lambda text: text.replace(_version(text), _next(_version(text)), 1),
        "openapi/README.md": lambda text: _in_readme(text, name, title, path),
        "openapi/examples/README.md": lambda text: _in_examples(text, name),
        "CHANGELOG.md": lambda text: unreleased(text, f"{title} is a provider: `{class_name}`, refs `{name}:…`."),
    }


def apply(root: Path, found: dict[str, Edit]) -> None:
    """Edit the files of a checkout."""
    for path, edit in found.items():
        file = root / path
        file.write_text(edit(file.read_text("utf-8")), "utf-8")


def add_lines(file: Path, lines: str) -> None:
    """Add lines to the end of a file."""
    file.write_text(f"{file.read_text('utf-8').rstrip()}\n{lines}", "utf-8")


def unreleased(changelog: str, change: str) -> str:
    """Add a change to the section Unreleased, created above the last version if it is missing."""
    if "\n## Unreleased\n" not in changelog:
        changelog = changelog.replace("\n## ", "\n## Unreleased\n\n\n## ", 1)
    return changelog.replace("\n## Unreleased\n\n", f"\n## Unreleased\n\n- {change}\n", 1)


def _contract(text: str, name: str, title: str) -> str:
    contract = (
        f'[[tool.importlinter.contracts]]\nid = "{name}"\nname = "The client of {title} is for its provider module"\n'
        f'type = "protected"\nprotected_modules = ["conversas_api.{name}"]\n'
        f'allowed_importers = ["conversas.providers.{name}"]\n\n'
    )
    before = '[[tool.importlinter.contracts]]\nid = "httpx"'
    return text.replace(before, contract + before, 1)


def _public(text: str, name: str, class_name: str) -> str:
    imports = sorted(
        [
            *re.findall(r"    from conversas\.providers\..*\n", text),
            f"    from conversas.providers.{name} import {class_name}\n",
        ]
    )
    text = re.sub(r"(?:    from conversas\.providers\..*\n)+", "".join(imports), text, count=1)
    head, listed, rest = re.split(r"(?<=__all__ = \[\n)(.*?)(?=\]\n)", text, maxsplit=1, flags=re.DOTALL)
    names = sorted([*listed.splitlines(), f'    "{class_name}",'])
    text = f"{head}{chr(10).join(names)}\n{rest}"
    head, listed, rest = re.split(r"(?<=_MODULES = \{\n)(.*?)(?=\}\n)", text, maxsplit=1, flags=re.DOTALL)
    modules = sorted([*listed.splitlines(), f'    "{class_name}": "providers.{name}",'])
    return f"{head}{chr(10).join(modules)}\n{rest}"


def _in_order(text: str, class_name: str) -> str:
    """Add a name to those of PUBLIC, which are in the order of their characters, functions last."""
    head, listed, rest = re.split(r'(?<=PUBLIC = """\n)(.*?)(?=""")', text, maxsplit=1, flags=re.DOTALL)
    names = sorted([*listed.split(), class_name])
    lines = textwrap.wrap(" ".join(names), 116, initial_indent="    ", subsequent_indent="    ")
    return f"{head}{chr(10).join(lines)}\n{rest}"


def _in_api(text: str, class_name: str) -> str:
    entry = f".. autoclass:: {class_name}\n   :members:\n   :inherited-members:\n"
    return text.replace(".. autoclass:: TokenFile\n", f"{entry}.. autoclass:: TokenFile\n", 1)


def _in_environment(text: str, name: str, title: str, *, has_host: bool) -> str:
    host = (
        ("another host than the documented one", "the documented host") if has_host else ("URL of its API", "required")
    )
    variables = {
        "BASE_URL": host,
        "TOKEN": ("the token", "one of the two is required"),
        "TOKEN_FILE": ("a file that holds the token; read again when it changes", ""),
        "TIMEZONE": ("time zone of times without offset", "`UTC`"),
        "ACCOUNT": ("a label of the account", "the base URL"),
    }
    rows = (
        f"| `{env_prefix(name)}_{suffix}` | {meaning} | {default} |".replace("|  |", "| |")
        for suffix, (meaning, default) in variables.items()
    )
    table = "\n".join(["| variable | meaning | default |", "|---|---|---|", *rows])
    return text.replace("## Network\n", f"## {title}\n\n{table}\n\n## Network\n", 1)


def _version(text: str) -> str:
    return str(json.loads(text)["version"])


def _next(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def _announced(text: str, name: str, path: str) -> str:
    """Add a section for the spec, and a section for the next version of the package.

    The section of the package lists the specs of the last version and the new spec.
    """
    first = re.search(r"^## conversas-openapi ([0-9.]+)\n\n- (.*?)(, neutral form \d+)\.\n", text, re.MULTILINE)
    if first is None:
        raise ValueError("openapi/CHANGELOG.md has no section of conversas-openapi")
    specs = ", ".join(sorted([*first[2].split(", "), f"{name} 1.0.0"]))
    package = f"## conversas-openapi {_next(first[1])}\n\n- {specs}{first[3]}.\n- New: {name}.\n\n"
    spec = f"## {name} 1.0.0\n\n- First version: `GET {path}` and the objects of its body.\n"
    return f"{text[: first.start()]}{package}{text[first.start() :].rstrip()}\n\n{spec}"


def _in_readme(text: str, name: str, title: str, path: str) -> str:
    row = f"| `{name}.yaml` | `GET {path}` of {title} |\n"
    text = text.replace("| `open/<provider>.json` |", f"{row}| `open/<provider>.json` |", 1)
    return re.sub(r"conversas-openapi-([0-9.]+)\.tgz", lambda found: f"conversas-openapi-{_next(found[1])}.tgz", text)


def _in_examples(text: str, name: str) -> str:
    row = f"| `{name}/sample.json` | a body with every property, made up | inf |"
    lines = text.splitlines()
    rows = [index for index, line in enumerate(lines) if re.match(r"\| `\w+/", line)]
    table = sorted([*(lines[index] for index in rows), row])
    lines[rows[0] : rows[-1] + 1] = table
    return "\n".join(lines) + "\n"
