"""Where blocks are trained: here, in any executor of `concurrent.futures`, or on a Dask cluster.

Each way is a generator of (number of the block, its cells), in the order in which blocks end;
closing it calls off what has not begun.
"""

import os
import uuid
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from typing import Any

from ..experiments import Experiment
from .cell import Cell, failed
from .extra import need
from .train import RunMeasure, in_worker, train_block

__all__ = ["connect", "execute"]

Blocks = Mapping[int, Sequence[Experiment]]
Done = Generator[tuple[int, list[Cell]]]

LOST = "The process that trained it ended abruptly, even with no other run beside it."


def execute(blocks: Blocks, measures: Mapping[str, RunMeasure], executor: Any) -> Done:
    """Train the blocks.

    Raises
    ------
    ValueError
        If `executor` is neither None, nor an executor, nor a Dask client that is connected.
    """
    if executor is None:
        return _here(blocks, measures)
    if isinstance(executor, Executor):
        return _in_futures(blocks, measures, executor)
    if not (hasattr(executor, "scheduler_info") and hasattr(executor, "submit")):
        raise ValueError(
            "executor must be None, an executor of concurrent.futures or a Dask client, "
            f"but is {executor!r}."
        )
    if executor.status != "running":
        raise ValueError(f"The Dask client is not connected to a scheduler: it is {executor!r}.")
    return _on_dask(blocks, measures, executor)


def connect(address: str, timeout: float = 5.0) -> Any:
    """A client of the Dask scheduler at `address`, e.g. ``"tcp://10.0.0.1:8786"``.

    Raises
    ------
    ValueError
        If no scheduler answers within `timeout` seconds.
    """
    need("distributed", "to use a Dask scheduler")
    import distributed  # noqa: PLC0415  needs the extra

    try:
        return distributed.Client(address, timeout=timeout)
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"No Dask scheduler answers at {address} within {timeout:g} seconds ({error}). "
            "Start one there with `dask scheduler`, and workers with `dask worker`."
        ) from error


def _here(blocks: Blocks, measures: Mapping[str, RunMeasure]) -> Done:
    for number, experiments in blocks.items():
        yield number, train_block(experiments, measures)


def _in_futures(blocks: Blocks, measures: Mapping[str, RunMeasure], executor: Executor) -> Done:
    """A few blocks more than workers are under way.

    A process that is killed breaks its whole pool. All blocks that were under way are then
    suspects: in a new pool they are tried again one by one, and one that breaks its pool alone is
    given up.
    """
    waiting, suspects = deque(blocks), deque[int]()
    running: dict[Future[list[Cell]], int] = {}
    pool, most = executor, 2 * _workers(executor)
    try:
        while waiting or suspects or running:
            alone = not waiting and not running
            broken: list[int] = []
            while (waiting and len(running) < most) or (suspects and not waiting and not running):
                number = (waiting or suspects).popleft()
                try:
                    running[pool.submit(in_worker, blocks[number], measures)] = number
                except BrokenExecutor:
                    broken.append(number)
                    break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number = running.pop(future)
                try:
                    yield number, _result(future, blocks[number])
                except BrokenExecutor:
                    broken.append(number)
            if broken:
                new = _another(pool)
                _close(pool, executor)
                pool = new
                broken += running.values()
                running.clear()
                if alone and len(broken) == 1:
                    yield broken[0], [failed(LOST) for _ in blocks[broken[0]]]
                else:
                    suspects.extend(broken)
    finally:
        for future in running:
            future.cancel()
        _close(pool, executor)


def _on_dask(blocks: Blocks, measures: Mapping[str, RunMeasure], client: Any) -> Done:
    """All blocks are handed over; the scheduler sends those of a lost worker to another one."""
    import distributed  # noqa: PLC0415  needs the extra

    token = uuid.uuid4().hex
    futures = {
        client.submit(
            in_worker, experiments, dict(measures), key=f"condensekit-{number}-{token}", pure=False
        ): number
        for number, experiments in blocks.items()
    }
    try:
        for future in distributed.as_completed(futures):
            number = futures.pop(future)
            yield number, _result(future, blocks[number])
    finally:
        if futures and client.status == "running":
            client.cancel([*futures])


def _result(future: Any, experiments: Sequence[Experiment]) -> list[Cell]:
    """The cells of a block; failed ones if it could not be sent, trained or sent back."""
    try:
        cells: list[Cell] = future.result()
    except BrokenExecutor:
        raise
    except CancelledError as error:
        raise ConnectionError("The executor, or its scheduler, has called the work off.") from error
    except Exception as error:  # noqa: BLE001  recorded with its reason
        return [failed(f"{type(error).__name__}: {error}") for _ in experiments]
    return cells


def _workers(executor: Executor) -> int:
    return getattr(executor, "_max_workers", None) or os.cpu_count() or 1


def _another(pool: Executor) -> Executor:
    """A new pool of processes like one that broke."""
    if not isinstance(pool, ProcessPoolExecutor):
        raise BrokenExecutor(f"The executor broke, and there is no way to renew it: {pool!r}.")
    context, initializer = (getattr(pool, name, None) for name in ("_mp_context", "_initializer"))
    initargs = getattr(pool, "_initargs", ())
    return ProcessPoolExecutor(_workers(pool), context, initializer, initargs)


def _close(pool: Executor, given: Executor) -> None:
    if pool is not given:  # that one belongs to the caller
        pool.shutdown(wait=False, cancel_futures=True)
