"""How far a sweep is: told to a caller, and drawn on a terminal."""

import dataclasses
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np

from ..optimizers import duration
from .cell import FAILED, Cell

__all__ = ["Bar", "Progress"]


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    done, failed, total : int
        Runs that have ended, those among them that raised an error, and all runs.
    seconds : float
        Time since the sweep was started.
    new : dict of int to Cell
        What was measured since the last call, by the number of the cell, the last axis fastest.
    """

    done: int
    failed: int
    total: int
    seconds: float
    new: Mapping[int, Cell]


class Bar:
    """A progress bar on the terminal, to be given as ``on_block``; silent where there is none."""

    def __init__(self) -> None:
        self._visible, self._first = sys.stderr.isatty(), -1

    def __call__(self, progress: Progress) -> None:
        """Draw it."""
        if not self._visible:
            return
        if self._first < 0:
            self._first = progress.done  # found in a file: they took no time
        made, left = progress.done - self._first, progress.total - progress.done
        rest = duration(progress.seconds / made * left) + " left" if made and left else ""
        share = progress.done / progress.total
        bar = "█" * round(30 * share)
        lost = f", {progress.failed:,} failed" if progress.failed else ""
        told = f"\r{bar:░<30} {share:4.0%}  {progress.done:,}/{progress.total:,} runs{lost}  {rest}"
        print(f"{told:<78}", end="\n" if not left else "", file=sys.stderr, flush=True)


class Teller:
    """Counts cells and calls back.

    Parameters
    ----------
    total : int
        All runs.
    on_block : callable, optional
        Called with a `Progress`; True as its answer means stop.
    """

    def __init__(self, total: int, on_block: Callable[[Progress], object] | None) -> None:
        self._total, self._on_block, self._began = total, on_block, time.monotonic()
        self._done = self._failed = 0

    def tell(self, new: Mapping[int, Cell]) -> bool:
        """Say what is new; whether the caller wants to stop."""
        self._done += len(new)
        self._failed += sum(cell.outcome == FAILED for cell in new.values())
        if self._on_block is None:
            return False
        seconds = time.monotonic() - self._began
        answer = self._on_block(Progress(self._done, self._failed, self._total, seconds, new))
        return isinstance(answer, (bool, np.bool_)) and bool(answer)
