"""Training by stochastic gradient ascent on the ELBO: with the pathwise estimator, one draw an image; bits exactly.

Of a model of bits every code is decoded in one batch at each step, and the gradient of the minibatch's ELBO, in the
encoder's weights too, is that of a sum: nothing is sampled but the minibatch and its binarization.

Images are binarized afresh each epoch (stochastic binarization). A checkpoint holds everything the next step depends
on, the generator's state included: a run that was stopped and resumed ends with the same weights as one that was not.
Checkpoints are safetensors files; nothing is pickled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.vae.codes import exact_terms
from explorer.vae.datasets import DATASETS, binarize
from explorer.vae.elbo import elbo_terms
from explorer.vae.model import VAE, Architecture


@dataclass(frozen=True)
class Recipe:
    """Everything that fixes a shipped model: data, shape, schedule. The manifest repeats it.

    The learning rate rises linearly over the first 500 steps and then follows half a cosine to zero. The KL term's
    weight rises linearly from 0 to 1 over `warmup_epochs` (Bowman et al. 2016), after which the objective is the ELBO.
    """

    dataset: str
    architecture: Architecture
    epochs: int
    warmup_epochs: int = 0
    batch_size: int = 256
    learning_rate: float = 1e-3
    gradient: Literal["pathwise", "exact"] = "pathwise"
    """Of the ELBO: one draw an image through its path, or the sum over the codes of bits."""

    def __post_init__(self) -> None:
        if (self.gradient == "exact") != (self.architecture.posterior == "bernoulli"):
            raise ValueError(f"gradient {self.gradient!r} is not for a {self.architecture.posterior} posterior")


RECIPES: dict[str, Recipe] = {
    "mnist-2d": Recipe("mnist", Architecture(n_latents=2, n_hidden=400, posterior="full"), epochs=200),
    "mnist-50d": Recipe(
        "mnist", Architecture(n_latents=50, n_hidden=400, posterior="diagonal"), epochs=500, warmup_epochs=20
    ),
    "mnist-10bit": Recipe(
        "mnist",
        Architecture(n_latents=10, n_hidden=400, posterior="bernoulli", largest_logit=7.0),
        epochs=70,
        warmup_epochs=4,
        batch_size=512,
        learning_rate=2e-3,
        gradient="exact",
    ),
}


@dataclass(frozen=True)
class Progress:
    """Where a run stands: `epoch` of `epochs` done, and the mean training ELBO of the last one in nats."""

    epoch: int
    epochs: int
    elbo: float


class CheckpointError(Exception):
    """A checkpoint cannot be read, or belongs to another run."""


def learning_rate(recipe: Recipe, step: int, n_steps: int) -> float:
    """The rate of a step in [0, n_steps)."""
    return recipe.learning_rate * min(1.0, (step + 1) / 500) * 0.5 * (1 + math.cos(math.pi * step / n_steps))


@isolated
def train(
    recipe: Recipe,
    images: Tensor,
    *,
    seed: int,
    device: torch.device,
    checkpoint: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> VAE:
    """A model trained by `recipe` on images (N, side, side) uint8.

    With `checkpoint`, the run is saved there after every epoch and goes on from there when the file exists.
    Raises CheckpointError when the file is damaged or was written for another recipe, seed or number of images.
    """
    pixels = images.flatten(1).to(device)
    generator = generator_for(seed, device)
    vae = VAE(recipe.architecture, DATASETS[recipe.dataset]).to(device)
    vae.initialise(generator, pixels.float().mean(0) / 255)
    optimizer = torch.optim.Adam(vae.parameters(), fused=True)
    identity = json.dumps({"recipe": asdict(recipe), "seed": seed, "n_images": len(images)}, sort_keys=True)
    first = 0
    if checkpoint is not None and checkpoint.exists():
        first = _resume(checkpoint, identity, vae, optimizer, generator)
    steps_an_epoch = math.ceil(len(pixels) / recipe.batch_size)
    for epoch in range(first, recipe.epochs):
        kl_weight = min(1.0, (epoch + 1) / (recipe.warmup_epochs + 1))
        total = torch.zeros((), dtype=torch.float64, device=device)
        order = torch.randperm(len(pixels), generator=generator, device=device)
        for step, index in enumerate(order.split(recipe.batch_size)):
            optimizer.param_groups[0]["lr"] = learning_rate(
                recipe, epoch * steps_an_epoch + step, recipe.epochs * steps_an_epoch
            )
            batch = binarize(pixels[index].float() / 255, generator)
            optimizer.zero_grad()
            with differentiation():
                reconstruction, kl = _terms(vae, batch, generator)
                (kl_weight * kl - reconstruction).mean().backward()
            optimizer.step()
            total += (reconstruction - kl).detach().sum()
        mean_elbo = float(total) / len(pixels)
        if not math.isfinite(mean_elbo):
            raise FloatingPointError(f"the training ELBO is {mean_elbo} after epoch {epoch + 1}")
        if checkpoint is not None:
            _save(checkpoint, identity, epoch + 1, vae, optimizer, generator)
        report(Progress(epoch + 1, recipe.epochs, mean_elbo))
    return vae.eval().requires_grad_(False)


def _terms(vae: VAE, pixels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Reconstruction and KL of each image, (B,): by one draw, or exactly."""
    if vae.has_bits:
        return exact_terms(vae, pixels)
    eps = torch.randn(1, len(pixels), vae.n_latents, generator=generator, device=pixels.device)
    reconstruction, kl = elbo_terms(vae, pixels, eps)
    return reconstruction[0], kl


def _save(
    path: Path, identity: str, epoch: int, vae: VAE, optimizer: torch.optim.Optimizer, generator: torch.Generator
) -> None:
    tensors = {f"model.{name}": value for name, value in vae.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in state.items()}
    tensors["generator"] = generator.get_state()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed: a run that is killed while saving keeps the checkpoint before.
    unfinished = path.with_suffix(".unfinished")
    save_file(tensors, unfinished, metadata={"run": identity, "epoch": str(epoch)})
    unfinished.replace(path)


def _resume(path: Path, identity: str, vae: VAE, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> int:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read ({error}); delete it to start again") from error
    if metadata.get("run") != identity:
        raise CheckpointError(f"{path} belongs to another run; delete it to start again")
    try:
        vae.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
        states: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("adam."):
                _, index, field = name.split(".")
                states.setdefault(int(index), {})[field] = value
        for index, parameter in enumerate(vae.parameters()):
            if not states[index]["exp_avg"].shape == states[index]["exp_avg_sq"].shape == parameter.shape:
                raise ValueError(f"the moments of parameter {index} have another shape")
        optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
        generator.set_state(tensors["generator"])
        return int(metadata["epoch"])
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        # A generator's state belongs to its kind of device: a run cannot change from the CPU to a GPU half way.
        raise CheckpointError(
            f"{path} does not fit this run, or was written on another device; delete it to start again"
        ) from error
