"""Player: runs a piece of work beside the notebook, draws it live, and obeys at once.

Callbacks of widgets may come from any thread and only set flags here. While a job runs, its own
thread alone draws. It draws no faster than the browser answers: every frame carries a number that
the browser echoes, and the next frame waits for the echo, so that Stop is never stuck behind
pictures that nobody has seen yet. The work itself does not wait.
"""

import atexit
import contextlib
import contextvars
import enum
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

__all__ = ["Player", "State"]

PATIENCE = 0.05  # seconds that an act waits for another one, before it ends what that one does
PATIENCE_AT_END = 60.0  # seconds that Python waits for a piece of work when it ends


class State(enum.StrEnum):
    """What a player is doing."""

    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"


class Player:
    """Works through a generator in a thread of its own.

    Parameters
    ----------
    ready : callable
        Says whether somebody can see another frame now.
    changed : callable
        Called after each change of state.
    failed : callable
        Called with the exception if the work raises one, or an act is interrupted.
    lock : context manager, optional
        Held while an end is shown and told.
    """

    def __init__(
        self,
        ready: Callable[[], bool],
        changed: Callable[[], None],
        failed: Callable[[BaseException], None],
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._ready, self._changed, self._failed = ready, changed, failed
        self._lock = lock or contextlib.nullcontext()
        self.state, self.holding = State.IDLE, False
        self._thread: threading.Thread | None = None
        self._acting, self._closed = threading.RLock(), False
        self._stop, self._go = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """For what begins or ends a work: one act at a time, of whatever thread.

        What another thread works off in its own act is ended; so nobody waits for it.

        Raises
        ------
        ValueError
            If the player is closed.
        """
        held = False
        try:
            while not (held := self._acting.acquire(timeout=PATIENCE)):
                self.halt()
            if self._closed:
                raise ValueError("This lab is closed; make another one.")
            yield
        except KeyboardInterrupt as error:  # of a cell, somewhere in an act
            if self._thread is None or not self._thread.is_alive():  # else that one tells its end
                self.state = State.IDLE
                with self._lock:
                    self._failed(error)
            self._changed()
            raise
        finally:
            if held:
                self._acting.release()

    def close(self) -> None:
        """End what is going on; there is no more work from now on."""
        with contextlib.suppress(ValueError), self.alone():
            self.stop()
            self._closed = True

    def start(
        self,
        work: Iterator[object],
        draw: Callable[[], None],
        finish: Callable[[bool], None],
        live: bool = True,
    ) -> None:
        """Stop what is going on, then work through `work`.

        Parameters
        ----------
        work : iterator
            Each item is a short piece of work (20 ms) that is done when the item arrives.
        draw : callable
            Draws where the work is; called when the browser is ready.
        finish : callable
            Called at the end with True if the work was stopped.
        live : bool
            With False, work in the calling thread and draw nothing on the way. So it is, too, where
            no thread can be started (in a container at its limit, or in a browser), but drawn.
        """
        with self.alone():
            self.stop()
            self._stop.clear()
            self._go.set()
            if live and self._started(work, draw, finish):
                return
            self._loop(work, draw if live else lambda: None, finish)

    def _started(
        self, work: Iterator[object], draw: Callable[[], None], finish: Callable[[bool], None]
    ) -> bool:
        """Start a thread that works; False if there can be none."""
        thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._loop, work, draw, finish),
            daemon=True,
        )
        before, self.state = self.state, State.WORKING
        try:
            thread.start()
        except RuntimeError:
            self.state = before
            return False
        self._thread = thread  # now that it can be joined
        _STARTED.add(self)
        return True

    def _loop(
        self, work: Iterator[object], draw: Callable[[], None], finish: Callable[[bool], None]
    ) -> None:
        try:
            self._set(State.WORKING)
            for _ in work:
                if self._stop.is_set():
                    break
                if not self._go.is_set():
                    self.holding = True
                    draw()  # all of this moment, before it is said that it holds
                    self._set(State.PAUSED)
                    self._go.wait()
                    self.holding = False
                    self._set(State.WORKING)
                elif self._ready():
                    draw()
                if self._stop.is_set():
                    break
            with self._lock:
                finish(self._stop.is_set())
        except KeyboardInterrupt:  # of a cell that works in its own thread; what was done is kept
            with self._lock:
                finish(True)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            with self._lock:
                self._failed(error)
        finally:
            self._set(State.IDLE)

    def _set(self, state: State) -> None:
        self.state = state
        self._changed()

    def sleep(self, seconds: float) -> None:
        """For work that is paced by time: wait, but not longer than until Stop."""
        self._stop.wait(seconds)

    def pause(self) -> None:
        """Hold after the current piece of work."""
        self._go.clear()

    def resume(self) -> None:
        """Go on."""
        self._go.set()

    @property
    def ending(self) -> bool:
        """Whether the work was told to end."""
        return self._stop.is_set()

    def halt(self) -> None:
        """End after the current piece of work; do not wait for that."""
        self._stop.set()
        self._go.set()

    def stop(self, timeout: float = 60.0) -> None:
        """End after the current piece of work, and wait until it has ended."""
        self.halt()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
            if thread.is_alive():
                raise RuntimeError(f"The work did not stop within {timeout:g} seconds.")

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the work has ended; say whether it has."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.state is State.IDLE


_STARTED: weakref.WeakSet[Player] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """End what still works when Python ends: a thread inside of torch would abort the process."""
    started = [*_STARTED]
    for player in started:
        player.halt()
    for player in started:
        player.join(PATIENCE_AT_END)
