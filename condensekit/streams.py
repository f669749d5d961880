"""Random streams: a seed of its own for each purpose, so that data and weights are independent."""

import zlib

import numpy as np
import torch

from .plain import quoted, whole

__all__ = ["checked_seed", "stream", "stream_seed"]

_LARGEST = 2**63 - 1


def checked_seed(seed: object) -> int:
    """A seed as an int.

    Raises
    ------
    ValueError
        If it is no whole number from 0 to 2^63 - 1.
    """
    found = whole(seed)
    if found is None or not 0 <= found <= _LARGEST:
        raise ValueError(
            f"seed must be a whole number from 0 to {_LARGEST:,}, but is {quoted(seed)}."
        )
    return found


def stream_seed(seed: int, purpose: str) -> int:
    """A seed of its own for each `purpose`, so that data and weights are independent."""
    entropy = np.random.SeedSequence([checked_seed(seed), zlib.crc32(purpose.encode())])
    return int(entropy.generate_state(1, np.uint64)[0] >> 1)


def stream(seed: int, purpose: str) -> torch.Generator:
    """A random stream of its own for each `purpose`."""
    return torch.Generator().manual_seed(stream_seed(seed, purpose))
