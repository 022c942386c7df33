"""What the two registries promise of every entry."""

from __future__ import annotations

import pytest
import torch

from explorer.core.randomness import Streams
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.vae.gradients.contract import estimator_for, registry_of
from explorer.vae.gradients.samples import fresh_draw

EVERY = [(kind, name) for kind, registry in (("full", NORMAL), ("bernoulli", BERNOULLI)) for name in registry]


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_one_gradient_a_sample_image_and_coordinate_at_every_setting(make_vae, images, kind, name):
    vae = make_vae(3, kind)
    entry = estimator_for(vae, name)
    assert registry_of(vae)[name] is entry
    draw = fresh_draw(vae, images.flatten(1), 48, Streams(1, vae.device), "sampled")
    for values in [entry.values, *({s.name: at for s in entry.settings} for at in (2.0,) if entry.settings)]:
        at = entry.at(**values)
        assert at(draw).shape == (48, len(images), len(draw.coordinates))
        assert 48 % at.group == 0
        assert "{" not in at.title
        assert at == entry.at(**values)
        assert estimator_for(vae, at) is at


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize("kl", ["analytic", "sampled"])
def test_an_image_s_gradients_do_not_depend_on_the_others_beside_it(make_vae, images, kl, name):
    """A batch of images is as many draws side by side, whatever the baseline."""
    vae = make_vae(2)
    together = fresh_draw(vae, images.flatten(1), 32, Streams(1, vae.device), kl)
    found = NORMAL[name](together)
    alone = fresh_draw(vae, images[1:2].flatten(1), 32, Streams(1, vae.device), kl)
    alone = type(alone)(vae, alone.pixels, alone.posterior, together.eps[:, 1:2], kl)
    torch.testing.assert_close(found[:, 1:2], NORMAL[name](alone), rtol=1e-3, atol=1e-2)


def test_a_draw_goes_on_with_what_it_knows(make_vae, binary_image):
    vae = make_vae(3)
    draw = fresh_draw(vae, binary_image.flatten(1), 16, Streams(1, vae.device), "analytic")
    baseline = draw.optimal_baseline
    after = draw.again(16)
    assert after.optimal_baseline is baseline
    assert not torch.equal(after.eps, draw.eps)
    assert draw.with_kl("analytic") is draw
    sampled = draw.with_kl("sampled")
    assert sampled.decoded is draw.decoded
    assert not torch.equal(sampled.optimal_baseline, baseline)
    again = fresh_draw(vae, binary_image.flatten(1), 16, Streams(1, vae.device), "analytic", mirrored=True)
    assert torch.equal(again.eps[:8], -again.eps[8:])


def test_an_estimated_baseline_takes_nothing_from_the_noise_of_the_others(make_vae, binary_image):
    vae = make_vae(3)
    one, other = (fresh_draw(vae, binary_image.flatten(1), 16, Streams(1, vae.device), "analytic") for _ in range(2))
    assert one.optimal_baseline.isfinite().all()
    assert torch.equal(one.again(16).eps, other.again(16).eps)


def test_an_estimated_baseline_needs_streams(make_vae, binary_image):
    vae = make_vae(3)
    draw = fresh_draw(vae, binary_image.flatten(1), 4, Streams(1, vae.device), "analytic")
    bare = type(draw)(vae, draw.pixels, draw.posterior, draw.eps)
    with pytest.raises(ValueError, match="the draw needs streams"):
        NORMAL["optimal_baseline"](bare)
    with pytest.raises(ValueError, match="cannot be made again"):
        bare.again(4)


def test_the_optimal_baseline_is_the_one_of_least_variance(quiet_vae, binary_image):
    """Beside it to either side the variance is larger, in every coordinate."""
    draw = fresh_draw(quiet_vae, binary_image.flatten(1), 50_000, Streams(1, quiet_vae.device), "analytic")
    best = draw.optimal_baseline
    f, s = draw.inner[..., None].double(), draw.score.double()
    variances = [((f - best + step) * s).var(0) for step in (-2.0, 0.0, 2.0)]
    assert (variances[1] < variances[0]).all()
    assert (variances[1] < variances[2]).all()
