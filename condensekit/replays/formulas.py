"""Formulas: LaTeX in a text becomes MathML, which browsers set without a script."""

import html
import re

from latex2mathml import exceptions
from latex2mathml.converter import convert

__all__ = ["with_mathml"]

_FORMULA = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\$(.+?)\$|\\\((.+?)\\\)", re.DOTALL)
_BLOCKS = 2
"""The first alternatives stand on a line of their own."""
_UNREADABLE = tuple(
    one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception)
)


def with_mathml(text: str) -> str:
    r"""A text of HTML whose formulas, in $, $$, \( or \[, are MathML.

    Raises
    ------
    ValueError
        If a formula cannot be read.
    """
    return _FORMULA.sub(_set, text)


def _set(found: re.Match[str]) -> str:
    assert found.lastindex is not None
    latex = html.unescape(found[found.lastindex]).replace(
        "{aligned}", "{split}"
    )  # one and the same
    try:
        return convert(latex, display="block" if found.lastindex <= _BLOCKS else "inline")
    except _UNREADABLE as error:
        raise ValueError(f"This formula cannot be read: {found[0]}") from error
