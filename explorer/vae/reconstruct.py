"""A picture to be matched by moving a few latents: the task, how far a code is from it, and the record of an attempt.

The sliders move the latents that carry most KL on average, at most ten; every other latent stands at the target's own
code. With t_p the target's pixels and l_p(z) the decoder's logits, the distances of a code z are

    nats    D(z) = sum_p KL(Bernoulli(t_p) || Bernoulli(sigmoid(l_p(z))))
    pixels  sqrt(mean_p (t_p - sigmoid(l_p(z)))^2)

both 0 exactly where the pictures are the same. Of a binary target the first is -log p(x | z). The task is that of Ross,
Chen, Hang, Glassman & Doshi-Velez, Evaluating the Interpretability of Generative Models by Interactive Reconstruction,
CHI 2021.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.vae.half_precision import rounded
from explorer.vae.model import VAE
from explorer.vae.traversals import use_of_latents

Places: TypeAlias = tuple[float, ...]
"""Where each slider stands."""

STEP = 0.05
"""A slider's step, in prior standard deviations."""
MOST_SLIDERS = 10


@dataclass(frozen=True, eq=False)
class Distances:
    """How far codes are from a target, (N,) each, float64: nats, and root mean square of pixels in [0, 1]."""

    nats: Tensor
    pixels: Tensor


@dataclass(frozen=True, eq=False)
class Task:
    """A target picture (P,), float64 in [0, 1], under a model, and the latents that sliders move.

    `held` (D,) is the code of the latents that have no slider; at the sliders' latents it is the target's own code.
    """

    vae: VAE
    target: Tensor
    dimensions: tuple[int, ...]
    """The sliders' latents, counted from 0: that of most KL first."""
    held: Tensor
    start: Places
    reach: float
    """Sliders go from -reach to reach."""

    @property
    def own(self) -> Places:
        """The sliders' places at the target's own code."""
        return tuple(round(float(self.held[each]), 2) for each in self.dimensions)

    def codes(self, places: Tensor) -> Tensor:
        """The whole codes of sliders' places: (N, n) -> (N, D). Differentiable."""
        codes = self.held.to(places).repeat(len(places), 1)
        return codes.index_copy(1, torch.tensor(self.dimensions, device=places.device), places)

    @isolated
    def distances(self, places: Sequence[Places]) -> Distances:
        """Of each of these, from the model's own weights. Raises ValueError for places that are not (N, n)."""
        at = torch.tensor(places, dtype=torch.float32, device=self.vae.device)
        if at.ndim != 2 or at.shape[1] != len(self.dimensions):
            raise ValueError(f"places must have shape (N, {len(self.dimensions)}), got {tuple(at.shape)}")
        return _distances(self.vae, self.codes(at), self.target)


def _distances(vae: VAE, codes: Tensor, target: Tensor) -> Distances:
    logits = vae.decode_logits(codes).double()
    terms = torch.xlogy(target, target) + torch.xlogy(1 - target, 1 - target)
    terms = terms - target * F.logsigmoid(logits) - (1 - target) * F.logsigmoid(-logits)
    squared = (target - torch.sigmoid(logits)).square()
    # What is the same picture may be off by the last digit's rounding.
    return Distances(terms.sum(-1).clamp_min(0).cpu(), squared.mean(-1).sqrt().cpu())


@dataclass(frozen=True)
class Ranking:
    """The active latents of a model, that of most KL first, and a reach of sliders that holds every image's code."""

    dimensions: tuple[int, ...]
    reach: float


@isolated
def ranking(vae: VAE, images: Tensor) -> Ranking:
    """From images (B, 1, side, side), B >= 2. Raises ValueError for a model of bits."""
    _check_gaussian(vae)
    use = use_of_latents(vae, images)
    order = [each for each in use.ranking if use.active[each]]
    farthest = float(vae.posterior(vae.pixels_of(images)).loc.abs().max())
    return Ranking(tuple(order or [0]), max(3.0, math.ceil(farthest)))


@isolated
def make_task(vae: VAE, image: Tensor, ranked: Ranking, *, seed: int, decoded: bool) -> Task:
    """The task for a binary image (1, 1, side, side), starting at a draw of the prior by the seed.

    The code is the image's posterior mean, rounded to the sliders' steps. `decoded`: the target is the code's decode,
    so that it can be matched exactly; else it is the image. Raises ValueError for a model of bits or a bad image.
    """
    _check_gaussian(vae)
    pixels = vae.pixels_of(image)
    dimensions = ranked.dimensions[:MOST_SLIDERS]
    held = on_steps(vae.posterior(pixels).loc[0], ranked.reach)
    target = torch.sigmoid(vae.decode_logits(held[None]).double())[0] if decoded else pixels[0].double()
    generator = generator_for(seed, torch.device("cpu"))
    drawn = on_steps(torch.randn(len(dimensions), generator=generator), ranked.reach)
    return Task(vae, target, dimensions, held, places_of(drawn), ranked.reach)


def on_steps(z: Tensor, reach: float) -> Tensor:
    """The nearest places that sliders can stand at."""
    return ((z / STEP).round() * STEP).clamp(-reach, reach)


def places_of(z: Tensor) -> Places:
    return tuple(round(each, 2) + 0.0 for each in z.tolist())


def _check_gaussian(vae: VAE) -> None:
    if vae.has_bits:
        raise ValueError(f"sliders move Gaussian latents, and this model has {vae.kind_of_latents}")


@isolated
def live_error(task: Task, *, seed: int, n: int = 64) -> tuple[float, float]:
    """How far half precision puts a browser's distances off, at most, over draws of the prior: nats, and pixels."""
    draws = torch.randn(n, len(task.dimensions), generator=generator_for(seed, torch.device("cpu")))
    codes = task.codes(draws.to(task.vae.device))
    exact, live = (_distances(vae, codes, task.target) for vae in (task.vae, rounded(task.vae)))
    return float((exact.nats - live.nats).abs().max()), float((exact.pixels - live.pixels).abs().max())


@dataclass
class Attempt:
    """Where an attempt has been, a place a move. A move is of one slider, from its taking to the taking of another."""

    places: list[Places] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)
    """Of each place how many moves led to it."""
    shown: list[bool] = field(default_factory=list)
    """Of each place whether the answer had been shown by then."""
    _sliders: set[int] = field(default_factory=set)
    """Those moved last: more than one where several releases came as one."""

    def go(self, to: Places, *, shown: bool = False) -> None:
        """Goes on to these places; where nothing has moved, nothing happens."""
        if not self.places:
            self._put(to, 0, shown, set())
            return
        changed = {i for i, (one, other) in enumerate(zip(self.places[-1], to, strict=True)) if one != other}
        if not changed:
            return
        taken = changed - self._sliders
        if not taken and not shown:
            self.places[-1] = to
            return
        self._put(
            to, self.moves[-1] + (1 if shown else len(taken)), shown or self.shown[-1], set() if shown else changed
        )

    def _put(self, to: Places, moves: int, shown: bool, sliders: set[int]) -> None:
        self.places.append(to)
        self.moves.append(moves)
        self.shown.append(shown)
        self._sliders = sliders
