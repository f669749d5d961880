"""Train the recorded runs anew, with which the labs open."""

from importlib import resources
from pathlib import Path

from condensekit import records

if __name__ == "__main__":
    with resources.as_file(resources.files(records)) as folder:
        target = Path(folder) / "recorded"
        records.record_runs(target)
        records.record_map(target)
        records.record_escape(target)
