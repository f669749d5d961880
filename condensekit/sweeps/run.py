"""The sweep itself."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..doors import public
from ..experiments import Experiment
from ..extras import need
from ..threads import single_thread
from ..words import many
from .cell import COLUMNS, Cell
from .cells import Cells
from .execute import stays_here, way
from .grid import Grid, Value
from .parcel import check_parcel
from .processor import UNKNOWN, processors
from .progress import Progress, Teller
from .store import Store
from .train import RunMeasure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sweep"]


@public()
def sweep(
    base: Experiment,
    executor: Any = None,
    path: str | os.PathLike[str] | None = None,
    on_block: Callable[[Progress], object] | None = None,
    measures: Mapping[str, RunMeasure] | None = None,
    **axes: Iterable[Value],
) -> "xr.Dataset":
    """Hyperparameter sweep: train `base` at every point of a grid of knobs, into a labelled table.

    The table does not depend on the executor, to the last bit: which runs share a block is decided
    by the grid alone, and every block is trained with one thread. Processors with other
    instructions round in another way: the attribute ``processor`` says which these were, and a
    sweep that was stopped goes on with those alone.

    Parameters
    ----------
    base : Experiment
        All settings that no axis turns.
    executor : int, concurrent.futures.Executor or dask.distributed.Client, optional
        Where to train; by default here. A number is that many processes of this machine, which Dask
        starts and ends; a script then needs the line ``if __name__ == "__main__":``. What a process
        that was killed had to do is done again; a run that kills its process every time has failed.
        A pool of `concurrent.futures` is broken by that: what is left goes on in such processes.
    path : path, optional
        A netCDF file. Every block that has ended is kept beside it at once, so that a sweep that
        was stopped, or killed, goes on from there when it is called again.
    on_block : callable, optional
        Called with a `Progress` after every block; a return value of True stops, and what was
        measured is kept, as it is after Ctrl+C. `Bar` draws a progress bar.
    measures : dict of str to callable, optional
        More to measure: functions of a `Run`, of which only the last step is recorded, that return
        a number. They go to other processes as they are, from a notebook, too.
    **axes : series of values
        Values of knobs by name, e.g. ``n_samples=range(4, 40, 2), seed=range(5)``.

    Returns
    -------
    xarray.Dataset
        The axes as coordinates, in the order given, and a variable for each measure: loss,
        test_loss, relative_error, steps, time, groups, similarity, optimistic_sample_size,
        sample_rank, allowed, reached, outcome and message. NaN: does not apply, or is not known.
        The attributes hold what it takes to make it again; `experiment_at` gives the experiment of
        a cell.

    Raises
    ------
    ValueError
        If an axis is unknown, empty or out of range, `path` holds another sweep, or a part of it
        cannot be sent to other processes.
    ConnectionError
        If an executor has called its work off, or its scheduler is gone. What had ended is kept
        beside `path`, and the same call goes on from there.
    ImportError
        If the extra ``sweep`` is not installed.

    Examples
    --------
    >>> from condensekit import GradientFlow, TwoLayer, three_tanh
    >>> base = Experiment(TwoLayer(1, 10), three_tanh(1), GradientFlow(stop_loss=1e-6))
    >>> found = sweep(base, n_samples=[2, 3, 4], init_std=[1e-3])
    >>> found.test_loss.dims, found.allowed.values.ravel()
    (('n_samples', 'init_std'), array([0., 0., 1.]))
    """
    need("xarray", "sweep", "for a sweep")
    grid = Grid.of(base, axes)
    extra = dict(measures or {})
    _check_measures(extra, grid)
    train = way(executor)
    if not stays_here(executor):
        check_parcel(grid.experiments, extra)
    experiments, blocks = grid.experiments, grid.blocks()
    store = None if path is None else Store(path, grid, [*extra])
    computing = processors(executor)
    known: dict[int, Cell] = {} if store is None else store.known
    left = {
        number: [experiments[k] for k in block]
        for number, block in enumerate(blocks)
        if any(k not in known for k in block)
    }
    known = {k: known[k] for n, block in enumerate(blocks) if n not in left for k in block}
    teller = Teller(len(experiments), on_block)
    stopped = teller.tell(dict(known)) if known else False
    if not left and store is not None and store.saved is not None:
        return store.saved
    if store is not None:
        store.open(computing)
    if left and not stopped:
        with single_thread():
            done = train(left, extra)
            try:
                for number, ended in done:
                    new = dict(zip(blocks[number], ended, strict=True))
                    known |= new
                    if store is not None:
                        store.add(new)
                    if teller.tell(new):
                        break
            except KeyboardInterrupt:
                pass  # what was measured is kept, and the outcome of the rest says that it was not
            except ConnectionError as error:
                raise ConnectionError(f"{error} {_kept(store, len(known))}") from error
            finally:
                done.close()
    found = Cells(grid, known, (*extra,)).dataset()
    found.attrs["processor"] = computing or UNKNOWN
    if store is not None:
        store.finish(found)
    return found


def _kept(store: Store | None, runs: int) -> str:
    """What is left of a sweep that cannot go on."""
    if store is None:
        return "Without a path nothing of this sweep is kept."
    return (
        f"What had ended, {many(runs, 'run')}, is kept beside {store.path}; "
        "the same call goes on from there."
    )


def _check_measures(measures: Mapping[str, RunMeasure], grid: Grid) -> None:
    for name, measure in measures.items():
        taken = name in COLUMNS or name in grid.base.knobs()
        if taken or not name.isidentifier() or not callable(measure):
            raise ValueError(
                f"A measure needs a name of its own and a function, but got {name!r}: {measure!r}."
            )
