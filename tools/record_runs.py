"""Train the recorded runs anew, with which the labs open."""

from importlib import resources
from pathlib import Path

from condensekit.labs.recordings import record

if __name__ == "__main__":
    with resources.as_file(resources.files("condensekit.labs")) as folder:
        record(Path(folder) / "recorded")
