"""Languages: what is shown, in the language of the reader; English where a catalogue has no word.

The English text is the key, as in gettext, and stands where it is made: in tables, verdicts,
pictures, questions. It is translated where it leaves for the screen, and nowhere else: whoever
reads a verdict, a file or a token in code reads English, whatever the reader sees.
"""

from .catalogue import Catalogue, needs_words
from .shown import (
    LANGUAGES,
    checked_language,
    language,
    missing,
    on_change,
    paragraphs,
    preferred,
    set_language,
    tr,
    tr_html,
    tr_markdown,
)

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "checked_language",
    "language",
    "missing",
    "needs_words",
    "on_change",
    "paragraphs",
    "preferred",
    "set_language",
    "tr",
    "tr_html",
    "tr_markdown",
]
