"""The commands ``condensekit recover``, ``sweep``, ``replay``, ``app`` and ``lecture``."""

import argparse
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from . import __version__
from .cli_app import add_app
from .cli_checks import Refused, check_home, check_picture, check_port
from .cli_replay import add_replay
from .cli_sweep import STOPPED, add_sweep
from .experiments import Experiment
from .extras import need
from .files import shipped
from .knobs import Knob
from .languages import LANGUAGES
from .measures import overshoot, recovery
from .models import TwoLayer
from .optimizers import Adam, GradientDescent, GradientFlow, Optimizer, optimizer_with
from .problems import three_tanh
from .training import Outcome, Snapshot, estimate_seconds, train
from .words import many

__all__ = ["main"]

_OPTIMIZERS: dict[str, type[Optimizer]] = {
    "flow": GradientFlow,
    "adam": Adam,
    "gd": GradientDescent,
}
_FIRST = "00-welcome.ipynb"
_FOLDERS = {
    "student": "condensekit-lecture",
    "solutions": "condensekit-solutions",
    "instructor": "condensekit-instructor",
}
"""Where each edition goes, unless said otherwise: never into the folder of another."""
_CULLING = (
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=60",
)
"""The kernel of a notebook that was closed would hold its memory for the rest of the course."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command is not _lecture:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        status: int = options.command(options)
    except (Refused, ValueError, OSError, ImportError) as error:  # of a full disk, or an extra
        print(f"condensekit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return STOPPED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="condensekit", description="See why over-parameterized neural networks do not overfit."
    )
    parser.add_argument("--version", action="version", version=f"condensekit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    recover = commands.add_parser(
        "recover",
        help="train the headline experiment here, and draw it",
        description="Can a 500-neuron network recover a 3-neuron target from 50 samples?",
    )
    recover.set_defaults(command=_recover)
    recover.add_argument(
        "--optimizer",
        choices=[*_OPTIMIZERS],
        help="gradient flow, Adam or gradient descent (default: flow; adam with --lr or --steps)",
    )
    recover.add_argument(
        "--png", type=Path, default=Path("recovery.png"), help="the picture (default: recovery.png)"
    )
    kinds = [_experiment(kind()) for kind in _OPTIMIZERS.values()]
    knobs = {name: knob for kind in kinds for name, knob in kind.knobs().items()}
    for knob in knobs.values():
        if knob.name not in ("d", "bias"):
            _add_knob(recover, knob)

    add_sweep(commands)
    add_replay(commands)
    add_app(commands)

    lecture = commands.add_parser(
        "lecture",
        help="open the notebooks in JupyterLab, in a copy of your own",
        description="Other options, such as --no-browser or --ip=0.0.0.0, go to JupyterLab.",
    )
    lecture.set_defaults(command=_lecture)
    lecture.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where the copy is, or will be (default: condensekit-lecture, for students); nothing "
        "in it is ever overwritten",
    )
    # Known here, or its number would be taken for DIR.
    lecture.add_argument(
        "--port", "--ServerApp.port", type=int, metavar="PORT", help="port of JupyterLab"
    )
    which = lecture.add_mutually_exclusive_group()
    which.add_argument(
        "--edition",
        choices=[*_FOLDERS],
        help="for students, with the solutions of the exercises, or with notes for a lecturer, too "
        "(default: student)",
    )
    lecture.add_argument(
        "--language",
        choices=[*LANGUAGES],
        default="en",
        help="of the texts, the labs and the exercises (default: en)",
    )
    which.add_argument(
        "--in-place", action="store_true", help="for authors: open the originals, without a copy"
    )
    return parser


def _add_knob(parser: argparse.ArgumentParser, knob: Knob) -> None:
    option = f"--{knob.name.replace('_', '-')}"
    meaning = f"{knob.help} ({', '.join(knob.choices) or knob.range()})"
    kind = type(knob.default) if not knob.choices else str
    parser.add_argument(option, dest=f"knob_{knob.name}", type=kind, metavar="VALUE", help=meaning)


# recover -----------------------------------------------------------------------------------------


def _experiment(optimizer: Optimizer) -> Experiment:
    return Experiment(TwoLayer(1, 500), three_tanh(), optimizer)


def _recover(options: argparse.Namespace) -> int:
    values = {
        name.removeprefix("knob_"): value
        for name, value in vars(options).items()
        if name.startswith("knob_") and value is not None
    }
    named = _OPTIMIZERS[options.optimizer]() if options.optimizer else optimizer_with(values)
    experiment = _experiment(named).replace(**values)
    need("matplotlib", "plot", "to draw the picture")
    check_picture(options.png)
    seconds = estimate_seconds(experiment)
    with _Bar(experiment) as bar:
        print(
            f"{many(experiment.model.n_parameters, 'parameter')}, "
            f"{many(experiment.n_samples, 'sample')}, "
            f"{experiment.optimizer.plan(seconds)}. Ctrl+C stops and keeps.",
            flush=True,
        )
        if not options.optimizer and not isinstance(named, GradientFlow):
            own = named.declared_knobs().keys() - GradientFlow.declared_knobs().keys()
            asked = [f"--{name.replace('_', '-')}" for name in values if name in own]
            means = "means" if len(asked) == 1 else "mean"
            print(f"{' and '.join(asked)} {means} {type(named).__name__}, not the flow.")
        run = train(experiment, on_step=bar)
    if run.notes:
        print(run.notes)
    if not len(run):
        return 1
    from .figures import run_figure  # noqa: PLC0415  needs the extra

    run_figure(run).savefig(options.png, dpi=120)
    print(recovery(run))
    if jumped := overshoot(run):
        print(jumped)
    print(f"Picture: {options.png}")
    return 0


class _Bar:
    """A progress bar on the terminal; Ctrl+C cancels, and keeps what was trained."""

    def __init__(self, experiment: Experiment) -> None:
        self.optimizer, self.shown, self.cancelled = experiment.optimizer, -1.0, False
        self.start_loss = 0.0
        self.visible = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self.before = signal.signal(signal.SIGINT, self._cancel)
        return self

    def _cancel(self, *_: object) -> None:
        self.cancelled = True

    def __call__(self, snapshot: Snapshot) -> bool:
        now = time.monotonic()
        step, loss = int(snapshot.step[0]), float(snapshot.loss[0])
        self.start_loss = self.start_loss or loss
        ended = snapshot.outcome[0] is not Outcome.RUNNING
        if self.visible and (now - self.shown > 0.1 or ended):
            self.shown = now
            share = 1.0 if ended else self.optimizer.share(step, loss, self.start_loss)
            bar = "█" * round(30 * share)
            told = f"\r{bar:░<30} {share:4.0%}  step {step:,}  loss {loss:.2e} "
            print(told, end="", file=sys.stderr)
        return self.cancelled

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)
        if self.visible:
            print(file=sys.stderr)


# lecture -----------------------------------------------------------------------------------------


def _write(options: argparse.Namespace) -> Path:
    """Write what the folder does not have yet, and say what is new and what was kept."""
    editions = importlib.import_module("condensekit.editions")  # needs the extra
    name = options.edition or "student"
    ending = "" if options.language == "en" else f"-{options.language}"
    folder: Path = options.folder or Path(_FOLDERS[name] + ending)
    try:
        written = editions.hand_out(folder, name, options.language)
    except OSError as error:
        raise Refused(f"The folder {folder} cannot be written: {error.strerror}.") from error
    print(f"Your copy of the lecture, {name} edition: {folder.resolve()}")
    if written.new:
        print(f"New in it: {', '.join(written.new)}")
    if written.kept:
        print(f"Left as you have them, though other than this edition: {', '.join(written.kept)}")
    return folder


def _lecture(options: argparse.Namespace) -> int:
    for module in ("jupyterlab", "bqplot", "ipywidgets", "nbformat"):
        need(module, "lab", "to open the lecture")
    check_port(options.port)
    check_home()
    if options.in_place and options.language != "en":
        raise Refused("The originals are in English: --in-place goes with no other --language.")
    folder = shipped("notebooks") if options.in_place else _write(options)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    # As a single document: a list of files beside it would leave a laptop no room for a lab.
    command.append(f"--LabApp.default_url=/doc/tree/{_FIRST}")
    command += [option for option in _CULLING if not _named(option, options.rest)]
    if _root() and "--allow-root" not in options.rest:
        print("You are root, as in a container; JupyterLab is told to serve all the same.")
        command.append("--allow-root")
    command += options.rest
    if options.port is not None:
        command.append(f"--port={options.port}")
    return _become(command)


def _named(option: str, given: Sequence[str]) -> bool:
    """Whether a reader has set this option: JupyterLab takes each of them once."""
    name = option.split("=", maxsplit=1)[0]
    return any(text.split("=")[0] == name for text in given)


def _root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _become(command: list[str]) -> int:
    """Turn into another program, so that what stops us stops it and leaves no server behind."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
