"""Write the badges of Binder into the README, for the repository that `replays.binder` names."""

from pathlib import Path

from condensekit.replays.binder import badges

README = Path(__file__).parents[1] / "README.md"


def main() -> None:
    """Replace the line that begins as ours does."""
    ours = badges()
    start = ours[: ours.index(":")]
    lines = README.read_text(encoding="utf-8").splitlines()
    (place,) = [k for k, line in enumerate(lines) if line.startswith(start)]
    lines[place] = ours
    README.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
