"""Pages: a notebook of one cell for each lab, and what the front page says of it."""

import json
from inspect import getdoc
from pathlib import Path

import nbformat

from ..labs import Lab, named
from ..languages import LANGUAGES, tr

__all__ = ["TEMPLATES", "told_labs", "write_pages"]

ASKS = "Accept-Language"
"""The header of HTTP by which a browser says its language; Voila gives it to the kernel."""
_CELL = f"""\
import os
from condensekit.labs import LAB
from condensekit.languages import preferred, set_language
set_language(preferred(os.environ.get("HTTP_{ASKS.upper().replace("-", "_")}", "")))
LAB()"""
_OURS = (
    "condensekit: the labs",
    "Why do wide neural networks not overfit? Each lab opens in a few seconds, for you alone.",
    "All labs",
    "What computes for this page has ended, and with it what was trained here.",
    "Begin anew",
    "The app does not answer. It was stopped, or the connection is lost.",
)

TEMPLATES = Path(__file__).parent
"""Where Voila finds the template ``condensekit``, if it is on the path of Jupyter's data."""


def told_labs() -> dict[str, str]:
    """The labs by name, each with the first sentence of its docstring, in the order of the code."""
    kinds = [kind for kind in vars(named).values() if isinstance(kind, type) and kind is not Lab]
    return {kind.__name__: (getdoc(kind) or "").splitlines()[0] for kind in kinds}


def write_pages(folder: str | Path) -> None:
    """Write the notebooks of all labs into a folder, and ``voila.json``, which shows them.

    Parameters
    ----------
    folder : path
        The folder; it is made if need be.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    labs = told_labs()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name in labs:
        cell = nbformat.v4.new_code_cell(_CELL.replace("LAB", name), id="lab")
        page = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
        nbformat.write(page, folder / f"{name}.ipynb")
    looks = {
        "template": "condensekit",
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "file_allowlist": [],  # Voila gives files to whoever asks, with a token or without
        "http_header_envs": [ASKS],
        "classic_tree": True,  # the front page is then a template, too: `tree.html`
        "extension_config": {"condensekit": labs, "translated": _translated([*labs.values()])},
    }
    told = json.dumps({"VoilaConfiguration": looks}, indent=2, ensure_ascii=False)
    (folder / "voila.json").write_text(told, encoding="utf-8")


def _translated(sentences: list[str]) -> dict[str, dict[str, str]]:
    """What pages say around a lab in each language, by the English sentences."""
    others = [name for name in LANGUAGES if name != "en"]
    return {name: {one: tr(one, name) for one in (*_OURS, *sentences)} for name in others}
