"""Check of a changed spec: the next version, and a line in the changelog."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from tools.check_spec_changes.change_kinds import Bump, Change, ChangeKind
from tools.check_spec_changes.comparison import compare
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.spec import Spec, load_spec

CHANGELOG = "openapi/CHANGELOG.md"


@frozen
class Version:
    """Version that consists of three numbers."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def after(self, bump: Bump) -> "Version":
        match bump:
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Bump.PATCH:
                return Version(self.major, self.minor, self.patch + 1)


@frozen
class Report:
    """Changes of a spec since its last release, the most breaking change first, and the problems of its version."""

    changes: Sequence[Change]
    problems: Sequence[str]


def check(released: Path, spec: Path, changelog: str) -> Report:
    """Check a spec against its last release.

    Raises:
        SpecError: One of the two specs cannot be read, or its version does not consist of three numbers.
        JudgeMissing: Redocly is not installed.
    """
    if released.read_bytes() == spec.read_bytes():
        return Report([], [])
    (old, before), (new, now) = _load(released), _load(spec)
    changes = compare(old, new) or [Change(ChangeKind.COMMENTS, spec.name)]
    return Report(changes, list(version_problems(spec.stem, before, now, changes[0].kind.bump, changelog)))


def _load(file: Path) -> tuple[Spec, Version]:
    spec = load_spec(file)
    numbers = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", spec.version)
    if not numbers:
        raise SpecError(str(file), [Problem("/info/version", "must be a version of three numbers, for example 1.0.0")])
    return spec, Version(*map(int, numbers.groups()))


def version_problems(name: str, before: Version, now: Version, bump: Bump, changelog: str) -> Iterator[str]:
    """Yield what is wrong with a new version and the changelog, for changes that require a bump."""
    # A bump may be greater than required: changed words can change what a client has to do.
    right = [before.after(allowed) for allowed in Bump if allowed >= bump]
    if now not in right:
        larger = f" (or {', '.join(map(str, right[1:]))})" if right[1:] else ""
        yield f"openapi/{name}.yaml: info.version is {now}, but after {before} it must be {right[0]}{larger}"
    version = now if now in right else right[0]
    if not re.search(rf"^## {re.escape(f'{name} {version}')}\n+- \S", changelog, re.MULTILINE):
        yield f'{CHANGELOG}: below the heading "## {name} {version}", say what changed on a line that begins with "- "'
