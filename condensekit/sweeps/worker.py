"""What a process of a sweep does when it starts; Dask loads this module by its name."""

import signal

__all__ = ["dask_setup"]


def dask_setup(_worker: object) -> None:
    """Leave Ctrl+C to the process that asked: what is under way may end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
