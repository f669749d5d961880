"""Train all cells of `condensekit.records.head_recovery_plan` and store them; a quarter of an hour.

Stores what there is after every batch, so that it can be stopped and started again: cells that are
stored are kept. ``python tools/record_head_recovery.py``.
"""

import dataclasses
import itertools
import json
from pathlib import Path

from condensekit import records, train

PATH = Path(records.__file__).parent / "head_recovery.json"


def main() -> None:
    """Train what is missing, in batches of one student, start and number of samples."""
    stored = {key(cell): cell for cell in records.head_recovery_cells()} if PATH.exists() else {}
    cells = [stored.get(key(cell), cell) for cell in records.head_recovery_plan()]
    for group, members in itertools.groupby(range(len(cells)), lambda i: key(cells[i])[:-1]):
        missing = [i for i in members if cells[i].outcome == "running"]
        if not missing:
            continue
        runs = train([records.head_recovery_experiment(cells[i]) for i in missing])
        for i, run in zip(missing, runs, strict=True):
            ends = {name: float(f"{getattr(run, name)[-1]:.3e}") for name in ("loss", "test_loss")}
            cells[i] = dataclasses.replace(cells[i], **ends, outcome=str(run.outcome))
        print(group, [f"{cells[i].test_loss:.0e}" for i in missing], flush=True)
        done = [dataclasses.asdict(cell) for cell in cells if cell.outcome != "running"]
        lines = ",\n".join(json.dumps(fields) for fields in done)
        PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def key(cell: records.HeadRecoveryCell) -> tuple[object, ...]:
    """What is trained, without what came out."""
    return cell.heads, cell.init_std, cell.n_samples, cell.seed


if __name__ == "__main__":
    main()
