"""Ctrl+C at a chosen moment: before a line of the package that is about to be executed."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import condensekit

PACKAGE = str(Path(condensekit.__file__).parent)


class Interrupted:
    """What came of an act that Ctrl+C met before its line number `at`; 0 is never.

    Attributes
    ----------
    lines : int
        Lines of the package that were executed up to the interrupt, or to the end.
    escaped : bool
        Whether the act has raised KeyboardInterrupt.
    found : object
        What it has returned, if it has.
    """

    def __init__(self, act: Callable[[], object], at: int = 0) -> None:
        self.lines, self.escaped, self.found, self._at = 0, False, None, at
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            self.found = act()
        except KeyboardInterrupt:
            self.escaped = True
        finally:
            sys.settrace(before)

    def _entered(self, frame, event, argument):
        return self._line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def _line(self, frame, event, argument):
        if event == "line":
            self.lines += 1
            if self.lines == self._at:
                self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                signal.raise_signal(signal.SIGINT)
        return self._line


def moments(lines: int, count: int) -> Iterator[int]:
    """About `count` lines out of so many: the first and the last, and others evenly among them."""
    ends = count // 4
    spread = {round(k * lines / count) for k in range(1, count + 1)}
    return iter(sorted({*range(1, ends), *range(lines - ends, lines + 1), *spread} - {0}))
