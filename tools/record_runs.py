"""Train the recorded runs anew, with which the labs open."""

from importlib import resources
from pathlib import Path

from condensekit.labs import recordings, symmetry

if __name__ == "__main__":
    with resources.as_file(resources.files("condensekit.labs")) as folder:
        for lab in (recordings, symmetry):
            lab.record(Path(folder) / "recorded")
