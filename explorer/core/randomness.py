"""Where all random numbers come from: one seed, and a generator for each use of it.

The noise that feeds every estimator comes from the seed itself. What an estimator needs beside it (an independent
second draw, the extra variable of a coupling) comes from generators of their own, so that choosing another estimator
never changes the noise, nor what the others see.
"""

from __future__ import annotations

import hashlib

import torch

from explorer.core.device import generator_for


class Streams:
    """The generators of one seed on one device. `main` starts from the seed; `named` from the seed and a name."""

    def __init__(self, seed: int, device: torch.device) -> None:
        """Raises ValueError when the seed is not an integer in [0, 2**63 - 1]."""
        self.main = generator_for(seed, device)
        self.seed, self.device = seed, device
        self._named: dict[str, torch.Generator] = {}

    def named(self, name: str) -> torch.Generator:
        """The generator for one use; the same object each time it is asked for."""
        if name not in self._named:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            self._named[name] = generator_for(int.from_bytes(digest[:8], "little") >> 1, self.device)
        return self._named[name]
