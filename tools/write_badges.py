"""Write the repository that `replays.binder` names wherever else it stands: badges, addresses."""

import re
from pathlib import Path

from condensekit.replays.binder import REPOSITORY, badges, site

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
NAMING = ("pyproject.toml", "CITATION.cff", "SECURITY.md")
"""Files in which GitHub's addresses of the repository stand."""


def addressed(text: str) -> str:
    """A text in which every address on GitHub is one of the repository."""
    owner, name, _ = REPOSITORY.split("/", 2)
    text = re.sub(r"https://[\w-]+\.github\.io/[\w.-]+/", site(), text)
    host = r"(https://(?:github|raw\.githubusercontent)\.com)/[\w.-]+/[\w.-]+"
    return re.sub(host, rf"\1/{owner}/{name}", text)


def main() -> None:
    """Replace the line of the README that begins as ours does, and all addresses."""
    ours = badges()
    start = ours[: ours.index(":")]
    lines = README.read_text(encoding="utf-8").splitlines()
    (place,) = [k for k, line in enumerate(lines) if line.startswith(start)]
    lines[place] = ours
    README.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in NAMING:
        path = ROOT / name
        path.write_text(addressed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
