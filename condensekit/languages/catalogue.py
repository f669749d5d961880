"""A catalogue: from English sentences, with places for what was computed, to another language."""

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["Catalogue", "needs_words"]

_PLACE = re.compile(r"\{(\d)\}")
_BREAK = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…]\))\s+|\n+| · |\s*\u2002\s*")
"""Where one sentence ends and another begins, or a caption goes on."""
_ANYTHING = r"(?:(?![.!?…]\s+[A-Z✔✘○◐⚠]|\n[-|] ?).)+?"
"""What may stand in a place: no end of one sentence before another, no new item of a list."""
_WORD = re.compile(r"[A-Za-z]{3,}")
_MOST = 10_000
"""No more unknown texts than these are remembered."""
_NAMES = re.compile(
    r"`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|https?://\S+|\b(?:arXiv[:\w./]*|[A-Z]\w*[A-Z_]\w*|tanh|sigmoid|"
    r"softplus|softmax|relu|cubic|Adam|PyTorch|SymPy|NumPy|torch|nan|inf|cos|sin|exp|log|mod|LeCun|"
    r"Xavier)\b"
)
"""What is the same in every language: code, formulas, and names."""


def needs_words(text: str) -> bool:
    """Whether a text has a word that another language would say in another way.

    Examples
    --------
    >>> needs_words("t = 3.1·10⁶"), needs_words("tanh"), needs_words("3 neurons")
    (False, False, True)
    """
    return bool(_WORD.search(_NAMES.sub(" ", text)))


class Catalogue:
    """English sentences and what they are in another language.

    Parameters
    ----------
    entries : iterable of (str, str)
        A sentence, or a pattern with places ``{0}`` to ``{9}``, and its translation with the same
        places in any order. What stands in a place is translated in its turn.

    Examples
    --------
    >>> chinese = Catalogue([("{0} of {1} runs", "{1} 次训练中的 {0} 次"), ("none", "零")])
    >>> chinese("3 of 10 runs"), chinese("none of 10 runs"), chinese("unknown words")
    ('10 次训练中的 3 次', '10 次训练中的 零 次', 'unknown words')
    """

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, str] = {}
        patterns = []
        for english, told in entries:
            if _PLACE.search(english):
                patterns.append(_Pattern(english, told))
            else:
                self._exact[english] = told
        # The pattern that says the most by itself is the one that was meant.
        self._patterns = sorted(patterns, key=lambda one: -one.length)
        self.missing: set[str] = set()
        self._sentence = functools.lru_cache(maxsize=8192)(self._found)

    @classmethod
    def read(cls, folder: Path) -> "Catalogue":
        """The catalogue of all ``.po`` files of a folder."""
        return cls(entry for path in sorted(folder.glob("*.po")) for entry in _entries(path))

    def __call__(self, text: str) -> str:
        """Translate a text of some sentences; what is not known stays, and is `missing`."""
        inside = text.strip()
        told = self._exact.get(inside)
        if told is None and needs_words(inside):
            told = self._sentence(inside) or self._pieces(inside)
        if told is None:
            return text
        start = len(text) - len(text.lstrip())
        return text[:start] + told + text[start + len(inside) :]

    def known(self, text: str) -> bool:
        """Whether there is a translation of this very text, or of a pattern that it follows."""
        return self._sentence(text.strip()) is not None

    def _found(self, text: str) -> str | None:
        if text in self._exact:
            return self._exact[text]
        for pattern in self._patterns:
            if (places := pattern.match(text)) is not None:
                return pattern.told(self(place) for place in places)
        return None

    def _pieces(self, text: str) -> str:
        """Sentence after sentence: as many together as one pattern knows."""
        breaks = [(m.start(), m.end()) for m in _BREAK.finditer(text)]
        ends = [*breaks, (len(text), len(text))]
        for stop, after in reversed(ends[:-1]):
            if (told := self._known_or_same(text[:stop])) is not None:
                return told + _gap(told, text[stop:after]) + self(text[after:])
        if len(ends) > 1:  # the first sentence is not known
            stop, after = ends[0]
            self._miss(text[:stop])
            return text[:after] + self(text[after:])
        self._miss(text)
        return text

    def _miss(self, text: str) -> None:
        if len(self.missing) < _MOST:
            self.missing.add(text)

    def _known_or_same(self, text: str) -> str | None:
        return self._sentence(text) if needs_words(text) else text


def _gap(before: str, gap: str) -> str:
    """What stands between two sentences: nothing behind a full stop that has its own room."""
    return "" if gap.isspace() and "\n" not in gap and before[-1:] in "。：；！？…" else gap


class _Pattern:
    """An English sentence with places, and its translation."""

    def __init__(self, english: str, told: str) -> None:
        # split: literal, number, literal, number, ..., literal
        parts = _PLACE.split(english)
        self._literals, numbers = parts[::2], parts[1::2]
        self.length = sum(map(len, self._literals))
        self._chunk = max(self._literals, key=len)
        self._translation = _PLACE.split(told)
        seen: set[str] = set()
        regex = [re.escape(parts[0])]
        for number, literal in zip(numbers, self._literals[1:], strict=True):
            regex.append(f"(?P=p{number})" if number in seen else f"(?P<p{number}>{_ANYTHING})")
            seen.add(number)
            regex.append(re.escape(literal))
        self._order = [*dict.fromkeys(numbers)]
        unknown = {*self._translation[1::2]} - seen
        if unknown:
            raise ValueError(f"The translation of {english!r} has a place {{{min(unknown)}}} more.")
        self._regex = re.compile("".join(regex), re.DOTALL)

    def match(self, text: str) -> list[str] | None:
        """What stands in the places, in the order in which they stand; None if it does not fit."""
        if self._chunk not in text:
            return None
        found = self._regex.fullmatch(text)
        return None if found is None else [found[f"p{number}"] for number in self._order]

    def told(self, places: Iterable[str]) -> str:
        """The translation, with what stands in its places."""
        values = dict(zip(self._order, places, strict=True))
        parts = self._translation
        return "".join(values[part] if i % 2 else part for i, part in enumerate(parts))


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    from babel.messages.pofile import read_po  # noqa: PLC0415  only for whoever reads another language

    with path.open("rb") as file:
        for message in read_po(file):
            if message.id and message.string and not message.fuzzy:
                yield str(message.id), str(message.string)
