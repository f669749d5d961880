"""Binder: where readers run the labs who have nothing installed."""

__all__ = ["BADGES", "BINDER", "REPOSITORY", "address", "badges"]

REPOSITORY = "condensekit/condensekit/main"
"""Owner, repository, and branch or tag. Put your own here, and say ``make badges``."""

BADGES = {
    "lecture": "doc/tree/notebooks/05-recovery.ipynb",
    "app": "voila/tree/app",
    "exercises": "doc/tree/notebooks/10-exercises.ipynb",
}
"""What a badge opens, by its name: the path in the server of Binder."""


def address(path: str) -> str:
    """Where Binder opens `path` of the repository."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}?urlpath={path}"


def badges() -> str:
    """The line of the README with a badge for each of `BADGES`."""
    image = "https://mybinder.org/badge_logo.svg"
    told = [f"{name} [![{name} on Binder]({image})]({address(BADGES[name])})" for name in BADGES]
    return f"In a browser, with nothing installed: {', '.join(told)}"


BINDER = address("doc/tree/notebooks/00-welcome.ipynb")
"""Where a reader can run the labs; `Lab.replay` takes another address."""
