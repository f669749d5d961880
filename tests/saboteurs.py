"""A small sweep, and what can go wrong in it; for processes of their own to import."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import until

import condensekit as ck
from condensekit.problems import Data, ThreeTanh

FLOW = ck.Experiment(
    ck.TwoLayer(1, 20), ck.three_tanh(2), ck.GradientFlow(stop_loss=1e-5, max_steps=60)
)
AXES = {"n_samples": [3, 8, 11], "init_std": [1e-3, 0.3], "seed": [0, 1]}


@dataclasses.dataclass(frozen=True)
class FailsForSeed(ThreeTanh):
    """Its samples cannot be drawn with seed 2."""

    def data(self, n_samples: int, seed: int = 0) -> Data:
        if seed == 2:
            raise OSError("no samples for seed 2")
        return super().data(n_samples, seed)


@dataclasses.dataclass(frozen=True)
class KillsOnce:
    """A measure that kills its process, unless a file says that it has done so."""

    done: Path

    def __call__(self, run) -> float:
        if not self.done.exists():
            self.done.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 1.0


@dataclasses.dataclass(frozen=True)
class KillsAt:
    """A measure that kills its process whenever it sees this sample size."""

    n_samples: int

    def __call__(self, run) -> float:
        if run.experiment.n_samples == self.n_samples:
            os.kill(os.getpid(), signal.SIGKILL)
        return 1.0


def largest_weight(run) -> float:
    return max(float(leaf.abs().max()) for leaf in run.final.values())


def refuses_seed_1(run) -> float:
    if run.experiment.seed == 1:
        raise ArithmeticError("not this one")
    return 2.0


def workers_of(process: int) -> list[int]:
    """The processes that train for this one, or for one of its group, by their numbers."""
    columns = [f"-o{name}=" for name in ("pid", "ppid", "pgid", "args")]
    rows = subprocess.run(["ps", "-Aww", *columns], capture_output=True, text=True, check=True)
    parts = [row.split(None, 3) for row in rows.stdout.splitlines()]
    return [
        int(pid)
        for pid, parent, group, *arguments in parts
        if process in (int(parent), int(group)) and "spawn_main" in "".join(arguments)
    ]


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Dask scheduler with one worker, each a process of its own; its address, and its process."""
    file, common = folder / "scheduler.json", ["--no-dashboard", "--scheduler-file"]
    commands = [
        ["scheduler", *common, str(file), "--host", "127.0.0.1", "--port", "0"],
        ["worker", *common, str(file), "--no-nanny", "--local-directory", str(folder)],
    ]
    started: list[subprocess.Popen[bytes]] = []
    with (folder / "dask.log").open("wb") as log:
        try:
            for command in commands:
                started.append(
                    subprocess.Popen([sys.executable, "-m", "dask", *command], stderr=log)
                )
                until(file.exists, "scheduler", 60.0)
            yield json.loads(file.read_text())["address"], started[0]
        finally:
            for process in started:
                process.kill()
                process.wait()


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Within it, no file of this process grows beyond `size` bytes, as on a disk that is full."""
    import resource  # of POSIX alone

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
