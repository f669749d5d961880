"""Settings of Sphinx for the web site; `tools/build_site.py` puts them beside what it prepares."""

import re
from typing import Any

import condensekit

project = "condensekit"
author = "The condensekit maintainers"
copyright = author  # noqa: A001  its name in Sphinx
release = version = condensekit.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx.ext.viewcode"]
exclude_patterns = ["extra"]
html_extra_path = ["extra"]

nb_execution_mode = "off"  # outputs are stored, and tests hold them
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"exclude-members": "set"}  # matplotlib writes it for each of its classes
python_maximum_signature_line_length = 80
numpydoc_show_class_members = False
smartquotes_action = "q"  # dashes are arrows in docstrings

html_theme = "furo"
html_title = "condensekit"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def escaped(line: str) -> str:
    """A line of a docstring in which ``|x|`` is a norm, and no substitution."""
    if line.lstrip().startswith(">>>"):
        return line
    parts = re.split("(``.*?``)", line)
    return "".join(part if part.startswith("``") else part.replace("|", r"\|") for part in parts)


def _docstring(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    lines[:] = map(escaped, lines)


def _page(app: Any, name: str, content: list[str]) -> None:
    if name.startswith("api/"):
        content[0] = "\n".join(map(escaped, content[0].splitlines()))


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("source-read", _page)
