"""Times, and how they are written down."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

JAX = find_spec("jax") is not None


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, in all threads of this process: other work counts for nothing."""
    start = time.process_time()
    work()
    return time.process_time() - start


def spread(values: list[float], digits: int = 1) -> str:
    """Median with the smallest and the largest."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


@contextmanager
def one_core() -> Iterator[None]:
    """One core for this process, and for the threads that JAX starts in it, whatever it was told.

    To be entered before JAX is loaded: its threads keep the cores they were born with.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
