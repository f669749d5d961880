"""The instructor's guide, step by step, as notes for the notebooks that it names."""

import dataclasses
import functools
import re

from ..files import shipped
from ..words import many

__all__ = ["Step", "steps"]


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a lecture.

    Attributes
    ----------
    title : str
        Its heading.
    text : str
        What the guide says of it: what to open, to ask and to expect.
    minutes : tuple of (str, int)
        How long it takes, for each path that it is on.
    """

    title: str
    text: str
    minutes: tuple[tuple[str, int], ...]

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The notebooks that it opens, by name."""
        return tuple(dict.fromkeys(re.findall(r"notebooks/([\w-]+)\.ipynb", self.text)))

    @property
    def calls(self) -> tuple[str, ...]:
        """The labs and exercises that it opens, by name."""
        return tuple(dict.fromkeys(re.findall(r"\b(\w+Lab|(?<=exercises\.)\w+)\b", self.text)))

    def __str__(self) -> str:
        """A note in Markdown, for a folder that holds the notebooks."""
        told = "; ".join(f"{many(length, 'minute')} ({path})" for path, length in self.minutes)
        text = self.text.replace("../notebooks/", "")
        return f"**From the guide: {self.title}**, {told}.\n\n{text}"


@functools.cache
def steps() -> tuple[Step, ...]:
    """All steps of the guide, in its order."""
    text = shipped("docs/guide.md").read_text(encoding="utf-8")
    paths, told = re.split(r"^## The steps$", text, maxsplit=1, flags=re.MULTILINE)
    lengths: dict[str, dict[str, int]] = {}
    path = ""
    for line in paths.splitlines():
        if heading := re.match(r"##+ (.*)", line):
            path = heading[1]
        elif row := re.match(r"\| \d+ \| (\d+) \| \[(.+)\]\(#.+\) \|", line):
            of = lengths.setdefault(row[2], {})
            of[path] = of.get(path, 0) + int(row[1])
    parts = re.split(r"^### (.*)$", told, flags=re.MULTILINE)[1:]
    return tuple(
        Step(title, part.strip(), tuple(lengths.get(title, {}).items()))
        for title, part in zip(parts[::2], parts[1::2], strict=True)
    )
