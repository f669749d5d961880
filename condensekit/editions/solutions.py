"""The edition with solutions: those that each exercise has, put where the exercise stands."""

import copy
import re

import nbformat

from ..doors import public
from ..exercises import NOTEBOOKS, QUESTIONS, Question

__all__ = ["solutions"]

Cells = list[nbformat.NotebookNode]


@public()
def solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Put the solution of each exercise below its cells: in words, and as code that is judged.

    Text and code are those of ``question.solution()``. The last line judges what the code finds, as
    ``check`` does, and keeps nothing: who runs a solution has not answered. The metadata of its
    cell says which question it solves.

    Parameters
    ----------
    notebook : NotebookNode
        Any; it is not changed.

    Returns
    -------
    NotebookNode
        A notebook with all cells of that one, and those of the solutions.
    """
    found = copy.deepcopy(notebook)
    cells: Cells = []
    waiting: Cells = []
    for cell in found.cells:
        if cell.cell_type != "code":
            cells, waiting = cells + waiting, []
        cells.append(cell)
        waiting += [
            made for question, shown in _exercises(cell) for made in _solved(question, shown)
        ]
    found.cells = cells + waiting
    return found


def _exercises(cell: nbformat.NotebookNode) -> list[tuple[Question, bool]]:
    """The questions that a cell takes, and whether it shows them: a list of titles does not."""
    if cell.cell_type != "code":
        return []
    taken = re.findall(r"\bexercises\.(\w+)\(\)", cell.source)
    listed = re.findall(r'\bexercises\.of_notebook\("(\w+)"\)', cell.source)
    return [
        *((QUESTIONS[name](), True) for name in taken if name in QUESTIONS),
        *((make(), False) for name in listed for make in NOTEBOOKS[name]),
    ]


def _solved(question: Question, shown: bool) -> Cells:
    call, answered = f"exercises.{question.name}()", question.answered
    first = [] if shown else [nbformat.v4.new_code_cell(call, id=f"{question.name}-question")]
    return [
        *first,
        nbformat.v4.new_markdown_cell(
            f"**Solution: {question.title}**\n\n{answered.text}", id=f"{question.name}-solution"
        ),
        nbformat.v4.new_code_cell(
            f"{answered.code.strip()}\n\n{call}.judge(answer)",
            id=f"{question.name}-code",
            metadata={"condensekit": {"solves": question.name}},
        ),
    ]
