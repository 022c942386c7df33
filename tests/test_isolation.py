"""Answers do not depend on how the caller has set torch, and what is kept for others was made with nothing set."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

import explorer
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.isolation import isolated, isolation
from explorer.vae import latent, model, traversals
from explorer.vae.codebook import beliefs, codebook
from explorer.vae.datasets import DATASETS
from explorer.vae.gradients import NORMAL
from explorer.vae.model import Architecture
from explorer.vae.pretrained import load_sample
from explorer.vae.race import Race, Terms
from tests.core.cases import EVERY, defaults

WAVE = explorer.formula("x*sin(x)")
"""Its slope is autograd's."""
X = torch.tensor([[0.3, -1.2]], dtype=torch.float64)
NUMBERS = [i / 100 for i in range(200)]
Z = torch.tensor([[0.5, -1.0]], dtype=torch.float32)
VAE = explorer.load_vae("mnist-2d", "cpu")
BITS = explorer.load_vae("mnist-10bit", "cpu")
IMAGE = load_sample("mnist")[0][3:4].round()
SMALL = model.VAE(Architecture(1, 16, "full"), DATASETS["mnist"])
"""One latent, whose integrals are quick."""
SMALL.initialise(torch.Generator().manual_seed(0), IMAGE.flatten())
SMALL.eval().requires_grad_(False)


def gradient_samples() -> dict[str, Any]:
    found = {
        name: explorer.gradient_samples("bernoulli", WAVE, name, {"probs": 0.3}, 16, device="cpu")
        for name, method in explorer.ESTIMATORS.items()
        if method.covers(explorer.FAMILIES["bernoulli"])
    }
    for family in ("normal", "gamma"):
        found[family] = explorer.gradient_samples(
            family, WAVE, "pathwise", defaults(explorer.FAMILIES[family]), 300, device="cpu"
        )
    return found


def check_estimator() -> dict[str, Any]:
    report = explorer.check_estimator({"rate": list(range(100))}, "exponential", "square", {"rate": 1.0})
    return {known.estimator: [known.mean, known.variance] for known in report.parameters["rate"].known}


def race() -> list[Any]:
    made = Race("bernoulli", ("rebar", "enumeration"), Terms(batch=2, n_samples=1, n_steps=2), 0)
    pixels = made.pixels
    made.advance(2)
    return [pixels, *made.pictures("rebar"), *(lane.rows[-1].elbo for lane in made.lanes.values())]


CALLS: dict[str, Callable[[], Any]] = {
    "check_estimator": check_estimator,
    "ESTIMATORS": gradient_samples,
    "FAMILIES": lambda: {name: explorer.sample(name, defaults(explorer.FAMILIES[name]), 4) for name in MADE},
    "OBJECTIVES": lambda: [f(X) for f in explorer.OBJECTIVES.values()],
    "elbo": lambda: explorer.elbo(VAE, IMAGE, 3),
    "elbo_gradient_samples": lambda: [
        explorer.elbo_gradient_samples(VAE, IMAGE, name, 8, kl=kl) for name in NORMAL for kl in ("analytic", "sampled")
    ],
    "exact_elbo_gradient": lambda: explorer.exact_elbo_gradient(SMALL, IMAGE),
    "exact_elbo_variance": lambda: explorer.exact_elbo_variance(SMALL, IMAGE, "optimal_baseline"),
    "exact_gradient": lambda: [
        explorer.exact_gradient(*pair, defaults(explorer.FAMILIES[pair[0]]))
        for pair in (("exponential", "square"), ("student_t", "cosine"), ("poisson", "step"), ("gamma", "square"))
    ],
    "exact_variance": lambda: [
        explorer.exact_variance("exponential", "square", name, {"rate": 1.0})
        for name in ("pathwise", "implicit_pathwise", "optimal_baseline", "finite_differences")
    ],
    "formula": lambda: explorer.formula("exp(-x^2)").slope(X),
    "gradient_samples": gradient_samples,
    "load_vae": lambda: dict(explorer.load_vae("mnist-50d", "cpu").state_dict()),
    "log_likelihood": lambda: explorer.log_likelihood(VAE, IMAGE, 3),
    "sample": lambda: explorer.sample("normal_mixture", defaults(explorer.FAMILIES["normal_mixture"]), 300),
    # Beside the public names: what pages call, and the model's own two.
    "atlas": lambda: latent.atlas(VAE, 3.0, 3),
    "codebook": lambda: [codebook(BITS).pictures[0, :4], beliefs(BITS, IMAGE).posterior],
    "elbo of bits": lambda: [explorer.elbo(BITS, IMAGE), explorer.log_likelihood(BITS, IMAGE)],
    "gradients of bits": lambda: [
        *(explorer.elbo_gradient_samples(BITS, IMAGE, name, 4, kl="sampled") for name in ("disarm", "rebar")),
        explorer.exact_elbo_gradient(BITS, IMAGE),
        explorer.exact_elbo_variance(BITS, IMAGE, "straight_through"),
    ],
    "encode and decode": lambda: [VAE.encode(IMAGE.clone()), VAE.decode(Z)],
    "traversals": lambda: [
        traversals.use_of_latents(VAE, IMAGE.expand(2, -1, -1, -1)).kl,
        traversals.centre_of(VAE, IMAGE).scale,
        traversals.traversals(VAE, Z[0], Z[:1].T.repeat(1, 2)),
    ],
    "prior_samples": lambda: latent.prior_samples(VAE, 2, seed=1),
    "race": race,
}
MADE = ("normal", "laplace", "cauchy", "uniform", "categorical", "multivariate_normal")
"""A family for each kind of noise."""


