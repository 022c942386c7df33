"""Training by stochastic gradient ascent on the ELBO: with the pathwise estimator, one draw an image; bits exactly.

A recipe may weigh the KL (beta-VAE, Higgins et al. 2017), and may go on with a refinement by the tighter K-sample bound
(Burda, Grosse & Salakhutdinov 2016), whose encoder gradient is doubly reparameterized (Tucker et al. 2019).

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

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.vae.codes import exact_terms
from explorer.vae.datasets import DATASETS, binarize
from explorer.vae.elbo import elbo_terms, pixel_log_prob
from explorer.vae.model import VAE
from explorer.vae.recipes import Recipe, Refinement, learning_rate


@dataclass(frozen=True)
class Progress:
    """Where a run stands: `epoch` of `epochs` done, and the mean training bound of the last one in nats.

    The bound is the ELBO, in a refinement that of its K samples.
    """

    epoch: int
    epochs: int
    elbo: float


class CheckpointError(Exception):
    """A checkpoint cannot be read, or belongs to another run."""


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
    for epoch in range(first, recipe.all_epochs):
        stage: Recipe | Refinement = recipe
        if recipe.refinement is not None and epoch >= recipe.epochs:
            stage = recipe.refinement
        before = epoch if stage is recipe else epoch - recipe.epochs
        if stage is not recipe and before == 0:
            optimizer, generator = torch.optim.Adam(vae.parameters(), fused=True), generator_for(seed, device)
        kl_weight = recipe.beta * min(1.0, (epoch + 1) / (recipe.warmup_epochs + 1))
        total = torch.zeros((), dtype=torch.float64, device=device)
        order = torch.randperm(len(pixels), generator=generator, device=device)
        for step, index in enumerate(order.split(recipe.batch_size)):
            optimizer.param_groups[0]["lr"] = learning_rate(
                stage, before * steps_an_epoch + step, stage.epochs * steps_an_epoch
            )
            batch = binarize(pixels[index].float() / 255, generator)
            optimizer.zero_grad()
            with differentiation():
                if isinstance(stage, Refinement):
                    loss, bound = k_sample_loss(vae, batch, stage.n_samples, generator)
                else:
                    reconstruction, kl = _terms(vae, batch, generator)
                    loss, bound = (kl_weight * kl - reconstruction).mean(), (reconstruction - kl).detach()
                loss.backward()
            optimizer.step()
            total += bound.sum()
        mean_elbo = float(total) / len(pixels)
        if not math.isfinite(mean_elbo):
            raise FloatingPointError(f"the training ELBO is {mean_elbo} after epoch {epoch + 1}")
        if checkpoint is not None:
            _save(checkpoint, identity, epoch + 1, vae, optimizer, generator)
        report(Progress(epoch + 1, recipe.all_epochs, mean_elbo))
    return vae.eval().requires_grad_(False)


def _terms(vae: VAE, pixels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Reconstruction and KL of each image, (B,): by one draw, or exactly."""
    if vae.has_bits:
        return exact_terms(vae, pixels)
    eps = torch.randn(1, len(pixels), vae.n_latents, generator=generator, device=pixels.device)
    reconstruction, kl = elbo_terms(vae, pixels, eps)
    return reconstruction[0], kl


def k_sample_loss(vae: VAE, pixels: Tensor, n_samples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A scalar whose gradient descends the mean K-sample bound, and that bound of each image (B,), detached.

    With v_k the weights' shares, the decoder gets sum_k v_k d log w_k, and the encoder sum_k v_k^2 d log w_k through
    z_k alone: each z_k's gradient is multiplied by v_k once more on its way back (Tucker et al. 2019, Section 4).
    """
    posterior = vae.posterior(pixels)
    shape = (n_samples, len(pixels), vae.n_latents)
    eps = torch.randn(shape, generator=generator, device=pixels.device, dtype=pixels.dtype)
    z = posterior.transform(eps)
    density = posterior.detached()
    log_w = pixel_log_prob(vae.decode_logits(z), pixels) + density.log_det
    log_w = log_w + 0.5 * (density.noise(z).square().sum(-1) - z.square().sum(-1))
    shares = log_w.detach().softmax(0)
    z.register_hook(lambda gradient: shares[..., None] * gradient)
    return -(shares * log_w).sum(0).mean(), log_w.detach().logsumexp(0) - math.log(n_samples)


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
