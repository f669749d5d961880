"""Extras: what needs more than the core says which, and how it is installed."""

from importlib.util import find_spec

__all__ = ["need"]


def need(module: str, extra: str, purpose: str) -> None:
    """Raise an ImportError that names the extra, unless there is such a module."""
    if find_spec(module) is None:
        raise ImportError(
            f"{module} is needed {purpose}; install it with: pip install 'condensekit[{extra}]'"
        )
