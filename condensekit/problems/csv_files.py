"""Tables of numbers from text files, as programs and people write them; nothing is guessed."""

import csv
import os
import re
from pathlib import Path

from ..plain import quoted
from ..words import many
from .own import OwnData, own_data

__all__ = ["read_csv"]

Line = tuple[int, str]
"""The number of a line, and its text; with the lines that a quoted break joins to it."""
Row = tuple[int, list[str]]

_UTF8 = "save it as a text file: CSV UTF-8"
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OTHERS = {
    rb"PK\x03\x04": "an Excel workbook, or another archive",
    rb"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007",
    rb"\x1f\x8b": "packed by gzip",
    rb"%PDF": "a PDF",
    rb"\s*<(!doctype|\?xml|html|head|body|table|svg)\b": "HTML or XML",
    rb"\s*(\{\s*\"|\[\s*[\[{])": "JSON",
    rb"\x93NUMPY": "an array of NumPy",
}
"""How files begin that are no text, or no table."""
_SAID = re.compile(r'"?sep=([^\w"])"?', re.IGNORECASE)
_SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", " ": "spaces"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_COMMA = re.compile(r"[+-]?(\d*,\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_NUMBERISH = re.compile(r"[+-]?(\d|inf(inity)?$)", re.IGNORECASE)
_MISSING = {"nan", "NaN", "NAN", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "-", "?", "."}
_HINTS = (
    (r"[+-]?inf(inity)?", "leave out the line"),
    (r".*#.*|(//|%|!).*", "a comment is a line of its own that begins with #"),
    (r"[+-]?0[xob]\w+|.*\d_\d(?!\d\d).*", "write decimal digits, and nothing else"),
    (r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d+:\d+.*", "turn dates and times into numbers"),
    (r"[+-]?\d{1,3}(([, '’_.]|\s)\d{3})+([.,]\d*)?", "leave out separators of thousands"),
    (r"[+-]?[\d.,]+\s*%", "leave out the percent sign"),
    (r"[+-]?\d+,\d+(e[+-]?\d+)?", "write a decimal point instead of the decimal comma"),
    (r"[+-]?[\d.,]+\s*[^\d\s.,_]\D*|[^\d\s+-]{1,3}\s*[\d.,]+", "leave out the unit"),
    (r"[\d.,]+(\s+[\d.,]+)+", "with decimal commas, separate columns by semicolons or tabs"),
    (r"true|false|yes|no", "write 1 and 0"),
    (r"[+-]?[\d.]+d[+-]?\d+", "write powers of ten with e, as 1e3"),
    (r"[+-]?[\d.]+e\+?\d+", "it is too large"),
    (
        r".*[^\W\d_].*",
        "a first line that names the columns holds no numbers, and a comment begins with #",
    ),
)
"""What cells may look like, and what to do about them."""


def read_csv(path: str | os.PathLike[str], *, scale: bool = False) -> OwnData:
    r"""Read a problem from a text file of numbers: the last column is y, those before it are x.

    Columns are separated by semicolons, tabs, commas or spaces, or by what a first line ``sep=;``
    says; the first line may name them, and lines that begin with # are comments. Numbers have a
    decimal point, or all of them a decimal comma where commas do not separate columns. The file is
    in UTF-8, or begins with the mark of UTF-16.

    Parameters
    ----------
    path : path
        The file.
    scale : bool
        Standardize all columns, see `own_data`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no table of numbers, or could be read in two ways; the message names the
        line, and says what to change.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "houses.csv"
    ...     size = file.write_text("area;price\n50,5;100\n70;150,25\n")
    ...     problem = read_csv(file)
    >>> problem.x, problem.y
    (((50.5,), (70.0,)), (100.0, 150.25))
    """
    try:
        file = Path(path)
    except TypeError:
        raise ValueError(f"path must be the path of a file, but is {quoted(path)}.") from None
    if file.is_dir():
        raise ValueError(f"{file.name or file} is a folder: give the path of a file.")
    raw = file.read_bytes()
    for mark, what in _OTHERS.items():
        if re.match(mark, raw, re.IGNORECASE):
            raise ValueError(f"{file.name} is {what}, not a table as text: {_UTF8}.")
    try:
        encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "utf-8")
        rows = _rows(raw.decode(encoding))
    except UnicodeDecodeError:
        rows = _without_names(raw, file.name)
    except ValueError as error:
        raise ValueError(f"{file.name}{error}") from None
    try:
        return own_data([row[:-1] for row in rows], [row[-1] for row in rows], scale=scale)
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None


def _without_names(raw: bytes, name: str) -> list[list[float]]:
    """The rows of a file that has letters of another encoding in its names and comments alone."""
    try:
        return _rows(raw.decode("ascii", errors="replace"))
    except ValueError:
        raise ValueError(f"{name} is not a text file in UTF-8: {_UTF8}.") from None


def _rows(text: str) -> list[list[float]]:
    """The rows of numbers of a text; messages begin with what follows the name of its file."""
    lines = _lines(text)
    said = _SAID.fullmatch(lines[0][1].strip(" ")) if lines else None
    lines = lines[1:] if said else lines
    if not lines:
        raise ValueError(" is empty.")
    if said:
        separator = said[1]
    else:
        bare = [re.sub(r'"[^"]*"', "", line).strip(" ") for _, line in lines[1:] or lines]
        marks = [mark for how in (all, any) for mark in _SEPARATORS if how(mark in b for b in bare)]
        separator = marks[0] if marks else " "
    rows = [row for line in lines if any((row := _cells(line, separator))[1])]
    names = rows.pop(0) if rows and _are_names(rows[0][1]) else None
    if len(rows) < 2:
        raise ValueError(f" has {many(len(rows), 'row')} of numbers; at least 2 are needed.")
    while all(len(cells) > 1 and not cells[-1] for _, cells in rows):  # separators at the end
        rows = [(i, cells[:-1]) for i, cells in rows]
    width = len(rows[0][1])
    if width < 2:
        raise ValueError(
            f", line {rows[0][0]}: at least two columns are needed, x and y, with semicolons, "
            "tabs, commas or spaces between them; a comment begins with #."
        )
    for i, cells in rows:
        if len(cells) != width:
            raise ValueError(
                f", line {i}: {many(len(cells), 'column')}, but the lines before have {width}. "
                f"Columns are separated by {_SEPARATORS.get(separator, repr(separator))} here."
            )
    if names is None and not rows[0][1][0] and rows[1][1][0]:
        raise _unnamed(rows[0][0])
    point = _point(rows)
    found = [[_number(i, k, cell, point) for k, cell in enumerate(row, 1)] for i, row in rows]
    if names is not None:
        _check_names(*names, width, separator)
    return found


# Lines and cells ---------------------------------------------------------------------------------


def _lines(text: str) -> list[Line]:
    """The lines that are neither blank nor comments, those of a quoted break as one."""
    found: list[Line] = []
    open_quote = False
    for i, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if "\0" in line:
            raise ValueError(f", line {i}: there is a NUL byte, so it is no text: {_UTF8}.")
        if open_quote:
            found[-1] = found[-1][0], f"{found[-1][1]} {line}"
        elif not line.strip() or line.lstrip().startswith("#"):
            continue
        else:
            found.append((i, line))
        open_quote ^= line.count('"') % 2 == 1
    if open_quote:
        raise ValueError(f", line {found[-1][0]}: a quotation mark is opened and not closed.")
    return found


def _cells(line: Line, separator: str) -> Row:
    i, text = line
    text = text.strip() if separator != "\t" else text.strip(" ")
    if spaces := separator == " ":
        text = re.sub(" +", " ", text)
    try:
        (cells,) = csv.reader([text], delimiter=separator, skipinitialspace=not spaces)
    except csv.Error as error:
        raise ValueError(f", line {i}: it cannot be split into columns ({error}).") from None
    return i, [cell.strip().replace("−", "-") for cell in cells]


def _are_names(cells: list[str]) -> bool:
    """Whether a first line names the columns: not if a cell is a number, or all stand for one."""
    if any(_NUMBER.fullmatch(cell) or _COMMA.fullmatch(cell) for cell in cells):
        return False
    return not all(cell in _MISSING or _NUMBERISH.match(cell) for cell in cells)


def _check_names(i: int, names: list[str], width: int, separator: str) -> None:
    """Raise a ValueError if a column has no name because it numbers the rows."""
    while len(names) > width and not names[-1]:
        names = names[:-1]
    if not names[0] or names[0].startswith("Unnamed:"):
        raise _unnamed(i)
    if len(names) < width or (len(names) > width and separator != " "):  # names may have spaces
        raise ValueError(
            f", line {i}: {many(len(names), 'name')}, but there are {many(width, 'column')}: name "
            "each of them; a comment begins with #."
        )


def _unnamed(line: int) -> ValueError:
    return ValueError(
        f", line {line}: the first column has no name, as where the numbers of rows are written: "
        "leave it out (in pandas by to_csv(..., index=False)), or name it."
    )


# Numbers -----------------------------------------------------------------------------------------


def _point(rows: list[Row]) -> str:
    """The decimal mark of a table, a point or a comma.

    Raises
    ------
    ValueError
        If commas may be either decimal commas or separators of thousands, or both marks are used.
    """
    commas = [(i, cell) for i, cells in rows for cell in cells if _COMMA.fullmatch(cell)]
    if not commas:
        return "."
    if all(_THOUSANDS.fullmatch(cell) for _, cell in commas):
        i, cell = commas[0]
        raise ValueError(
            f", line {i}: {cell!r} may have a decimal comma, or a separator of thousands: write it "
            "with a decimal point, or without the separator."
        )
    for i, cells in rows:
        for cell in cells:
            if "." in cell and _NUMBER.fullmatch(cell):
                raise ValueError(
                    f", line {i}: {cell!r} has a decimal point, but {commas[0][1]!r} in line "
                    f"{commas[0][0]} a decimal comma: write points everywhere."
                )
    return ","


def _number(line: int, column: int, cell: str, point: str) -> float:
    number = cell.replace(",", ".") if point == "," and _COMMA.fullmatch(cell) else cell
    if not number:
        raise ValueError(f", line {line}: the value in column {column} is missing.")
    if _NUMBER.fullmatch(number) and abs(float(number)) != float("inf"):
        return float(number)
    shown = repr(cell) if len(cell) <= 40 else f"{cell[:30]!r}… ({len(cell):,} characters)"
    hints = (hint for pattern, hint in _HINTS if re.fullmatch(pattern, cell, re.IGNORECASE))
    hint = "leave out the line" if cell in _MISSING else next(hints, "") if len(cell) <= 40 else ""
    raise ValueError(
        f", line {line}: {shown} is not a finite number" + (f": {hint}." if hint else ".")
    )
