"""Train all cells of `condensekit.records` and store them; about twenty minutes of one core.

Stores what there is after every learning rate, width and seed-batch, so that it can be stopped and
started again: cells that are stored are kept. ``python tools/record_sliding_tanh.py``.
"""

import dataclasses
import itertools
import json
from pathlib import Path

from condensekit import records, train

PATH = Path(records.__file__).parent / "sliding_tanh.json"


def main() -> None:
    """Train what is missing, in batches of one width and learning rate."""
    stored = {key(cell): cell for cell in records.sliding_tanh_cells()} if PATH.exists() else {}
    cells = [stored.get(key(cell), cell) for cell in records.sliding_tanh_plan()]
    for group, members in itertools.groupby(range(len(cells)), lambda i: key(cells[i])[:-1]):
        missing = [i for i in members if cells[i].outcome == "running"]
        if not missing:
            continue
        runs = train([records.sliding_tanh_experiment(cells[i]) for i in missing])
        for i, run in zip(missing, runs, strict=True):
            diverged = run.outcome == "diverged"
            cells[i] = dataclasses.replace(
                cells[i],
                test_error=float("nan") if diverged else float(f"{run.test_loss[-1]:.3e}"),
                steps=int(run.step[-1]),
                outcome=str(run.outcome),
            )
        print(group, [f"{cells[i].test_error:.0e}" for i in missing], flush=True)
        done = [dataclasses.asdict(cell) for cell in cells if cell.outcome != "running"]
        lines = ",\n".join(json.dumps(fields) for fields in done)
        PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def key(cell: records.SlidingTanhCell) -> tuple[object, ...]:
    """What is trained, without what came out."""
    return cell.family, cell.width, cell.lr, cell.n_samples, cell.seed


if __name__ == "__main__":
    main()
