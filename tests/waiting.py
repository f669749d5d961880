"""Wait for what another thread or process does: it must happen in time."""

import time


def until(condition, what, seconds=30.0):
    """Wait until `condition()` holds, and fail with `what` where it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {seconds:g} s"
        time.sleep(0.005)
