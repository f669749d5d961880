"""The kind of processor: sums are rounded in another way where other instructions make them."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

__all__ = ["UNKNOWN", "processor", "processors"]

UNKNOWN = "unknown"
"""What a table says of a processor that nobody wrote down."""


def processor() -> str:
    """What torch and NumPy compute with in this process: their instructions, which decide digits.

    Examples
    --------
    >>> processor().startswith("torch ")
    True
    """
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    widest = [*simd.get("baseline", []), *simd.get("found", [])][-1:]
    return f"torch {torch.backends.cpu.get_cpu_capability()}, NumPy {' '.join(widest)}"


def processors(executor: Any) -> str:
    """The kinds where an executor trains; several if its machines are unlike, '' if it has none.

    Raises
    ------
    ConnectionError
        If it is on a scheduler that is gone.
    """
    if hasattr(executor, "scheduler_info"):
        try:
            return "; ".join(sorted({*executor.run(processor).values()}))
        except OSError as error:
            raise ConnectionError(f"The Dask scheduler is gone ({error}).") from error
    here = executor is None or isinstance(executor, (int, ProcessPoolExecutor, ThreadPoolExecutor))
    if here or not isinstance(executor, Executor):
        return processor()
    return executor.submit(processor).result()
