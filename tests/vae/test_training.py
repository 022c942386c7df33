"""Training: reproducible, resumable bit for bit, and its checkpoints are checked."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from explorer.core.device import generator_for
from explorer.vae.datasets import DATASETS, binarize
from explorer.vae.elbo import pixel_log_prob
from explorer.vae.model import VAE, Architecture
from explorer.vae.recipes import RECIPES, Recipe, Refinement, learning_rate
from explorer.vae.training import CheckpointError, k_sample_loss, train

CPU = torch.device("cpu")
TINY = Recipe("mnist", Architecture(2, 16, "full"), epochs=4, warmup_epochs=2, batch_size=16)


def tiny(posterior):
    gradient = "exact" if posterior == "bernoulli" else "pathwise"
    return replace(TINY, architecture=Architecture(3, 16, posterior), gradient=gradient)


class StopError(Exception):
    pass


@pytest.fixture
def training_images():
    """Sixty pictures of one bright square each."""
    images = torch.zeros(60, 28, 28, dtype=torch.uint8)
    for index in range(60):
        row, column = divmod(index, 10)
        images[index, 3 * row : 3 * row + 9, 2 * column : 2 * column + 9] = 230
    return images


def same_weights(first, second):
    return all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())


def stopped_after(epoch, images, checkpoint, recipe=TINY, seed=0):
    def report(progress):
        if progress.epoch == epoch:
            raise StopError

    with pytest.raises(StopError):
        train(recipe, images, seed=seed, device=CPU, checkpoint=checkpoint, report=report)


@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("posterior", ["full", "diagonal", "bernoulli"])
def test_a_resumed_run_ends_as_an_uninterrupted_one(training_images, tmp_path, epoch, posterior):
    recipe = tiny(posterior)
    checkpoint = tmp_path / "runs" / "tiny.checkpoint.safetensors"
    stopped_after(epoch, training_images, checkpoint, recipe)
    seen = []
    resumed = train(recipe, training_images, seed=0, device=CPU, checkpoint=checkpoint, report=seen.append)
    assert [progress.epoch for progress in seen] == list(range(epoch + 1, 5))
    assert same_weights(resumed, train(recipe, training_images, seed=0, device=CPU))


def test_a_finished_checkpoint_is_the_model(training_images, tmp_path):
    checkpoint, seen = tmp_path / "tiny.safetensors", []
    first = train(TINY, training_images, seed=0, device=CPU, checkpoint=checkpoint)
    again = train(TINY, training_images, seed=0, device=CPU, checkpoint=checkpoint, report=seen.append)
    assert same_weights(first, again)
    assert seen == []


def test_seeds_reproduce_and_differ_and_leave_torch_s_own_alone(training_images):
    torch_state = torch.get_rng_state()
    first = train(TINY, training_images, seed=1, device=CPU)
    torch.set_rng_state(torch_state)
    torch.rand(5)
    assert same_weights(first, train(TINY, training_images, seed=1, device=CPU))
    assert not same_weights(first, train(TINY, training_images, seed=2, device=CPU))


def test_the_elbo_rises_and_the_model_is_frozen(training_images):
    seen = []
    recipe = replace(TINY, epochs=120, warmup_epochs=0, learning_rate=1e-2)
    vae = train(recipe, training_images, seed=0, device=CPU, report=seen.append)
    assert seen[-1].elbo > seen[0].elbo + 50
    assert all(progress.epochs == 120 and math.isfinite(progress.elbo) for progress in seen)
    assert not vae.training
    assert not any(parameter.requires_grad for parameter in vae.parameters())


def test_bits_are_trained_by_the_exact_gradient(training_images, monkeypatch):
    """The first step of plain gradient ascent, against autograd through the sum over codes one by one."""
    recipe = replace(tiny("bernoulli"), epochs=1, warmup_epochs=0, batch_size=60)
    monkeypatch.setattr(torch.optim, "Adam", lambda parameters, fused: torch.optim.SGD(parameters, lr=1.0))
    found = train(recipe, training_images, seed=3, device=CPU)
    generator, pixels = generator_for(3, CPU), training_images.flatten(1)
    vae = VAE(recipe.architecture, DATASETS["mnist"])
    vae.initialise(generator, pixels.float().mean(0) / 255)
    order = torch.randperm(60, generator=generator)
    batch = binarize(pixels[order].float() / 255, generator)
    q = torch.distributions.Bernoulli(logits=vae.bit_logits(batch))
    elbo = torch.zeros(60)
    for code in itertools.product((0.0, 1.0), repeat=3):
        z = torch.tensor(code)
        log_q = q.log_prob(z).sum(-1)
        elbo = elbo + log_q.exp() * (pixel_log_prob(vae.decode_logits(z), batch) - 3 * math.log(2) - log_q)
    elbo.mean().backward()
    rate = learning_rate(recipe, 0, 1)
    for name, weight in vae.named_parameters():
        step = found.state_dict()[name] - weight.detach()
        torch.testing.assert_close(step, rate * weight.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("posterior", "gradient"), [("full", "exact"), ("bernoulli", "pathwise")])
def test_a_recipe_names_a_gradient_that_there_is(posterior, gradient):
    with pytest.raises(ValueError, match=f"gradient '{gradient}' is not for a {posterior} posterior"):
        replace(TINY, architecture=Architecture(3, 16, posterior), gradient=gradient)


def test_another_run_s_checkpoint_is_refused(training_images, tmp_path):
    checkpoint = tmp_path / "tiny.safetensors"
    stopped_after(1, training_images, checkpoint)
    for recipe, seed, images in (
        (replace(TINY, learning_rate=2e-3), 0, training_images),
        (TINY, 1, training_images),
        (TINY, 0, training_images[:50]),
    ):
        with pytest.raises(CheckpointError, match=r"tiny\.safetensors belongs to another run; delete it"):
            train(recipe, images, seed=seed, device=CPU, checkpoint=checkpoint)


def test_a_damaged_checkpoint_is_named(training_images, tmp_path):
    checkpoint = tmp_path / "tiny.safetensors"
    stopped_after(1, training_images, checkpoint)
    whole = checkpoint.read_bytes()
    for damage in (b"", whole[:100], whole[:-1], b"\xff" * 50):
        checkpoint.write_bytes(damage)
        with pytest.raises(CheckpointError, match=r"tiny\.safetensors cannot be read"):
            train(TINY, training_images, seed=0, device=CPU, checkpoint=checkpoint)


@pytest.mark.parametrize("lost", ["generator", "model.encoder.0.weight", "adam.3.exp_avg", "adam.0.step", "epoch"])
def test_an_incomplete_checkpoint_is_refused(training_images, tmp_path, lost):
    checkpoint = tmp_path / "tiny.safetensors"
    stopped_after(1, training_images, checkpoint)
    with safe_open(checkpoint, framework="pt") as file:
        metadata = {key: value for key, value in file.metadata().items() if key != lost}
        tensors = {name: file.get_tensor(name) for name in file.keys() if name != lost}  # noqa: SIM118
    save_file(tensors, checkpoint, metadata=metadata)
    with pytest.raises(CheckpointError, match="does not fit this run"):
        train(TINY, training_images, seed=0, device=CPU, checkpoint=checkpoint)


def test_the_learning_rate_rises_then_falls_to_zero():
    rates = [learning_rate(TINY, step, 10_000) for step in range(10_000)]
    assert rates[0] == pytest.approx(1e-3 / 500)
    assert rates.index(max(rates)) == 499
    assert rates[-1] < 1e-9
    assert all(0 <= rate <= TINY.learning_rate for rate in rates)


def test_every_recipe_names_a_data_set_and_a_posterior():
    for recipe in RECIPES.values():
        assert recipe.dataset in DATASETS
        assert recipe.architecture.posterior in ("full", "diagonal", "bernoulli")


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_the_k_sample_loss_is_doubly_reparameterized_in_the_encoder_and_plain_in_the_decoder(make_vae, posterior):
    vae = make_vae(3, posterior).double().requires_grad_(True)
    pixels = (torch.rand(4, 784, generator=torch.Generator().manual_seed(1)) < 0.3).double()
    loss, bound = k_sample_loss(vae, pixels, 5, generator_for(0, CPU))
    found = dict(zip(dict(vae.named_parameters()), torch.autograd.grad(loss, list(vae.parameters())), strict=True))

    eps = torch.randn(5, 4, 3, generator=generator_for(0, CPU), dtype=torch.float64)
    q = vae.posterior(pixels)
    normal = torch.distributions.MultivariateNormal
    z = q.transform(eps)
    prior = normal(torch.zeros(3).double(), torch.eye(3).double()).log_prob(z)

    def log_w(density):
        return pixel_log_prob(vae.decode_logits(z), pixels) + prior - density.log_prob(z)

    held = log_w(normal(q.loc.detach(), scale_tril=q.scale_tril.detach()))
    torch.testing.assert_close(bound, held.logsumexp(0) - math.log(5))
    shares = held.detach().softmax(0)
    decoder = [name for name in found if name.startswith("decoder")]
    plain = torch.autograd.grad(
        -bound_of(held).mean(), [vae.get_parameter(name) for name in decoder], retain_graph=True
    )
    for name, expected in zip(decoder, plain, strict=True):
        torch.testing.assert_close(found[name], expected, atol=1e-9, rtol=1e-7)
    encoder = [name for name in found if name.startswith("encoder")]
    twice = -(shares.square() * held).sum(0).mean()
    for name, expected in zip(
        encoder, torch.autograd.grad(twice, [vae.get_parameter(name) for name in encoder]), strict=True
    ):
        torch.testing.assert_close(found[name], expected, atol=1e-9, rtol=1e-7)


def bound_of(log_w):
    return log_w.logsumexp(0) - math.log(len(log_w))


REFINED = replace(TINY, refinement=Refinement(epochs=2, n_samples=3, learning_rate=1e-3))


@pytest.mark.parametrize("epoch", [4, 5])
def test_a_refinement_goes_on_after_the_elbo_and_resumes_bit_for_bit(training_images, tmp_path, epoch):
    checkpoint = tmp_path / "refined.safetensors"
    whole = train(REFINED, training_images, seed=0, device=CPU)
    assert not same_weights(whole, train(TINY, training_images, seed=0, device=CPU))
    stopped_after(epoch, training_images, checkpoint, REFINED)
    assert same_weights(train(REFINED, training_images, seed=0, device=CPU, checkpoint=checkpoint), whole)


def test_a_refinement_begins_from_the_weights_alone(training_images, tmp_path):
    """With a fresh optimizer and generator: whoever has the weights of the epochs before can make it again."""
    checkpoint = tmp_path / "refined.safetensors"
    stopped_after(TINY.epochs, training_images, checkpoint, REFINED)
    with safe_open(checkpoint, framework="pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    forgotten = {name: torch.zeros_like(value) if name.startswith("adam") else value for name, value in tensors.items()}
    save_file({**forgotten, "generator": generator_for(9, CPU).get_state()}, checkpoint, metadata=metadata)
    again = train(REFINED, training_images, seed=0, device=CPU, checkpoint=checkpoint)
    assert same_weights(again, train(REFINED, training_images, seed=0, device=CPU))


def test_beta_weighs_the_kl(training_images):
    longer = replace(TINY, epochs=40, learning_rate=0.02)
    plain, heavy = (train(replace(longer, beta=beta), training_images, seed=0, device=CPU) for beta in (1.0, 50.0))
    pixels = training_images.flatten(1).float() / 255
    assert float(heavy.posterior(pixels).kl_to_prior().mean()) < 0.5 * float(
        plain.posterior(pixels).kl_to_prior().mean()
    )
