"""Code of a student under limits: of time, and of what it prints.

The code lives in the ``__main__`` of a notebook. No other process can import it from there, its
text would miss what it uses, and a pickle would be a stranger's. So it runs in a copy of this
process (a fork), which has all that it needs, can be ended whatever it does, and leaves the
notebook as it was; only text comes back. Where there is no fork (Windows), where it is not safe
(macOS, whose libraries may fail in a fork) or where no process may be started, it runs here, and
another thread raises `Stopped` in it when its time is over. That ends all Python code, but not a
single long call into C.
"""

import contextlib
import ctypes
import dataclasses
import io
import json
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

__all__ = ["CHARACTERS", "HERE", "SECONDS", "Ended", "limited", "raised"]

SECONDS, CHARACTERS = 5.0, 2_000
"""What code of a student has: seconds, and characters that it may print."""
HERE = (
    "(No other process could be started, so it ran in this kernel; a single long call into "
    "compiled code cannot be ended here.)"
)
_OURS = Path(__file__).parents[1]
_MOST = 2**20
"""Bytes of an outcome."""


class Stopped(BaseException):
    """Raised in code whose time is over; no ``except Exception`` keeps it."""


class _Full(BaseException):
    """Raised in code that has printed too much."""


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a piece of code came to its end.

    Attributes
    ----------
    value
        What it returned, as JSON keeps it.
    fault : str
        Why it returned nothing, as what follows "your function"; empty if all went well.
    printed : str
        What it printed.
    note : str
        That it ran in this kernel, if it did.
    """

    value: Any = None
    fault: str = ""
    printed: str = ""
    note: str = ""


class _Paper(io.StringIO):
    """A text of limited length."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def write(self, text: str) -> int:
        """Add to the text, or raise `_Full`."""
        self._left -= len(text)
        if self._left < 0:
            raise _Full
        return super().write(text)


def raised(error: BaseException) -> str:
    """What was raised, and where, as what follows "your function"."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if _OURS not in Path(f.filename).parents and f.line]
    try:
        told = str(error)
    except Exception:  # noqa: BLE001  a stranger's exception
        told = ""
    where = f" It was in line {theirs[-1].lineno}: `{theirs[-1].line}`." if theirs else ""
    return f"raised {type(error).__name__}{f': {told}' if told else ''}.{where}"


def limited(task: Callable[[], Any], seconds: float = SECONDS, printed: int = CHARACTERS) -> Ended:
    """Run code of a student, and say how it ended; it never takes much longer than `seconds`.

    Parameters
    ----------
    task : callable
        Calls that code; returns what JSON can hold.
    seconds : float
        When it is ended.
    printed : int
        How many characters it may print.
    """
    if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin":
        # Daemons of multiprocessing have no children, and a machine may have no room for one.
        with contextlib.suppress(OSError, AssertionError, ImportError):
            return _apart(task, seconds, printed)
    return _here(task, seconds, printed)


def _apart(task: Callable[[], Any], seconds: float, printed: int) -> Ended:
    """Run it in a copy of this process."""
    fork = multiprocessing.get_context("fork")
    near, far = fork.Pipe(duplex=False)
    child = fork.Process(target=_child, args=(task, printed, far), daemon=True)
    try:
        with warnings.catch_warnings(action="ignore"):  # that a process with threads is copied
            child.start()
        far.close()
        if not near.poll(seconds):
            return Ended(fault=_late(seconds))
        return Ended(**json.loads(near.recv_bytes(_MOST)))
    except EOFError:
        child.join()
        return Ended(fault=f"ended its process ({_how(child.exitcode or 0)}).")
    finally:
        near.close()
        far.close()
        if child.pid is not None:
            child.kill()
            child.join()


def _child(task: Callable[[], Any], printed: int, pipe: Any) -> None:
    torch.set_num_threads(1)  # the threads of the parent are not here
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what is printed by compiled code
        os.dup2(nowhere, stream)
    try:
        ended = _outcome(task, printed)
    except KeyboardInterrupt as error:
        ended = Ended(fault=raised(error))
    try:
        pipe.send_bytes(json.dumps(dataclasses.asdict(ended)).encode())
    finally:
        os._exit(0)  # without what the notebook does at its end


def _here(task: Callable[[], Any], seconds: float, printed: int) -> Ended:
    """Run it in this thread, while another one looks at the clock."""
    me, over = ctypes.c_ulong(threading.get_ident()), threading.Event()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            throw(me, ctypes.py_object(Stopped))
            wait = 0.1  # once more, for code that catches everything

    watcher = threading.Thread(target=watch, daemon=True)
    ended, began = Ended(fault=_late(seconds)), False
    while True:  # what is thrown may arrive late, anywhere below
        try:
            if not began:
                began = True
                with contextlib.suppress(RuntimeError):  # not even a thread: without the clock
                    watcher.start()
                ended = _outcome(task, printed)
            over.set()
            if watcher.ident is not None:
                watcher.join()  # it throws no more
            for _ in range(2):  # what it has thrown arrives here; to take it back would leave
                pass  # Python 3.11 looking for it for ever, and without end where it is traced
            break
        except Stopped:
            continue
    return dataclasses.replace(ended, note=HERE)


def _outcome(task: Callable[[], Any], printed: int) -> Ended:
    paper = _Paper(printed)
    try:
        with contextlib.redirect_stdout(paper), contextlib.redirect_stderr(paper):
            value = task()
    except _Full:
        fault = f"printed more than {printed:,} characters."
        return Ended(fault=fault, printed=paper.getvalue())
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code
        return Ended(fault=raised(error), printed=paper.getvalue())
    return Ended(value, printed=paper.getvalue())


def _late(seconds: float) -> str:
    return f"did not come to its end within {seconds:g} seconds."


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
