"""Store small files of each format as this version writes them, for the tests of all later ones.

``python tools/store_files.py``, once for each minor release, before it is published. A folder that
is there is never written again: `tests/test_stored_files.py` reads all of them until 1.0.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

import condensekit as ck
from condensekit import course, exercises, presets
from condensekit.presets.kept import kept
from condensekit.sweeps import Cells
from condensekit.sweeps.store import Store
from condensekit.tokens import read_moment, write_moment

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "formats"
NUMBERS = "numbers.json"
"""What was read from the other files on the day they were written."""

SMALL = ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(2), ck.Adam(1e-2, steps=20), 6, 0.1)
EXPERIMENTS = (
    SMALL,
    SMALL.replace(seed=1, activation="relu"),
    ck.Experiment(ck.Deep(1, 3, 2), ck.three_tanh(2), ck.SGD(1e-2, steps=20), 6, 0.5),
    ck.Experiment(
        ck.MatrixFactorization(3, 2, 3),
        ck.matrix_completion([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]),
        ck.GradientFlow(max_steps=20),
        5,
        0.1,
    ),
    ck.Experiment(
        ck.TwoLayer(2, 2),
        ck.own_data([[0.0, 1.0], [2.0, 0.5], [1.0, 3.0]], [1.0, -1.0, 0.25], scale=True),
        ck.GradientDescent(0.05, steps=20),
        2,
        0.3,
    ),
)
AXES: dict[str, Any] = {"n_samples": [3, 6], "seed": range(2)}
TABLE = "\N{BYTE ORDER MARK}# measured by hand\nheight;weight\n0,5;1,25\n1,5;-2\n2,75;1e-3\n"


def write(folder: Path) -> None:
    """Write a file of each format into a folder that is not there yet."""
    folder.mkdir()
    runs = ck.train(list(EXPERIMENTS))
    runs.save(folder / "runs.npz")
    runs[0].save(folder / "compact.npz", compact=True)
    _store_sweeps(folder)
    tokens = [write_moment("RecoveryLab", [one], 7, 20, {"compare": True}) for one in EXPERIMENTS]
    (folder / "tokens.json").write_text(json.dumps(tokens, indent=1) + "\n", "utf-8")
    with _inside(folder):
        for number, token in enumerate(tokens[:2]):
            presets.keep(f"moment {number}: what happens next?", token)
    with _progress_in(folder):
        _answer()
        exercises.report(folder / "report.json")
    (folder / "table.csv").write_text(TABLE, "utf-8")
    answers = ["student,when,form," + ",".join(f"q{i}" for i in range(1, 11))]
    for student, before, after in (("Mia", 4, 9), ("Noor", 6, 8)):
        answers += [_sheet(student, "before", "A", before), _sheet(student, "after", "B", after)]
    (folder / "answers.csv").write_text("\n".join(answers) + "\n", "utf-8")
    (folder / NUMBERS).write_text(json.dumps(read(folder), indent=1) + "\n", "utf-8")


def _store_sweeps(folder: Path) -> None:
    """A table that is whole, and the journal of one that is not."""
    ck.sweep(SMALL, path=folder / "sweep.nc", **AXES)
    whole = _cells(folder / "sweep.nc")
    half = Store(folder / "stopped.nc", whole.grid, [])
    half.open()
    half.add({number: whole.known[number] for number in (0, 1)})


def _sheet(student: str, when: str, form: str, right: int) -> str:
    """A line of answers, of which so many are right."""
    marks = [*course.key(form)[:right], *[""] * (10 - right)]
    return ",".join([student, when, form, *marks])


def _answer() -> None:
    """What a student does with two questions."""
    first, second = exercises.same_neurons(), exercises.first_lines()
    first.predict(12)
    first.check(10)
    first.hint()
    first.check(7)
    second.predict(2)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    with contextlib.chdir(folder):
        yield


@contextlib.contextmanager
def _progress_in(folder: Path) -> Iterator[None]:
    exercises.keep_progress(folder)
    try:
        yield
    finally:
        exercises.keep_progress(None)


# What is in them -------------------------------------------------------------------------------


def read(folder: Path) -> dict[str, Any]:
    """What the files of a folder hold, by file, as JSON; nothing in the folder is changed."""
    runs = ck.Runs.load(folder / "runs.npz")
    table = ck.read_csv(folder / "table.csv")
    with _inside(folder):
        moments = kept("RecoveryLab")
    with _progress_in(folder):
        done = [row for row in exercises.progress().rows if row.first]
    found: dict[str, Any] = {
        "runs.npz": [_run(run) for run in runs],
        "compact.npz": _run(ck.Run.load(folder / "compact.npz")),
        "sweep.nc": _rows(_cells(folder / "sweep.nc").known),
        "stopped.nc.journal": _rows(
            Store(folder / "stopped.nc", _cells(folder / "sweep.nc").grid, []).known
        ),
        "tokens.json": [
            _moment(token) for token in json.loads((folder / "tokens.json").read_text("utf-8"))
        ],
        "condensekit-presets.txt": [[one.name, _moment(one.token)] for one in moments],
        "exercises-progress.jsonl": [
            [row.name, row.first, row.before, str(row.verdict), row.tries, row.hints]
            for row in done
        ],
        "report.json": json.loads((folder / "report.json").read_text("utf-8"))["exercises"],
        "table.csv": [table.x, table.y],
        "answers.csv": course.score(folder / "answers.csv").class_gain.value,
    }
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def _run(run: ck.Run) -> dict[str, Any]:
    final = torch.cat([leaf.flatten() for leaf in run.final.values()])
    return {
        "settings": run.experiment.values(),
        "outcome": str(run.outcome),
        "step": run.step.tolist(),
        "loss": run.loss.tolist(),
        "test_loss": run.test_loss.tolist(),
        "final": final.tolist(),
    }


def _cells(path: Path) -> Cells:
    import xarray as xr  # noqa: PLC0415  needs the extra

    with xr.open_dataset(path, engine="h5netcdf") as file:
        return Cells.of(file.load())


def _rows(cells: Any) -> dict[str, Any]:
    return {str(number): cell.row() for number, cell in sorted(cells.items())}


def _moment(token: str) -> list[Any]:
    batch, step, until, view = read_moment(token, "RecoveryLab")
    return [[one.values() for one in batch], step, until, view]


def main() -> int:
    """Store the files of this minor version, unless they are there."""
    folder = FOLDER / ".".join(ck.__version__.split(".")[:2])
    if folder.exists():
        print(f"{folder} is there, and is never written again.")
        return 1
    write(folder)
    print(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