@contextlib.contextmanager
def default_dtype() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextlib.contextmanager
def default_device() -> Iterator[None]:
    """Where nothing can be computed, as a stand-in for a device that computes otherwise."""
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


SETTINGS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    "inference_mode": torch.inference_mode,
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "default_dtype": default_dtype,
    "default_device": default_device,
}


def forget() -> None:
    """Empties every cache of the package."""
    for name, module in list(sys.modules.items()):
        if name.startswith("explorer"):
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()


def flat(found: Any) -> Iterator[Any]:
    """The tensors, numbers and texts of an answer."""
    if isinstance(found, dict):
        found = found.values()
    if isinstance(found, (torch.Tensor, float, str)):
        yield found
    else:
        for part in found:
            yield from flat(part)


def assert_same(found: Any, expected: Any) -> None:
    for one, other in zip(flat(found), flat(expected), strict=True):
        if not isinstance(other, torch.Tensor):
            assert one == other
        else:
            assert (one.dtype, one.device) == (other.dtype, other.device)
            assert torch.equal(one, other)


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return {name: call() for name, call in CALLS.items()}


def test_every_public_name_is_called() -> None:
    assert set(explorer.__all__) <= set(CALLS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_answers_are_the_same_in_every_setting(plain: dict[str, Any], setting: str) -> None:
    """Also those given afterwards from what was kept."""
    forget()
    for name, call in CALLS.items():
        if (setting, name) != ("autocast", "encode and decode"):  # the model's own layers are the caller's to set
            with SETTINGS[setting]():
                found = call()
            assert_same(found, plain[name])
    for name, call in CALLS.items():
        assert_same(call(), plain[name])


def test_answers_are_the_same_in_other_threads(plain: dict[str, Any]) -> None:
    """Two at a time, while the default type is another; it is put back when the last of them is done."""
    forget()
    with default_dtype(), ThreadPoolExecutor(2) as pool:
        for found, expected in zip(pool.map(lambda call: call(), CALLS.values()), plain.values(), strict=True):
            assert_same(found, expected)
        assert torch.get_default_dtype() == torch.float64


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_derivatives_are_the_same_in_inference_mode(family: Family) -> None:
    """At noise and parameters that were made there."""

    def derivatives() -> list[torch.Tensor]:
        eps = draw_noise(family, 5, torch.Generator().manual_seed(1)).double()
        theta = {name: torch.tensor(value).double() for name, value in defaults(family).items()}
        x = family.transform(eps, theta)
        found = [of(at, theta, name) for name in theta for of, at in ((family.scores, x), (family.paths, eps))]
        if family.cdf is not None:
            found += [family.implicit_paths(x, theta, name) for name in theta]
        return [*found, WAVE.slope(x, family.size)]

    with torch.inference_mode():
        found = derivatives()
    assert_same(found, derivatives())


def test_what_is_kept_can_be_differentiated_through() -> None:
    """The tables of quantiles made in inference mode, in the graph of a caller who is in none."""
    forget()
    theta = defaults(explorer.FAMILIES["gamma"])
    with torch.inference_mode():
        explorer.gradient_samples("gamma", WAVE, "pathwise", theta, 300, device="cpu")
    leaf = torch.linspace(-1, 1, 300, dtype=torch.float32, requires_grad=True)
    values = {name: torch.tensor(value) for name, value in theta.items()}
    explorer.FAMILIES["gamma"].transform(leaf, values).sum().backward()
    assert leaf.grad is not None
    assert (leaf.grad > 0).all()


def test_the_caller_s_setting_is_put_back() -> None:
    @isolated
    def fails() -> None:
        assert not torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert torch.get_default_dtype() == torch.float32
        assert torch.zeros(1).device.type == "cpu"
        with isolation():
            raise ValueError("seen")

    with default_dtype(), default_device(), torch.inference_mode():
        with pytest.raises(ValueError, match="seen"):
            fails()
        assert torch.is_inference_mode_enabled()
        assert torch.get_default_dtype() == torch.float64
        assert torch.zeros(1).device.type == "meta"
