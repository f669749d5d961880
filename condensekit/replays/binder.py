"""Where readers go who have nothing installed: the web site, and Binder."""

__all__ = ["BADGES", "BINDER", "REPOSITORY", "address", "badges", "site"]

REPOSITORY = "condensekit/condensekit/main"
"""Owner, repository, and branch or tag. Put your own here, and say ``make badges``."""

BADGES = {
    "lecture": "doc/tree/notebooks/00-welcome.ipynb",
    "app": "voila/tree/app",
    "exercises": "doc/tree/notebooks/10-exercises.ipynb",
}
"""What a badge opens, by its name: the path in the server of Binder."""


def address(path: str) -> str:
    """Where Binder opens `path` of the repository."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}?urlpath={path}"


def site() -> str:
    """Where GitHub Pages would serve the web site of the repository, once it is published."""
    owner, name, _ = REPOSITORY.split("/", 2)
    return f"https://{owner}.github.io/{name}/"


def badges() -> str:
    """The line of the README: look, try with a badge for each of `BADGES`, install."""
    image = "https://mybinder.org/badge_logo.svg"
    told = [f"{name} [![{name} on Binder]({image})]({address(BADGES[name])})" for name in BADGES]
    look = f"Look: [the labs, moving]({site()})"
    return f"{look} · Try: {', '.join(told)} · Install: [two commands](#two-commands)"


BINDER = address(BADGES["lecture"])
"""Where a reader can run the labs; `Lab.replay` takes another address."""
