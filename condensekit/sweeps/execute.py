"""Where blocks are trained: here, in processes of this machine, in any executor, or on a cluster.

Each way is a generator of (number of the block, its cells), in the order in which blocks end;
closing it calls off what has not begun. Processes are Dask's, here and on a cluster: it takes up
again what a process that was killed had to do.
"""

import logging
import os
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import Any

from ..doors import public
from ..experiments import Experiment
from ..extras import need
from ..knobs import Knob
from ..plain import quoted
from .cell import Cell, failed
from .parcel import in_worker, parcel
from .train import RunMeasure, train_block

__all__ = ["connect", "stays_here", "way"]

Blocks = Mapping[int, Sequence[Experiment]]
Done = Generator[tuple[int, list[Cell]]]
Way = Callable[[Blocks, Mapping[str, RunMeasure]], Done]

LOST = "The process that trained it ended abruptly, even with no other run beside it."
TIMEOUT = Knob("timeout", 5.0, 1e-3, 1e6)
PROCESSES = Knob("processes", 1, 1, 1_000)


def way(executor: Any) -> Way:
    """How an executor trains blocks.

    Raises
    ------
    ValueError
        If `executor` is neither None, nor a number of processes, nor an executor, nor a Dask client
        that is connected.
    """
    if executor is None:
        return _here
    if isinstance(executor, int):
        return partial(_in_processes, int(PROCESSES.check(executor)))
    if isinstance(executor, Executor):
        return partial(_in_futures, executor)
    if not (hasattr(executor, "scheduler_info") and hasattr(executor, "submit")):
        raise ValueError(
            "executor must be None, a number of processes, an executor of concurrent.futures or a "
            f"Dask client, but is {quoted(executor)}."
        )
    if executor.status != "running":
        raise ValueError(f"The Dask client is not connected to a scheduler: it is {executor!r}.")
    return partial(_on_dask, executor)


def stays_here(executor: Any) -> bool:
    """Whether an executor trains in this process, so that nothing is sent anywhere."""
    return executor is None or isinstance(executor, ThreadPoolExecutor)


@public(but=["address", "timeout"])
def connect(address: str, timeout: float = 5.0) -> Any:
    """A client of the Dask scheduler at `address`, e.g. ``"tcp://10.0.0.1:8786"``.

    Raises
    ------
    ValueError
        If that is no address, or no scheduler answers within `timeout` seconds.
    """
    if not isinstance(address, str) or not address.strip():
        raise ValueError(f"address must be a text such as 'tcp://10.0.0.1:8786', not {address!r}.")
    timeout = float(TIMEOUT.check(timeout))
    need("distributed", "sweep", "to use a Dask scheduler")
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


def _in_processes(number: int, blocks: Blocks, measures: Mapping[str, RunMeasure]) -> Done:
    if len(blocks) == 1:  # about a second: it takes longer to start a process
        yield from _here(blocks, measures)
        return
    with _cluster(min(number, len(blocks))) as client:
        yield from _on_dask(client, blocks, measures)


def _in_futures(executor: Executor, blocks: Blocks, measures: Mapping[str, RunMeasure]) -> Done:
    """A process that is killed breaks its whole pool: what is left goes on in processes of ours."""
    running: dict[Future[list[Cell]], int] = {}
    # `as_completed` waits for ever for what `shutdown(cancel_futures=True)` has called off.
    ended: SimpleQueue[Future[list[Cell]]] = SimpleQueue()
    left = dict(blocks)
    try:
        for number, experiments in blocks.items():
            try:
                future = _submitted(executor, experiments, measures)
            except BrokenExecutor:
                break
            running[future] = number
            future.add_done_callback(ended.put)
        for _ in range(len(running)):
            future = ended.get()
            number = running[future]
            if not isinstance(_error(future), BrokenExecutor):
                yield number, _result(future, left.pop(number))
    finally:
        for future in running:
            future.cancel()
    if left:
        with _cluster(min(os.cpu_count() or 1, len(left))) as client:
            yield from _on_dask(client, left, measures)


def _submitted(
    executor: Executor, experiments: Sequence[Experiment], measures: Mapping[str, RunMeasure]
) -> Future[list[Cell]]:
    if stays_here(executor):
        return executor.submit(train_block, experiments, measures)
    return executor.submit(in_worker, parcel(experiments, measures))


@contextmanager
def _cluster(processes: int) -> Iterator[Any]:
    """Processes on this machine; they end with this block, or with this process."""
    need("distributed", "sweep", "to train in processes")
    import dask  # noqa: PLC0415  needs the extra
    import distributed  # noqa: PLC0415

    settings = {
        "distributed.scheduler.allowed-failures": 0,  # what ended a process is tried again alone
        "distributed.deploy.lost-worker-timeout": "1 day",  # until there is a new one in its place
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=":0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            preload=f"{__package__}.worker",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _on_dask(client: Any, blocks: Blocks, measures: Mapping[str, RunMeasure]) -> Done:
    """Blocks whose process ended are suspects, and are tried again one by one.

    One that ends its process alone is given up.
    """
    suspects = yield from _handed_over(client, blocks, measures)
    for number in suspects:
        alone = {number: blocks[number]}
        if (yield from _handed_over(client, alone, measures)):
            yield number, [failed(LOST) for _ in blocks[number]]


def _handed_over(
    client: Any, blocks: Blocks, measures: Mapping[str, RunMeasure]
) -> Generator[tuple[int, list[Cell]], None, list[int]]:
    """All blocks are handed over to the scheduler; those whose processes ended are returned."""
    import distributed  # noqa: PLC0415  needs the extra

    token = uuid.uuid4().hex
    futures = {
        client.submit(
            in_worker,
            parcel(experiments, measures),
            key=f"condensekit-{number}-{token}",
            pure=False,
        ): number
        for number, experiments in blocks.items()
    }
    lost = []
    try:
        for future in distributed.as_completed(futures):
            number = futures.pop(future)
            if isinstance(_error(future), distributed.KilledWorker):
                lost.append(number)
                continue
            yield number, _result(future, blocks[number])
    finally:
        if futures and client.status == "running":
            client.cancel([*futures])
    return lost


def _error(future: Any) -> object:
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _result(future: Any, experiments: Sequence[Experiment]) -> list[Cell]:
    """The cells of a block; failed ones if it could not be sent, trained or sent back."""
    try:
        cells: list[Cell] = future.result()
    except CancelledError as error:
        raise ConnectionError(
            "The executor has called the work off, or its scheduler is gone."
        ) from error
    except Exception as error:  # noqa: BLE001  recorded with its reason
        return [failed(f"{type(error).__name__}: {error}") for _ in experiments]
    return cells
