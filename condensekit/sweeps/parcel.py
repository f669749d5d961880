"""What is sent to a process that trains a block: with it goes what only this process knows."""

from collections.abc import Iterable, Mapping, Sequence

from ..activations import ACTIVATIONS, Activation, is_own, register
from ..experiments import Experiment
from ..extras import need
from ..threads import single_thread
from .cell import Cell
from .train import RunMeasure, train_block

__all__ = ["check_parcel", "in_worker", "parcel"]


def parcel(experiments: Sequence[Experiment], measures: Mapping[str, RunMeasure]) -> bytes:
    """A block for any other process: also what was defined in a notebook, and lambdas.

    Raises
    ------
    ValueError
        If something in it cannot be sent.
    """
    need("cloudpickle", "sweep", "to train in other processes")
    import cloudpickle  # noqa: PLC0415  needs the extra

    own = [ACTIVATIONS[name] for name in sorted(_own_activations(experiments))]
    try:
        sent: bytes = cloudpickle.dumps((own, [*experiments], dict(measures)))
    except Exception as error:  # somebody's own code raises anything
        raise ValueError(
            f"This sweep cannot be sent to other processes ({type(error).__name__}: {error}). Put "
            "your own functions and classes into a file of their own, without what is open in this "
            "process, and import them; or train here, with executor=None."
        ) from error
    return sent


def check_parcel(experiments: Iterable[Experiment], measures: Mapping[str, RunMeasure]) -> None:
    """Raise a ValueError if there is an experiment that cannot be sent: before anything starts."""
    for example in {_own_activations([one]): one for one in experiments}.values():
        parcel([example], measures)


def in_worker(sent: bytes) -> list[Cell]:
    """`train_block` of a parcel, in a process that works for a sweep."""
    import cloudpickle  # noqa: PLC0415  needs the extra

    own: list[Activation]
    own, experiments, measures = cloudpickle.loads(sent)
    for act in own:
        register(act)
    with single_thread():
        return train_block(experiments, measures)


def _own_activations(experiments: Iterable[Experiment]) -> frozenset[str]:
    values = (value for one in experiments for value in one.values().values())
    return frozenset(value for value in values if isinstance(value, str) and is_own(value))
