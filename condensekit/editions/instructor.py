"""The edition of a lecturer: notes of what to ask and what is answered, and slides."""

import copy
import re

import nbformat

from ..doors import public
from ..languages import checked_language, tr_markdown
from .guide import steps
from .slides import slides

__all__ = ["instructor"]

_NOTES = {"slideshow": {"slide_type": "notes"}}


@public()
def instructor(notebook: nbformat.NotebookNode, language: str = "en") -> nbformat.NotebookNode:
    """Add notes: the steps of the guide, and the typical wrong answers of each exercise.

    All notes and texts are speaker notes of the slides of ``jupyter nbconvert --to slides``: one
    for each section that shows a lab, a picture or an exercise, with its heading.

    Parameters
    ----------
    notebook : NotebookNode
        Of `sources`, which know their names; it is not changed.
    language : str
        Of the notes, one of `condensekit.languages.LANGUAGES`.

    Returns
    -------
    NotebookNode
        A notebook with all cells of that one, texts parted at their headings.

    Raises
    ------
    ValueError
        If it does not know its name, or there is no such language.
    """
    language = checked_language(language)
    name = notebook.metadata.get("condensekit", {}).get("notebook")
    if name is None:
        raise ValueError("The notebook does not know its name: take it from `editions.sources`.")
    found = slides(notebook)
    found.cells = [made for cell in found.cells for made in (cell, *_wrong(cell))]
    for place, step in enumerate(steps()):
        if name in step.notebooks:
            note = nbformat.v4.new_markdown_cell(
                tr_markdown(str(step), language),
                id=f"guide-{place}",
                metadata=copy.deepcopy(_NOTES),
            )
            found.cells.insert(_below(found.cells, step.calls), note)
    return found


def _wrong(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Below a solution, what shows the typical wrong answers."""
    name = cell.metadata.get("condensekit", {}).get("solves")
    if name is None:
        return []
    call = f"exercises.{name}().wrong_answers()"
    return [nbformat.v4.new_code_cell(call, id=f"{name}-wrong", metadata=copy.deepcopy(_NOTES))]


def _below(cells: list[nbformat.NotebookNode], calls: tuple[str, ...]) -> int:
    """The place below the cell that makes the first of these, or below the heading."""
    for call in calls:
        for place, cell in enumerate(cells):
            if cell.cell_type == "code" and re.search(rf"\b{call}\(", cell.source):
                return place + 1
    return 1
