"""The language of the reader: set once, asked by whatever puts a text on the screen."""

import contextlib
import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path

from ..plain import quoted
from .catalogue import Catalogue

__all__ = [
    "LANGUAGES",
    "checked_language",
    "language",
    "missing",
    "on_change",
    "paragraphs",
    "preferred",
    "set_language",
    "tr",
    "tr_html",
    "tr_markdown",
]

LANGUAGES = {"en": "English", "zh": "中文"}
"""Languages by their codes (ISO 639-1), as their speakers call them."""
_MARKUP = re.compile(r"(<(pre|code|style|script)\b.*?</\2>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_HEARD = re.compile(
    r"""((?:title|aria-label|alt|data-(?:back|present|copied|selected))=)(["'])(.*?)\2""", re.DOTALL
)
_CELL = re.compile(r"((?<!\\)\||\n)")
_FENCE = re.compile(r"(```.*?```|\n{2,})", re.DOTALL)

_changed: list[Callable[[], None]] = []
_catalogues: dict[str, Catalogue] = {}
_now = "en"


def set_language(language: str) -> None:
    """Set the language of labs, those on screen too, and of exercises and figures made from now on.

    Files, tokens, errors and what functions return stay English.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"zh"``; of a longer name, as a browser's ``"zh-CN"``, the first part counts.

    Raises
    ------
    ValueError
        If there is no such language.

    Examples
    --------
    >>> set_language("zh-CN")
    >>> tr("Run")
    '运行'
    >>> set_language("en")
    """
    global _now  # noqa: PLW0603  one reader, one language
    found = checked_language(language)
    if found != _now:
        _now = found
        for act in _changed:
            act()


def preferred(header: str) -> str:
    """The language that a browser prefers among those that there are.

    Parameters
    ----------
    header : str
        What it says: ``Accept-Language`` of HTTP (RFC 9110), e.g. ``"zh-CN,zh;q=0.9,en;q=0.8"``.

    Examples
    --------
    >>> preferred("zh-CN,zh;q=0.9,en;q=0.8"), preferred("de, en;q=0.7"), preferred("")
    ('zh', 'en', 'en')
    """
    wanted = []
    for place, one in enumerate(header.split(",")):
        name, _, quality = one.partition(";q=")
        with contextlib.suppress(ValueError):
            wanted.append((-float(quality or 1.0), place, _first(name.strip())))
    return next((name for _, _, name in sorted(wanted) if name in LANGUAGES), "en")


def _first(name: str) -> str:
    """The part of the name of a language that counts."""
    return re.split("[-_.]", name)[0].lower()


def on_change(act: Callable[[], None]) -> Callable[[], None]:
    """Call `act` whenever another language is set; a decorator."""
    _changed.append(act)
    return act


def checked_language(name: str) -> str:
    """The code of a language that there is; a ValueError if there is none of that name."""
    found = _first(name) if isinstance(name, str) else ""
    if found not in LANGUAGES:
        known = ", ".join(map(repr, LANGUAGES))
        raise ValueError(f"language must be one of {known}, but is {quoted(name)}.")
    return found


def language() -> str:
    """The code of the language that is set."""
    return _now


def missing() -> list[str]:
    """All texts that were shown in English for want of a translation, in the language set."""
    return sorted(_catalogue(_now).missing) if _now != "en" else []


def tr(text: str, to: str = "") -> str:
    """A text in the language of the reader, or in the one that is named."""
    return text if (to or _now) == "en" else _catalogue(to or _now)(text)


def _catalogue(name: str) -> Catalogue:
    """The catalogue of a language, read when it is first needed."""
    if name not in _catalogues:
        _catalogues[name] = Catalogue.read(Path(__file__).parent / name)
    return _catalogues[name]


def tr_html(markup: str) -> str:
    """Markup with the texts between its tags in the language of the reader, and those in titles.

    Code in ``pre`` and ``code`` stays as it is.
    """
    if _now == "en":
        return markup
    told, end = [], 0
    for tag in _MARKUP.finditer(markup):
        told += [_text(markup[end : tag.start()]), _HEARD.sub(_attribute, tag[0])]
        end = tag.end()
    return "".join([*told, _text(markup[end:])])


def _text(escaped: str) -> str:
    text = html.unescape(escaped)
    told = tr(text)
    return escaped if told == text else html.escape(told, quote=False)


def _attribute(found: re.Match[str]) -> str:
    name, quote, value = found.groups()
    text = html.unescape(value)
    told = tr(text)
    return found[0] if told == text else f"{name}{quote}{html.escape(told)}{quote}"


def tr_markdown(text: str, to: str = "") -> str:
    """Markdown in the language of the reader, or in the one that is named; code stays as it is.

    It is translated paragraph by paragraph, see `paragraphs`, and tables cell by cell.
    """
    if (to or _now) == "en":
        return text
    parts = _FENCE.split(text)
    return "".join(part if i % 2 else _paragraph(part, to) for i, part in enumerate(parts))


def _paragraph(text: str, to: str) -> str:
    """A paragraph, or a table cell by cell."""
    if not text.startswith("|") or _catalogue(to or _now).known(text):
        return tr(text, to)
    parts = _CELL.split(text)
    cells = (tr(part.replace("\\|", "|"), to).replace("|", "\\|") for part in parts[::2])
    return "".join(itertools.chain(*itertools.zip_longest(cells, parts[1::2], fillvalue="")))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of Markdown that `tr_markdown` translates, each by itself."""
    return [part.strip() for part in _FENCE.split(text)[::2] if part.strip()]
