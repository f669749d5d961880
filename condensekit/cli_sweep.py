"""The command ``condensekit sweep``: a map of many runs, on a terminal."""

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .cli_checks import check_picture, check_table
from .experiments import Experiment
from .frames import MapFrame
from .knobs import Knob
from .models import TwoLayer
from .optimizers import Adam, GradientDescent, GradientFlow, Optimizer
from .pictures import map_frame
from .problems import three_tanh
from .sweeps import Bar, connect, series, series_text, sweep
from .training import Outcome

__all__ = ["STOPPED", "add_sweep"]

OPTIMIZERS: dict[str, type[Optimizer]] = {"flow": GradientFlow, "adam": Adam, "gd": GradientDescent}
WIDTH = 100
STOPPED = 130  # the status of what Ctrl+C has ended
FIRST = {"n_samples": "3:22:3", "init_std": "1e-4,1e-2,1", "seed": "0:3"}


def add_sweep(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "sweep",
        help="train over a grid of settings, and draw the map of test errors",
        description="Each setting takes one value, a list (1e-4,1e-3) or, for whole numbers, "
        "first:end or first:end:step with the end left out (0:5 is 0,1,2,3,4). Settings with more "
        "than one value are the axes. Without any: "
        + " ".join(f"--{name.replace('_', '-')} {values}" for name, values in FIRST.items()),
    )
    parser.set_defaults(command=_sweep)
    parser.add_argument(
        "--optimizer", choices=[*OPTIMIZERS], default="flow", help="default: gradient flow"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sweep.nc"),
        metavar="FILE",
        help="the table, as netCDF; a sweep that was stopped goes on from it (default: sweep.nc)",
    )
    parser.add_argument(
        "--png", type=Path, metavar="FILE", help="the map as a picture (default: beside the table)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--processes", type=int, metavar="N", help="train in N processes")
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="train on a Dask cluster: tcp://HOST:8786"
    )
    for knob in _knobs().values():
        meaning = f"{knob.help} ({', '.join(knob.choices) or knob.range()})".replace("%", "%%")
        option = f"--{knob.name.replace('_', '-')}"
        parser.add_argument(option, dest=f"knob_{knob.name}", metavar="VALUES", help=meaning)


def _knobs() -> dict[str, Knob]:
    kinds = [_experiment(kind()) for kind in OPTIMIZERS.values()]
    found = {name: knob for kind in kinds for name, knob in kind.knobs().items()}
    return {name: knob for name, knob in found.items() if name not in ("d", "bias")}


def _experiment(optimizer: Optimizer) -> Experiment:
    return Experiment(TwoLayer(1, WIDTH), three_tanh(), optimizer)


def _sweep(options: argparse.Namespace) -> int:
    given = {
        name.removeprefix("knob_"): text
        for name, text in vars(options).items()
        if name.startswith("knob_") and text is not None
    }
    base = _experiment(OPTIMIZERS[options.optimizer]())
    values = {name: series(_knobs()[name], text) for name, text in given.items()}
    if all(len(found) == 1 for found in values.values()):
        values = {name: series(_knobs()[name], text) for name, text in FIRST.items()} | values
    base = base.replace(**{name: found[0] for name, found in values.items()})
    axes = {name: found for name, found in values.items() if len(found) > 1}
    check_table(options.out)
    picture = options.png or options.out.with_suffix(".png")
    drawn = len(axes.keys() - {"seed"}) >= 2
    if drawn:
        check_picture(picture)
    try:
        with _executor(options) as executor:
            count = math.prod(len(found) for found in axes.values())
            print(f"{count:,} runs. Ctrl+C stops and keeps; the same command goes on.", flush=True)
            found = sweep(base, executor, options.out, Bar(), None, **axes)
    except ImportError as error:
        raise ValueError(str(error)) from error
    ends = found.outcome.values.ravel().tolist()
    told = ", ".join(f"{ends.count(end):,} {end}" for end in sorted(set(ends)))
    print(f"{told}. Table: {options.out}")
    status = STOPPED if Outcome.CANCELLED in ends else 0
    if not drawn:
        return status
    frame = map_frame(found)
    print(as_text(frame))
    if find_spec("matplotlib") is None:
        print("No picture: that needs pip install 'condensekit[plot]'.")
        return status
    from .figures import figure  # noqa: PLC0415  needs the extra

    figure([frame]).savefig(picture, dpi=120)
    print(f"Picture: {picture}")
    return status


@contextmanager
def _executor(options: argparse.Namespace) -> Iterator[Any]:
    if options.scheduler is not None:
        with connect(options.scheduler) as client:
            if not client.scheduler_info()["workers"]:
                print(f"{options.scheduler} has no workers yet: waiting for one.", flush=True)
            yield client
    else:
        yield options.processes


def _but(frame: MapFrame) -> str:
    return " in number, x but not these" if frame.barred() else ""


def as_text(frame: MapFrame) -> str:
    """The map in letters: log10 of the test error, with marks for theory and training."""
    head = [series_text([value]) for value in frame.x]
    names = [series_text([value]) for value in frame.y]
    left = max(len(name) for name in names)
    border = dict(enumerate(edge for edge, _ in frame.border()[::2]))
    lines = [
        f"log10 of the median test error ({frame.caption}).",
        f"Right of | n >= O, enough samples for theory{_but(frame)}; * reached by training: "
        f"relative test error below {frame.threshold:g}.",
        f"{frame.y_label.split(' $')[0]} down, {frame.x_label.split(' $')[0]} across:",
        " " * left + "".join(f"{name:>8}" for name in head),
    ]
    for row in reversed(range(len(names))):
        cells = []
        for column, value in enumerate(frame.log_error[row].tolist()):
            text = "-" if math.isnan(value) else f"{value:.1f}"
            barred = "x" if (float(column), float(row)) in frame.barred() else " "
            star = "*" if frame.reached[row, column] >= 0.5 else " "
            wall = "|" if border[row] == column - 0.5 else " "
            cells.append(f"{wall}{barred}{text:>5}{star}")
        lines.append(f"{names[row]:>{left}}" + "".join(cells))
    lines += [f"{mark.source}, {mark.text} ({mark.differs})." for mark in frame.printed]
    return "\n".join(lines)
