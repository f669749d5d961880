"""Slides of a notebook: a heading, and the lab, picture or exercise that its section shows."""

import copy
import re

import nbformat

__all__ = ["slides"]

_HEADING = re.compile(r"^(?=##? )", re.MULTILINE)
_EXERCISE = re.compile(r"\bexercises\.(?!grade|progress|report)\w+\(.*\)$", re.MULTILINE)


def slides(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Say of each cell what it is on slides; texts are parted at their headings.

    A section that has shown something is a slide of its heading and of that, without code; more
    of it comes below. Its texts are notes. All else is skipped, and what is said already stays.

    Parameters
    ----------
    notebook : NotebookNode
        Any; it is not changed.
    """
    found = copy.deepcopy(notebook)
    found.cells = [part for cell in found.cells for part in _parts(cell)]
    for number, section in enumerate(_sections(found.cells)):
        shown = [cell for cell in section if _shows(cell)]
        for cell in section:
            if cell in shown:
                kind = "-" if cell is shown[0] else "subslide"
                cell.metadata["transient"] = {"remove_source": True}  # nbconvert leaves it out
            elif not shown and number:
                kind = "skip"
            elif cell is section[0]:
                kind = "slide"
            else:
                kind = "notes" if cell.cell_type == "markdown" else "skip"
            cell.metadata.setdefault("slideshow", {"slide_type": kind})
    return found


def _sections(cells: list[nbformat.NotebookNode]) -> list[list[nbformat.NotebookNode]]:
    """Cells from one heading to the next."""
    found: list[list[nbformat.NotebookNode]] = []
    for cell in cells:
        if not found or (cell.cell_type == "markdown" and _HEADING.match(cell.source)):
            found.append([])
        found[-1].append(cell)
    return found


def _parts(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """A text, parted into its headings and what stands below each."""
    if cell.cell_type != "markdown":
        return [cell]
    texts = []
    for text in _HEADING.split(cell.source):
        head, _, rest = text.partition("\n") if _HEADING.match(text) else ("", "", text)
        texts += [part.strip("\n") for part in (head, rest) if part.strip()]
    parts = []
    for number, text in enumerate(texts):
        part = copy.deepcopy(cell)
        part.source, part.id = text, f"{cell.id}-{number}" if number else cell.id
        parts.append(part)
    return parts


def _shows(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell has shown a lab, a picture, a question, or a list of them."""
    if cell.cell_type != "code" or not cell.outputs:
        return False
    pictured = any("image/png" in out.get("data", {}) for out in cell.outputs)
    return pictured or bool(_EXERCISE.search(cell.source))
