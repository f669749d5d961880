"""Let another virtual environment see all packages of this one."""

import sys
import sysconfig
from pathlib import Path


def main(other: str) -> None:
    """Write the line that Python reads when the other environment starts."""
    here = Path(sysconfig.get_path("purelib"))
    there = Path(other) / here.relative_to(sys.prefix)
    # Not a path alone: what is installed in editable mode has lines of its own in there.
    (there / "first.pth").write_text(f"import site; site.addsitedir({str(here)!r})\n")


if __name__ == "__main__":
    main(sys.argv[1])
