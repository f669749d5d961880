"""One thread for small work: shared among several, it waits for the last of them.

A product of matrices ends when its last thread has been given time. Beside a browser that draws,
small ones take many times as long in two threads as in one. And sums that are split among threads
are rounded in another way, so that a run would depend on how many cores a processor has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch

__all__ = ["single_thread"]


@contextmanager
def single_thread() -> Iterator[None]:
    """One thread for torch and for the BLAS of NumPy; for a block, or a function.

    The threads of torch are a matter of the calling thread, those of BLAS of the whole process.
    Whoever finds them taken leaves that to the one who took them: of two blocks at once in two
    threads, the one that ends last may end with all threads, but none are lost.
    """
    before = torch.get_num_threads()
    taken = [(library, found) for library in _blas() if (found := library.num_threads) > 1]
    try:
        torch.set_num_threads(1)
        for library, _ in taken:
            library.set_num_threads(1)
        yield
    finally:
        for library, found in taken:
            library.set_num_threads(found)
        torch.set_num_threads(before)


@cache
def _blas() -> list[Any]:
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  looks at all loaded libraries

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
