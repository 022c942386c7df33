"""A training race: one small model trained by several estimators, from the same weights, minibatches and noise.

An estimator gives one gradient a sample at the encoder's output; their mean goes backwards through the encoder as any
gradient does. The decoder's gradient is plain backpropagation at the same samples, in every lane alike, so that lanes
differ in the estimator alone. The shipped sample of real images is split: the first N_TRAIN train, the others are held
out. All is done in float64 on the CPU, where a rounding does not grow to a difference that anybody sees.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.experiments.run import Run
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.parameters import check_integer
from explorer.core.randomness import Streams
from explorer.vae.datasets import DATASETS
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.gradients import ElboEstimator
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample
from explorer.vae.race_lane import Lane, Row, Terms, mean_over
from explorer.vae.race_latents import LATENTS, Latents

CPU = torch.device("cpu")
N_TRAIN = 200
"""Of the 300 images of the sample, one of each class in turn."""
MOST_LANES = 4
N_ROWS = 40
"""So many times a race is measured on its way, and once at its start."""
WEIGHED = 4
"""Samples an image for the bound, where it is not exact."""
MEASURED, REPEATS = 10, 16
"""The variance is that of so many images, one of each class, by so many independent draws."""
SHOWN = 4
"""Images that are reconstructed, and samples of the prior that are decoded."""


@dataclass(eq=False)
class Race(Run):
    """The lanes so far, by the names of their estimators. A unit of work is a step of every lane that still runs.

    The same settings give the same numbers however the work is cut, and whoever else races. Raises ValueError where
    the kind of latents or an estimator is unknown, there are none or more than MOST_LANES, or the terms cannot be kept.
    """

    latents: str
    estimators: tuple[str | ElboEstimator, ...]
    terms: Terms
    seed: int

    def __post_init__(self) -> None:
        if self.latents not in LATENTS:
            raise ValueError(f"latents must be one of {', '.join(LATENTS)}, got {self.latents!r}")
        check_integer("n_samples", self.terms.n_samples, 1, 64)
        check_integer("batch", self.terms.batch, 1, N_TRAIN)
        check_integer("n_steps", self.terms.n_steps, 1, 10**5)
        if not (math.isfinite(self.terms.rate) and self.terms.rate > 0):
            raise ValueError(f"rate must be a positive number, got {self.terms.rate!r}")
        found = {each.name: each for each in (self.kind.racer(each, self.terms.n_samples) for each in self.estimators)}
        self.estimators = tuple(found.values())
        if not 1 <= len(found) <= MOST_LANES:
            raise ValueError(f"a race has 1 to {MOST_LANES} estimators, got {len(found)}")
        self._streams = Streams(self.seed, CPU)
        self.taken = 0
        """Steps taken so far, of `terms.n_steps`."""

    @property
    def kind(self) -> Latents:
        """What the latents are."""
        return LATENTS[self.latents]

    @property
    def every(self) -> int:
        """Steps from one row to the next."""
        return max(1, self.terms.n_steps // N_ROWS)

    @property
    def share(self) -> float:
        return self.taken / self.terms.n_steps

    @isolated
    def restart(self) -> None:
        """Back to the start."""
        self._streams, self.taken = Streams(self.seed, CPU), 0
        self.__dict__.pop("lanes", None)

    @isolated
    def advance(self, n: int) -> None:
        """Takes at most `n` more steps, none after `terms.n_steps`."""
        for _ in range(min(n, self.terms.n_steps - self.taken)):
            self._step()
        if self.share == 1:
            self._put_away()

    def _put_away(self) -> None:
        """What only a next step would need: three quarters of what a lane holds."""
        for lane in self.lanes.values():
            lane.optimizer.zero_grad()
            lane.optimizer.state.clear()

    def load(self) -> None:
        """Reads the images now. Raises PretrainedError where they are missing or damaged."""
        _ = self.pixels

    @cached_property
    def pixels(self) -> Tensor:
        """The images (300, P) as the race has them: black and white, each pixel above a half is 1."""
        return black_and_white(load_sample()[0])

    @cached_property
    def lanes(self) -> dict[str, Lane]:
        """Each estimator's lane, measured at the start."""
        return self._begun()

    @isolated
    def _begun(self) -> dict[str, Lane]:
        with torch.device("meta"):
            vae = VAE(self.kind.architecture, DATASETS["mnist"])
        vae = vae.double().to_empty(device=CPU)
        vae.initialise(self._streams.named("weights"), self.pixels[:N_TRAIN].mean(0))
        lanes = []
        for estimator in self.estimators:
            assert isinstance(estimator, ElboEstimator)
            own = copy.deepcopy(vae)
            optimizer = torch.optim.Adam(own.parameters(), self.terms.rate, maximize=True)
            lanes.append(Lane(estimator, own, optimizer, Streams(self.seed, CPU)))
            self._measure(lanes[-1], 0)
        return {lane.estimator.name: lane for lane in lanes}

    def _step(self) -> None:
        lanes, terms = self.lanes.values(), self.terms
        chosen = torch.randperm(N_TRAIN, generator=self._streams.named("minibatches"))[: terms.batch]
        noise = self.kind.noise(terms.n_samples, terms.batch, generator=self._streams.main)
        self.taken += 1
        for lane in lanes:
            if lane.stopped is None:
                self._train(lane, self.pixels[chosen], noise)
            if lane.stopped is None and (self.taken % self.every == 0 or self.taken == terms.n_steps):
                self._measure(lane, self.taken)

    def _train(self, lane: Lane, pixels: Tensor, noise: Tensor) -> None:
        """One step of Adam up the mean bound of the minibatch."""
        vae = lane.vae
        lane.optimizer.zero_grad()
        with differentiation():
            outputs = self.kind.outputs(vae, pixels)
        draw = self.kind.draw(vae, pixels, tuple(each.detach() for each in outputs), noise, lane.beside)
        gradient = lane.estimator(draw).mean(0) / len(pixels)
        with differentiation():
            parts = gradient.split([each.shape[-1] for each in outputs], dim=-1)
            torch.autograd.backward(outputs, parts, inputs=list(vae.encoder.parameters()))
            decoded = decoded_log_prob(vae, draw.z, pixels).mean()
            torch.autograd.backward(decoded, inputs=list(vae.decoder.parameters()))
        pushes = [weight.grad.square().sum() for weight in vae.encoder.parameters() if weight.grad is not None]
        square = float(sum(pushes))
        if not math.isfinite(square):
            lane.stopped = self.taken - 1
            return
        lane.squares.append(square)
        lane.optimizer.step()

    def _measure(self, lane: Lane, step: int) -> None:
        bounds = self.kind.elbo(lane.vae, self.pixels, self._weighing)
        train, held_out = mean_over(bounds[:, :N_TRAIN]), mean_over(bounds[:, N_TRAIN:])
        variance = self._variance(lane)
        norm = math.sqrt(sum(lane.squares) / len(lane.squares)) if lane.squares else None
        if not all(map(math.isfinite, (*train, *held_out, *variance))):
            lane.stopped = step
            return
        lane.rows.append(Row(step, *train, *held_out, norm, *variance))
        lane.squares.clear()

    def _variance(self, lane: Lane) -> tuple[float, float]:
        """That of a step's gradient of one image's bound, and its standard error, from REPEATS independent draws."""
        pixels = self.pixels[:MEASURED]
        outputs = self.kind.outputs(lane.vae, pixels)
        draw = self.kind.draw(lane.vae, pixels, outputs, self._measuring, Streams(self.seed, CPU))
        steps = lane.estimator(draw).unflatten(0, (REPEATS, self.terms.n_samples)).mean(1)
        steps = steps - steps[0]  # so that what does not vary has the variance 0
        squares = (steps - steps.mean(0)).square().sum(-1).mean(-1) * REPEATS / (REPEATS - 1)
        return float(squares.mean()), float(squares.std()) / REPEATS**0.5

    @cached_property
    def _weighing(self) -> Tensor:
        """The noise by which every bound is measured."""
        return self.kind.noise(WEIGHED, len(self.pixels), generator=Streams(self.seed, CPU).named("weighing"))

    @cached_property
    def _measuring(self) -> Tensor:
        """The noise by which every variance is measured."""
        generator = Streams(self.seed, CPU).named("measuring")
        return self.kind.noise(REPEATS * self.terms.n_samples, MEASURED, generator=generator)

    @isolated
    def pictures(self, name: str) -> tuple[Tensor, Tensor]:
        """What a lane makes of the first SHOWN images, and of as many samples of the prior: both (SHOWN, P) in [0, 1].

        The samples are of the same z in every lane and at every step.
        """
        vae, z = self.lanes[name].vae, self.kind.prior(SHOWN, Streams(self.seed, CPU).named("prior"))
        codes = self.kind.code(vae, self.pixels[:SHOWN])
        reconstructions, samples = torch.sigmoid(vae.decode_logits(torch.cat([codes, z]))).split(SHOWN)
        return reconstructions, samples


@isolated
def black_and_white(images: Tensor) -> Tensor:
    """Images (N, 1, side, side) -> (N, P) of 0 and 1, float64."""
    return (images.flatten(1) > 0.5).double()
