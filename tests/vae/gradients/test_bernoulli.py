"""The estimators of bits: draw by draw against autograd and by hand, on average and in variance against sums."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch.distributions import Bernoulli

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolation
from explorer.core.randomness import Streams
from explorer.vae import codes
from explorer.vae.codes import CodeTable, kl_gradient, kl_to_prior
from explorer.vae.elbo import pixel_log_prob
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.vae.gradients.bernoulli_draw import BernoulliDraw
from explorer.vae.gradients.bernoulli_moments import _path_moments
from explorer.vae.gradients.exact import exact_elbo_gradient, exact_elbo_variance, exact_moments
from explorer.vae.gradients.moments import ElboMoments, weighted
from explorer.vae.gradients.samples import elbo_gradient_samples
from explorer.vae.gradients.weights import weight_moments
from explorer.vae.model import VAE

CPU = torch.device("cpu")
N, D = 6, 3
UNBIASED = [name for name, each in BERNOULLI.items() if not each.biased]
REFUSED = ("gumbel_softmax", "rebar")


@pytest.fixture
def vae(make_vae, in_float64):
    """Three bits, all of them uncertain, in float64."""
    return in_float64(make_vae(D, "bernoulli"))


@pytest.fixture
def pixels(images):
    """Two binary images (2, P), float64."""
    return (images[:2] > 0.7).double().flatten(1)


def draw_of(vae, pixels, n=N, **options):
    u = torch.rand(n, len(pixels), vae.n_latents, generator=generator_for(3, CPU), dtype=torch.float64)
    return BernoulliDraw(vae, pixels, vae.bit_logits(pixels), u, **options)


def by_hand(name, draw, sample, image):
    """One gradient, (D,), with the KL known: from log p(x | z), u and the logit alone, by autograd."""
    logits = draw.logits[image].clone().requires_grad_()
    p = torch.sigmoid(logits)

    def f(z):
        return pixel_log_prob(draw.vae.decode_logits(z), draw.pixels[image])

    def grad(value):
        return torch.autograd.grad(value, logits)[0]

    def log_q(z):
        return Bernoulli(logits=logits).log_prob(z).sum()

    def softened(u, temperature):
        return torch.sigmoid((logits + torch.log((1 - u) / u)) / temperature)

    u = draw.u[sample, image]
    z = (u < p).double()
    if name == "score_function":
        return grad(f(z).detach() * log_q(z))
    if name == "leave_one_out":
        others = [f((v < p).double()) for j, v in enumerate(draw.u[:, image]) if j != sample]
        return grad((f(z) - sum(others) / len(others)).detach() * log_q(z))
    if name == "disarm":
        other = (1 - u < p).double()
        signs = torch.where(z != other, (-1) ** other, 0.0)
        return 0.5 * (f(z) - f(other)).detach() * signs * torch.sigmoid(logits.detach().abs())
    if name == "gumbel_softmax":
        return grad(f(softened(u, 0.5)))
    if name == "straight_through":
        leaf = z.clone().requires_grad_()
        (slope,) = torch.autograd.grad(f(leaf), leaf)
        return grad((slope * softened(u, 0.5)).sum())
    if name == "rebar":
        v = torch.where(z > 0, u / p, (u - p) / (1 - p)).detach()
        held = softened(torch.where(z > 0, p * v, p + (1 - p) * v), 0.5)
        return grad((f(z) - f(held)).detach() * log_q(z) + f(softened(u, 0.5)) - f(held))
    all_z = [torch.tensor(code).double() for code in itertools.product((0.0, 1.0), repeat=len(u))]
    return grad(sum(log_q(z).exp() * f(z).detach() for z in all_z))


@pytest.mark.parametrize("name", BERNOULLI)
def test_each_sample_is_the_formula(vae, pixels, name):
    """A batch of images, each decoded as it is; and one image, whose codes are looked up."""
    draw = draw_of(vae, pixels)
    method = BERNOULLI[name].at(group=16.0) if name == "leave_one_out" else BERNOULLI[name]
    with isolation():
        found = method(draw)
        alone = method(draw_of(vae, pixels[:1], table=CodeTable(vae, pixels[:1])))
    assert found.shape == (N, 2, D)
    for image in range(2):
        logits = draw.logits[image].clone().requires_grad_()
        (of_kl,) = torch.autograd.grad(kl_to_prior(logits), logits)
        for sample in range(N):
            expected = by_hand(name, draw, sample, image) - of_kl
            torch.testing.assert_close(found[sample, image], expected)
    first = draw_of(vae, pixels[:1])
    for sample in range(N):
        torch.testing.assert_close(alone[sample, 0], by_hand(name, first, sample, 0) - kl_gradient(first.logits)[0])


def test_relaxed_bits_round_to_the_bits_and_mirrored_ones_keep_the_law(vae, pixels):
    draw = draw_of(vae, pixels, 4000)
    for temperature in (0.1, 1.0):
        assert torch.equal(draw.relaxed(temperature).round(), draw.z)
    error = 4.5 * (draw.p * draw.q / 4000).sqrt()
    for each in (draw, draw.mirrored):
        assert ((each.z.mean(0) - draw.p).abs() < error).all()
    # The pair agrees only where it must.
    agree = (draw.z == draw.mirrored.z).double().mean(0)
    assert ((agree - (draw.p - draw.q).abs()).abs() < 2 * error).all()


def test_a_draw_of_all_codes_has_them_in_their_order(vae, pixels):
    draw = BernoulliDraw.of_codes(vae, pixels[:1])
    assert torch.equal(draw.z[:, 0], draw.table.codes)
    assert draw.table.number(draw.z[:, 0]).tolist() == list(range(2**D))


@pytest.mark.parametrize("name", BERNOULLI)
def test_draws_go_on_in_their_stream(vae, pixels, name):
    """In one piece or two, with the codes looked up or decoded: the same samples."""
    with isolation():
        vae, pixels = vae.float(), pixels.float()
        whole = BERNOULLI[name](BernoulliDraw.fresh(vae, pixels[:1], 32, Streams(5, CPU)))
        first = BernoulliDraw.fresh(vae, pixels[:1], 16, Streams(5, CPU))
        parts = torch.cat([BERNOULLI[name](first), BERNOULLI[name](first.again(16))])
    torch.testing.assert_close(whole, parts)


def exact_gradient(vae, pixels):
    """Autograd of the ELBO of one image, its expectation code by code."""
    logits = vae.bit_logits(pixels)[0].clone().requires_grad_()
    q = Bernoulli(logits=logits)
    elbo = 0
    for code in itertools.product((0.0, 1.0), repeat=vae.n_latents):
        z = torch.tensor(code, dtype=torch.float64)
        log_q = q.log_prob(z).sum()
        joint = pixel_log_prob(vae.decode_logits(z), pixels[0]) - vae.n_latents * math.log(2)
        elbo = elbo + log_q.exp() * (joint - log_q)
    return torch.autograd.grad(elbo, logits)[0]


@pytest.mark.parametrize("kl", ["analytic", "sampled"])
def test_moments_are_those_of_many_samples(vae, pixels, kl):
    """Means and covariances of one sample by sums, against 10,000 samples; the unbiased ones have the exact mean."""
    n, truth = 10_000, exact_gradient(vae, pixels[:1])
    with isolation():
        draw = BernoulliDraw(
            vae,
            pixels[:1],
            vae.bit_logits(pixels[:1]),
            torch.rand(n, 1, D, generator=generator_for(8, CPU), dtype=torch.float64),
            kl,
            table=CodeTable(vae, pixels[:1]),
        )
        for name, method in BERNOULLI.items():
            samples = method(draw)[:, 0]
            if name in REFUSED:
                spread, mean = samples.var(0), truth
            else:
                found = exact_moments(vae, pixels[:1], method, kl)
                spread, mean = found.spread, found.mean
                assert found.coordinates == tuple(("logits", (i,)) for i in range(D))
                parts = torch.stack([part.T.cov() for part in samples.split(n // 50)])
                error = parts.std(0) / 50**0.5
                assert ((parts.mean(0) - found.covariance).abs() < 4.5 * error + 1e-12).all(), name
                if name != "enumeration":
                    # A sample that is 5 % too large is told from its moments.
                    assert ((1.05**2 * parts.mean(0) - found.covariance).abs() > 4.5 * 1.05**2 * error).any(), name
            if name in UNBIASED:
                torch.testing.assert_close(mean, truth, rtol=1e-9, atol=1e-9)
            if name != "gumbel_softmax":
                assert ((samples.mean(0) - mean).abs() < 4.5 * (spread / n).sqrt() + 1e-9).all(), name


def test_relaxed_estimators_are_biased_less_at_a_lower_temperature(vae, pixels):
    """Gumbel-softmax tends to the exact gradient as its temperature falls; straight-through does not."""
    truth = exact_gradient(vae, pixels[:1])
    with isolation():
        draw = draw_of(vae, pixels[:1], 10_000)
        for temperature, is_biased in ((2.0, True), (0.1, False)):
            samples = BERNOULLI["gumbel_softmax"].at(temperature=temperature)(draw)[:, 0]
            score = (samples.mean(0) - truth).abs() / (samples.std(0) / 100)
            assert bool((score > 10).any()) == is_biased, score
        bias = exact_moments(vae, pixels[:1], "straight_through").mean - truth
    assert (bias.abs() > 0.02 * truth.abs().max()).any()


def test_the_path_moments_are_the_integrals():
    logits = torch.tensor([-9.0, -0.3, 4.0, 30.0], dtype=torch.float64)
    for temperature in (0.05, 0.5, 2.0, 50.0):
        first, second = _path_moments(logits, temperature)
        for bit, side in ((0, -1), (1, 1)):
            t = side * torch.linspace(0, 80, 100_001, dtype=torch.float64)[:, None]
            r = torch.sigmoid(t / temperature) * torch.sigmoid(-t / temperature) / temperature
            density = torch.sigmoid(t - logits) * torch.sigmoid(logits - t) / torch.sigmoid(side * logits)
            for power, found in ((1, first), (2, second)):
                expected = torch.trapezoid(r**power * density, dx=8e-4, dim=0)
                torch.testing.assert_close(found[bit], expected, rtol=1e-4, atol=1e-12)


def test_weights_of_the_encoder_are_reached_through_the_limit_of_the_logits(vae, pixels):
    """Mean and variance in each weight of the encoder, against backpropagation of each sample."""
    limited = VAE(replace(vae.architecture, largest_logit=0.4), vae.dataset).double()
    limited.load_state_dict(vae.state_dict())
    with isolation():
        draw = draw_of(limited, pixels[:1])
        gradients = BERNOULLI["score_function"](draw)[:, 0]
        sums = weighted(gradients, torch.full((N,), 1 / N).double())
        moments = ElboMoments(sums.mean, sums.covariance, sums.spread, tuple(draw.coordinates))
        found = weight_moments(limited, pixels[:1], moments)
    layers = [layer for layer in limited.encoder if isinstance(layer, torch.nn.Linear)]
    for layer, of_layer in zip(layers, found, strict=True):
        logits = limited.bit_logits(pixels[:1])[0]
        each = [torch.autograd.grad(logits, layer.weight, one, retain_graph=True)[0] for one in gradients]
        variance = torch.stack(each).var(0, correction=0)
        torch.testing.assert_close(of_layer.unit_variance[:, None] * of_layer.input_squared, variance)


def test_the_public_face(make_vae, binary_image, in_float64):
    vae = make_vae(4, "bernoulli")
    gradient = exact_elbo_gradient(vae, binary_image)
    exact = exact_gradient(in_float64(vae), binary_image.double().flatten(1))
    torch.testing.assert_close(gradient, {"logits": exact})
    for name in BERNOULLI:
        samples = elbo_gradient_samples(vae, binary_image, name, 40, seed=2)
        assert {key: value.shape for key, value in samples.items()} == {"logits": (40, 4)}
        if name in REFUSED:
            with pytest.raises(ValueError, match="relaxed bits are an integral over 4 dimensions"):
                exact_elbo_variance(vae, binary_image, name)
        else:
            assert (exact_elbo_variance(vae, binary_image, name)["logits"] >= 0).all()
    torch.testing.assert_close(samples["logits"], exact.float().expand(40, 4), rtol=1e-4, atol=1e-3)
    assert (exact_elbo_variance(vae, binary_image, "enumeration")["logits"] == 0).all()
    with pytest.raises(ValueError, match="estimator must be one of score_function, leave_one_out, disarm"):
        elbo_gradient_samples(vae, binary_image, "pathwise", 4)
    with pytest.raises(ValueError, match="estimator must be one of"):
        elbo_gradient_samples(vae, binary_image, NORMAL["score_function"], 4)


def test_too_many_bits_are_refused(make_vae, binary_image, monkeypatch):
    many = make_vae(13, "bernoulli")
    with pytest.raises(ValueError, match="pairs of codes of 13 bits are too many"):
        exact_elbo_variance(many, binary_image, "disarm")
    monkeypatch.setattr(codes, "MOST_BITS", 12)
    with pytest.raises(ValueError, match="must have at most"):
        exact_elbo_gradient(many, binary_image)
    with pytest.raises(ValueError, match="13 bits are too many"):
        elbo_gradient_samples(many, binary_image, "enumeration", 2)
    assert elbo_gradient_samples(many, binary_image, "disarm", 8)["logits"].shape == (8, 13)
