"""Train the recorded runs, and the recorded map, anew, with which the labs open."""

from importlib import resources
from pathlib import Path

from condensekit.labs.phase import record_map
from condensekit.labs.recordings import record

if __name__ == "__main__":
    with resources.as_file(resources.files("condensekit.labs")) as folder:
        record(Path(folder) / "recorded")
        record_map(Path(folder) / "recorded")
