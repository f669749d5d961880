"""One thread for small work: shared among several, it waits for the last of them.

A product of matrices ends when its last thread has been given time. Alone on two cores, two threads
save a few percent of a step of a network of 500 neurons; beside a process that never waits, as a
browser that draws, they take three times as long, and beside two six times, once more than twenty
(`benchmarks/threads.py`). And sums that are split among threads are rounded in another way, so that
a number would depend on how many cores a processor has.
"""

import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch

__all__ = ["single_blas", "single_thread"]


class _Visit:
    """A block that runs now; interrupted wherever, it is gone with its frame."""


_inside: "weakref.WeakSet[_Visit]" = weakref.WeakSet()
_taken: dict[Any, int] = {}
"""The libraries of BLAS, which are of the whole process, with the last number of threads above one.

Nothing is forgotten: who forgot might do it while another block takes them. So a caller who sets
one thread between two blocks has the former number again after the second."""


@contextmanager
def single_blas() -> Iterator[None]:
    """One thread for the BLAS of NumPy, and any other that was loaded at the first time.

    For a block, or a function. Of blocks at once, in one thread or in several, the last that ends
    gives back what was taken.
    """
    visit = _Visit()
    try:
        _inside.add(visit)
        for library in _libraries():
            if (found := library.num_threads) > 1:
                _taken[library] = found
                library.set_num_threads(1)
        yield
    finally:
        _inside.discard(visit)
        _settle()


def _settle() -> None:
    """Set the threads that are right for who is inside, until nobody has come or gone meanwhile.

    Without a lock, which an interrupt might leave locked: who sets a number looks afterwards, so
    that the last one that was set is right.
    """
    free = None
    while free is not (nobody := not _inside):
        free = nobody
        for library, found in [*_taken.items()]:
            library.set_num_threads(found if free else 1)


@contextmanager
def single_thread() -> Iterator[None]:
    """One thread for torch, too."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        with single_blas():
            yield
    finally:
        torch.set_num_threads(before)


@cache
def _libraries() -> list[Any]:
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  looks at all that is loaded

    with warnings.catch_warnings():  # of what else is loaded, which is the reader's own matter
        warnings.simplefilter("ignore", RuntimeWarning)
        return list(ThreadpoolController().select(user_api="blas").lib_controllers)
