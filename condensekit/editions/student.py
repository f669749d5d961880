"""The edition of a student: the same story, with what only tests it out of sight."""

import ast
import copy
import re

import nbformat

from ..doors import public

__all__ = ["TITLE", "student"]

TITLE = "# Checks of what stands above: they run, and are silent as long as it is true."
"""The first line of a folded cell, which Jupyter shows in its place."""
_MARK = re.compile(r"^[ \t]*# NBVAL_\w+[ \t]*\n?", re.MULTILINE)
_FOLDED = {"source_hidden": True}


@public()
def student(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Put the machinery of tests out of sight: marks are gone, and checks are folded.

    Assertions at the end of a cell, or before the last lines that print or show, stand in a folded
    cell of their own below it: they still run, and a click opens them. So a cell ends with what it
    says, as its reader expects. Those in its midst stay, where what they ask about is made.

    Parameters
    ----------
    notebook : NotebookNode
        Any; it is not changed.

    Returns
    -------
    NotebookNode
        A notebook with the cells of that one, and a few more.
    """
    found = copy.deepcopy(notebook)
    found.cells = [made for cell in found.cells for made in _told(cell)]
    return found


def _told(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """What becomes of a cell: the cell, its checks, or one after the other."""
    if cell.cell_type != "code" or cell.source.startswith(TITLE):
        return [cell]
    cell.source = _MARK.sub("", cell.source)
    kept, checks = _parted(cell.source)
    if not checks:
        return [cell]
    if not kept:
        cell.source = f"{TITLE}\n{checks}"
        cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), **_FOLDED}
        return [cell]
    cell.source = kept
    folded = nbformat.v4.new_code_cell(
        f"{TITLE}\n{checks}", id=f"{cell.id}-checks", metadata={"jupyter": dict(_FOLDED)}
    )
    return [cell, folded]


def _parted(source: str) -> tuple[str, str]:
    """What is not a check at the end of a cell, and what is."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for Jupyter alone, such as %time
        return source, ""
    if not body:  # comments
        return source, ""
    end = len(body)
    while end and (_checks(body[end - 1]) or _prints(body[end - 1]) or _last(body, end - 1)):
        end -= 1
    checks = [statement for statement in body[end:] if _checks(statement)]
    kept = [statement for statement in body if statement not in checks]
    if kept and isinstance(kept[-1], ast.Expr) and not (_prints(kept[-1]) or kept[-1] is body[-1]):
        return source, ""  # Jupyter would show its value, where nobody asked for it
    lines = source.splitlines()
    begins = [0, *(statement.end_lineno or 0 for statement in body[:-1])]
    texts = {
        statement: "\n".join(lines[begin : statement.end_lineno])
        for statement, begin in zip(body, begins, strict=True)
    }
    if any(statement.lineno <= begin for statement, begin in zip(body, begins, strict=True)):
        return source, ""  # two in a line
    rest = lines[body[-1].end_lineno :]
    return (
        "\n".join([*(texts[statement] for statement in kept), *rest]).strip("\n"),
        "\n".join(texts[statement] for statement in checks).strip("\n"),
    )


def _checks(statement: ast.stmt) -> bool:
    """Whether it does nothing but check, over and over maybe."""
    if isinstance(statement, ast.For | ast.If | ast.With):
        below = [*statement.body, *getattr(statement, "orelse", [])]
        return all(map(_checks, below))
    return isinstance(statement, ast.Assert)


def _prints(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func) == "print"
    )


def _last(body: list[ast.stmt], place: int) -> bool:
    """Whether Jupyter shows its value."""
    return place == len(body) - 1 and isinstance(body[place], ast.Expr)
