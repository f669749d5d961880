"""Wait for what another thread or process does: it must happen in time."""

import multiprocessing
import time

from condensekit.subjects import State


def until(condition, what, seconds=30.0):
    """Wait until `condition()` holds, and fail with `what` where it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {seconds:g} s"
        time.sleep(0.005)


def paused(lab, seconds=30.0):
    """Wait until the training or replay of a lab holds, and its buttons say so.

    The thread that works sets its state first and the buttons next, and nobody waits between.
    """
    until(
        lambda: lab.player.state is State.PAUSED and lab.pause_button.description == "Go on",
        "pause",
        seconds,
    )


def side_by_side(act, *arguments):
    """An act in a forked process for each of these arguments, all at once, each to a good end."""
    fork = multiprocessing.get_context("fork")
    every = [fork.Process(target=act, args=args) for args in arguments]
    for process in every:
        process.start()
    for process in every:
        process.join(60)
        assert process.exitcode == 0
