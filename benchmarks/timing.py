"""Wall times, and how they are written down."""

import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec

JAX = find_spec("jax") is not None


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(values: list[float], digits: int = 1) -> str:
    """Median with the smallest and the largest."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"
