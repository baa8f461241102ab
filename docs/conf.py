"""Settings of the documentation site, which `scripts/docs` builds with Sphinx, furo and MyST.

The source folder is the whole checkout, so that a link means the same on the site and in the repository.
"""

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
