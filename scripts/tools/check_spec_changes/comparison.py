"""Comparison of two versions of a spec by two third-party tools, the judges. The greater of their verdicts counts."""

from collections.abc import Sequence

from tools.check_spec_changes.change_kinds import Change
from tools.check_spec_changes.generated_code import code_changes
from tools.check_spec_changes.redocly import differences
from tools.check_spec_changes.rows import Rows
from tools.regenerate.openapi_forms import COMPARABLE, write_document
from tools.regenerate.spec import Spec


def compare(old: Spec, new: Spec) -> Sequence[Change]:
    """Return all changes between two versions of a spec, except to its version number, the most breaking change first.

    Raises:
        JudgeMissing: Redocly is not installed.
        SpecError: No code can be generated from one of the versions.
    """
    before, after = (write_document(spec, COMPARABLE) for spec in (old, new))
    before["info"]["version"] = after["info"]["version"]
    seen = Rows(before, after).changes(list(differences(before, after)))
    return sorted([*seen, *code_changes(old, new, seen)], key=lambda change: -change.kind.bump)
