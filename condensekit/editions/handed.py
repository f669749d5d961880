"""Notebooks of an edition, read from what ships and written into a folder."""

import copy
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import nbformat

from ..doors import public
from ..files import shipped, whole_file
from ..languages import checked_language, tr_markdown
from ..plain import quoted
from .instructor import instructor
from .solutions import solutions
from .student import student
from .translated import translated

__all__ = ["EDITIONS", "Handed", "edition", "hand_out", "sources"]

_GLOSSARY = "glossary.md"
Change = Callable[[nbformat.NotebookNode], nbformat.NotebookNode]

EDITIONS: dict[str, tuple[Change, ...]] = {
    "student": (student,),
    "solutions": (student, solutions),
    "instructor": (student, solutions, instructor),
}
"""What is done to a source for each edition, one after the other."""


@dataclasses.dataclass(frozen=True)
class Handed:
    """What became of the notebooks of an edition in a folder.

    Attributes
    ----------
    new : tuple of str
        Files that were written.
    kept : tuple of str
        Files that were there, other than those of the edition. Nothing of them was changed.
    """

    new: tuple[str, ...]
    kept: tuple[str, ...]


@public()
def sources() -> list[nbformat.NotebookNode]:
    """Read the sources, each of which knows its name, in their order.

    Returns
    -------
    list of NotebookNode
        ``notebook.metadata["condensekit"]["notebook"]`` is the name, such as ``"05-recovery"``.
    """
    found = []
    for path in sorted(shipped("notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["condensekit"] = {"notebook": path.stem}
        found.append(notebook)
    return found


@public()
def edition(
    notebook: nbformat.NotebookNode, name: str = "student", language: str = "en"
) -> nbformat.NotebookNode:
    """Make one edition of a notebook of `sources`, which is not changed.

    Parameters
    ----------
    notebook : NotebookNode
        A source.
    name : str
        ``"student"``, ``"solutions"`` or ``"instructor"``.
    language : str
        One of `condensekit.languages.LANGUAGES`.

    Raises
    ------
    ValueError
        If there is no such edition, or no such language.
    """
    if name not in EDITIONS:
        raise ValueError(f"edition must be one of {', '.join(EDITIONS)}, but is {quoted(name)}.")
    changes = EDITIONS[name]
    for change in changes:
        if change is not instructor:
            notebook = change(notebook)
    notebook = translated(notebook, language)
    if instructor in changes:  # parts texts, which catalogues know as a whole
        notebook = instructor(notebook, language)
    return notebook if checked_language(language) == "en" else _without_outputs(notebook)


def _without_outputs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same, as if nothing had been run: last, for slides are what has shown something."""
    found = copy.deepcopy(notebook)
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return found


@public()
def hand_out(
    folder: str | os.PathLike[str], edition: str = "student", language: str = "en"
) -> Handed:
    """Write the notebooks of an edition into a folder that does not have them yet.

    A file that is there is never overwritten, whatever it holds. What is written is the same each
    time.

    Parameters
    ----------
    folder : path
        Where; it is made if need be.
    edition : str
        ``"student"``, ``"solutions"`` or ``"instructor"``.
    language : str
        One of `condensekit.languages.LANGUAGES`.

    Returns
    -------
    Handed
        Which files are new, and which were left as they are, though other than the edition.

    Raises
    ------
    ValueError
        If there is no such edition, or no such language.
    OSError
        If the folder cannot be written.
    """
    texts = {_name(notebook): _text(notebook, edition, language) for notebook in sources()}
    glossary = shipped(f"docs/{_GLOSSARY}").read_text(encoding="utf-8")
    texts[_GLOSSARY] = tr_markdown(glossary, language).encode()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    new, kept = [], []
    for name, text in texts.items():
        path = folder / name
        if not path.exists():
            with whole_file(path) as file:
                file.write(text)
            new.append(name)
        elif path.read_bytes() != text:
            kept.append(name)
    return Handed(tuple(new), tuple(kept))


def _name(notebook: nbformat.NotebookNode) -> str:
    return f"{notebook.metadata['condensekit']['notebook']}.ipynb"


def _text(notebook: nbformat.NotebookNode, name: str, language: str) -> bytes:
    text: str = nbformat.writes(edition(notebook, name, language))
    text = text.replace(f"../docs/{_GLOSSARY}", _GLOSSARY)  # which lies beside it
    return f"{text}\n".encode()
