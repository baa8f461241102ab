"""Settings of the documentation site, which `scripts/docs` builds with Sphinx, furo and MyST.

The source folder is the whole checkout, so that a link means the same on the site and in the repository.
"""

import re
from typing import Any

import attrs

from conversas import __version__

project = "conversas"
author = "The conversas authors"
copyright = f"2026 {author}"  # noqa: A001  # the name that Sphinx reads
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "openapi/*.md",
    "openapi/examples/*.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
exclude_patterns = [".venv*", "dist", "generated", "overrides", "scripts", "tests", "openapi/released"]

myst_heading_anchors = 4
myst_enable_extensions = ["fieldlist"]

smartquotes_action = "D"  # dashes alone: a quoted option stays as it is typed
default_role = "code"  # docstrings quote code with single backticks
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88  # a longer one has a line for each argument
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"conversas {version}"
html_copy_source = False
html_show_sphinx = False
html_extra_path = ["site"]  # index.html, which leads to docs/index.html
html_theme_options = {"top_of_page_buttons": []}


def setup(app: Any) -> None:
    """Correct what autodoc and napoleon make of records."""
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", _name_defaults)


def _keep_colons(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Begin the docstring of an attribute with an empty comment: napoleon takes text before a colon for a type."""
    if what in ("attribute", "property"):
        lines[:0] = ["..", ""]


def _name_defaults(
    _app: Any, _what: str, _name: str, obj: Any, _options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write the defaults of an attrs class, whose `__init__` reads them from a dict."""
    if signature and attrs.has(obj):
        values = attrs.fields_dict(obj)
        signature = re.sub(r"attr_dict\['(\w+)'\]\.default", lambda found: repr(values[found[1]].default), signature)
    return signature, returns
