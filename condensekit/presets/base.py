"""Preset: a moment of a lecture, and what to ask before it is run."""

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Preset"]


@dataclasses.dataclass(frozen=True)
class Preset:
    """A lab as it stands when a question is asked.

    Attributes
    ----------
    lab : str
        The name of the lab, e.g. ``"RecoveryLab"``.
    name : str
        What it is chosen by.
    ask : str
        The question; it tells no answer.
    source : str
        Slide of the talk, or paper.
    knobs : dict
        Settings turned by name, as when the lab is made.
    token : str
        What `lab.state` gave, in place of knobs: of a lecturer's own.
    """

    lab: str
    name: str
    ask: str = ""
    source: str = ""
    knobs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    token: str = ""

    def __str__(self) -> str:
        """The question, and where it comes from."""
        source = f" ({self.source})" if self.source else ""
        return f"{self.ask or self.name}{source}"
