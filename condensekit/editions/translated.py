"""A notebook in the language of its readers."""

import copy

import nbformat

from ..doors import public
from ..languages import checked_language, tr_markdown

__all__ = ["translated"]


@public()
def translated(notebook: nbformat.NotebookNode, language: str) -> nbformat.NotebookNode:
    """Translate the texts, and let the first cell of code set the language of labs and exercises.

    Code stays as it is, and so does what is stored of its output; `edition` leaves that out at its
    end, since it is in English, and comes back when the cells are run.

    Parameters
    ----------
    notebook : NotebookNode
        Any in English; it is not changed.
    language : str
        One of `condensekit.languages.LANGUAGES`.

    Returns
    -------
    NotebookNode
        A notebook with all cells of that one; of English, the same.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    found, language = copy.deepcopy(notebook), checked_language(language)
    if language == "en":
        return found
    for cell in found.cells:
        if cell.cell_type == "markdown":
            cell.source = tr_markdown(cell.source, language)
    # No cell of its own: readers are told to run "the next cell", and to see a lab.
    first = next((cell for cell in found.cells if cell.cell_type == "code"), None)
    if first is not None:
        line = f'import condensekit\n\ncondensekit.set_language("{language}")'
        first.source = f"{line}\n\n{first.source}"
    return found
