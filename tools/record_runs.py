"""Train the recorded runs anew, with which the labs open."""

from importlib import resources
from pathlib import Path

from condensekit.labs import phase, recordings, symmetry

if __name__ == "__main__":
    with resources.as_file(resources.files("condensekit.labs")) as folder:
        target = Path(folder) / "recorded"
        recordings.record(target)
        phase.record_map(target)
        symmetry.record(target)
