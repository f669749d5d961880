"""Random streams: a seed of its own for each purpose, so that data and weights are independent."""

import zlib

import numpy as np
import torch

__all__ = ["stream", "stream_seed"]


def stream_seed(seed: int, purpose: str) -> int:
    """A seed of its own for each `purpose`, so that data and weights are independent."""
    entropy = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())])
    return int(entropy.generate_state(1, np.uint64)[0] >> 1)


def stream(seed: int, purpose: str) -> torch.Generator:
    """A random stream of its own for each `purpose`."""
    return torch.Generator().manual_seed(stream_seed(seed, purpose))
