"""Train all cells of `condensekit.records.attention_plan` and store them; half an hour of one core.

Stores what there is after every run, so that it can be stopped and started again: cells that are
stored are kept. ``python tools/record_attention.py``.
"""

import dataclasses
import json
from pathlib import Path

from condensekit import records, train

PATH = Path(records.__file__).parent / "attention.json"


def main() -> None:
    """Train what is missing."""
    stored = {key(cell): cell for cell in records.attention_cells()} if PATH.exists() else {}
    plan = records.attention_plan()
    for cell in plan:
        if key(cell) not in stored:
            run = train(records.attention_experiment(cell))
            stored[key(cell)] = records.attention_cell(cell, run)
            print(stored[key(cell)], flush=True)
            write([stored[key(one)] for one in plan if key(one) in stored])


def key(cell: records.AttentionCell) -> tuple[object, ...]:
    """What is trained, without what came out."""
    return cell.task, cell.optimizer, cell.init_std, cell.n_samples, cell.seed


def write(cells: list[records.AttentionCell]) -> None:
    """Write cells, one a line."""
    lines = ",\n".join(json.dumps(dataclasses.asdict(cell)) for cell in cells)
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
