"""Every picture over every family it takes, at the defaults and at cheap settings."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import plotly.graph_objects as go
import torch

from explorer.core.device import generator_for
from explorer.core.experiments import discontinuity
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import chain_films
from explorer.core.experiments.curve_winners import Turn
from explorer.core.experiments.dependence import dependence as depending
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.discontinuity import jump_at, moving_end
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.linear_map import map_films
from explorer.core.experiments.noise_gallery import thumbnails
from explorer.core.experiments.noise_transform import Scene, transform_films
from explorer.core.experiments.normalizing_flow import PARAMETERS as FLOW
from explorer.core.experiments.normalizing_flow import flow_films
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.rare_events import averages
from explorer.core.experiments.reach import frames, medians
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.experiments.reweighting import reweighting as reweighted
from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.score_size import CONTINUOUS, noise_ends, score_film
from explorer.core.experiments.star_path import star_of, star_paths, star_sweep
from explorer.core.experiments.sweep import sweep
from explorer.core.experiments.variance_curves import Curve
from explorer.core.families import FAMILIES, SCALAR, TOY, VECTORS
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.radius import Radius
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.figures.codebook import codebook
from explorer.figures.composition_chain import composition_chain
from explorer.figures.dependence import dependence
from explorer.figures.descent import descent_paths
from explorer.figures.discontinuity import discontinuity as boundary_terms
from explorer.figures.elbo_gradient import ratio_map
from explorer.figures.elbo_panels import bound_signals, model_ratios, signed_grid, weight_ratios
from explorer.figures.fast_objective import fast_objective as fast_picture
from explorer.figures.gradient_stream import gradient_histogram, running_means
from explorer.figures.heavy_tail import heavy_tail as heavy_picture
from explorer.figures.image_bound import kl_bars, running_estimate
from explorer.figures.image_grid import image_grid
from explorer.figures.interpolation import path_curves
from explorer.figures.linear_map import linear_map
from explorer.figures.noise_gallery import noise_gallery
from explorer.figures.noise_transform import noise_transform
from explorer.figures.normalizing_flow import normalizing_flow
from explorer.figures.picture import Picture
from explorer.figures.race import race_curves, race_images
from explorer.figures.rare_events import rare_events
from explorer.figures.reach import reached
from explorer.figures.reconstruct import attempt
from explorer.figures.recovered_factors import Panel, recovered_factors
from explorer.figures.repeated_means import clouds, repeated_variances
from explorer.figures.reweighting import reweighting
from explorer.figures.score_size import score_size
from explorer.figures.sources import sources
from explorer.figures.temperature import temperature as temperature_picture
from explorer.figures.ten_bits import ten_bits
from explorer.figures.typical_set import radius_density
from explorer.figures.variance_curves import variance_curves
from explorer.vae.gradients.coordinates import coordinates_of
from explorer.vae.importance import ImportanceWeights
from explorer.vae.interpolation import spherical, straight
from explorer.vae.model import Architecture
from explorer.vae.race import SHOWN, Race, Terms
from explorer.vae.recovered_factors import Recovered
from explorer.vae.ten_bits import TenBits
from tests.core import failing
from tests.core.cases import defaults
from tests.core.pairs import BOTH


def figure_of(picture: Picture) -> go.Figure:
    """The whole picture, as Plotly's own validators take it: a fault in any part of it raises."""
    return go.Figure(_numpy(picture.whole()))


def _numpy(part: Any) -> Any:
    """The same with tensors as numpy's arrays, which the validators know."""
    if isinstance(part, torch.Tensor):
        return part.numpy()
    if isinstance(part, dict):
        return {name: _numpy(inner) for name, inner in part.items()}
    return [_numpy(inner) for inner in part] if isinstance(part, list) else part


CPU = torch.device("cpu")
SIZES = (10, 30, 100)


def fit(family: Family) -> Objective:
    """x², or where E[x²] does not exist a bounded objective."""
    return OBJECTIVES["squared_exponential" if family.name == "cauchy" else "square"]


def problem_of(family: Family) -> Problem:
    """At the defaults, for the first parameter."""
    return Problem(family, fit(family), defaults(family), next(iter(defaults(family))))


@functools.cache
def stream_of(name: str) -> GradientStream:
    problem = problem_of(FAMILIES[name])
    stream = GradientStream(problem, BOTH, 0, CPU)
    stream.know(Answers.of(problem, BOTH))
    for _ in range(5):
        stream.advance(200)
    return stream


def histograms(name: str, **options: Any) -> Picture:
    stream = stream_of(name)
    parts = {each: part.histogram for each, part in stream.summaries.items()}
    return gradient_histogram(parts, stream.answers, **options)


def means(name: str) -> Picture:
    return running_means(stream_of(name).trail, stream_of(name).answers)


@functools.cache
def run_of(name: str) -> RepeatedMeans:
    problem = problem_of(TOY[name])
    run = RepeatedMeans(problem, BOTH, 0, CPU, SIZES)
    run.know(Answers.of(problem, BOTH))
    while run.share < 1:
        run.advance(1)
    return run


def variances(name: str) -> Picture:
    run = run_of(name)
    return repeated_variances(
        {each: run.spreads(each) for each in BOTH}, {each: run.exact_variance(each, 1) for each in BOTH}, run.sizes
    )


def dots(name: str) -> Picture:
    run = run_of(name)
    assert run.answers
    estimates = {each: {n: run.estimates(each, index) for index, n in enumerate(run.reached)} for each in BOTH}
    return clouds(estimates, run.answers, run.sizes)


def noise(family: Family, n: int = 40) -> torch.Tensor:
    return draw_noise(family, n, generator_for(0, CPU))


@functools.cache
def scene_of(name: str) -> Scene:
    """The two steps at a family's defaults, the star's arrow along its last parameter."""
    family, eps, theta = SCALAR[name], noise(SCALAR[name]), defaults(SCALAR[name])
    axis, films = transform_films(family, theta, eps)
    star = star_of(family.noise).default
    sweep = star_sweep(family, theta, star, family.parameters[-1].name)
    return Scene(family, eps, axis, films, star_paths(family, theta, star), sweep)


def gallery(name: str) -> Picture:
    return noise_gallery(thumbnails({name: SCALAR[name]}), name)


def transform(name: str) -> Picture:
    return noise_transform(scene_of(name))


def plane(name: str) -> Picture:
    eps = noise(VECTORS[name])
    return linear_map(map_films(VECTORS[name], defaults(VECTORS[name]), eps)[0], eps, 7)


def chain(name: str) -> Picture:
    made = CHAINS[name]
    theta = {each.name: each.default for each in made.parameters}
    eps = torch.stack([made.noise.sample(6, generator_for(i, CPU)) for i in range(made.n_noises)], dim=-1)
    return composition_chain(made, chain_films(made, theta, eps)[0], ["ε"] * (len(made.steps) + 1), 3)


def flow() -> Picture:
    theta = {each.name: each.default for each in FLOW}
    eps = torch.linspace(-1, 1, 12).view(6, 2)
    return normalizing_flow(flow_films(theta, eps)[0], eps, 3)


def weights(name: str) -> Picture:
    family = SCALAR[name]
    return reweighting(reweighted(problem_of(family), noise(family)), 3)


def both_uses(name: str) -> Picture:
    family = SCALAR[name]
    return dependence(depending(problem_of(family), noise(family)), 3)


def scores(name: str) -> Picture:
    family = CONTINUOUS[name]
    eps = noise(family)
    low, high = noise_ends(family)
    parameter = family.parameters[0]
    values, _ = sweep(parameter, parameter.default, family, defaults(family))
    film = score_film(problem_of(family), values[::10], eps)
    return score_size(film, 3, (eps < low) | (eps > high))


def walk(name: str) -> Picture:
    rule = Rule(0.05, 4, False, 4, 5)
    descent = Descent(problem_of(TOY[name]), BOTH, 0, CPU, rule)
    descent.advance(rule.n_steps)
    return descent_paths(descent.exact, descent.runs, descent.landscape(), label="θ", start=2)


def curves(**options: Any) -> Picture:
    at = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    heights = {"score_function": [math.inf, 100.0, 10.0], "pathwise": [4.0, 0.0, math.nan], "rebar": [2.0, 1.0, 3.0]}
    lines = {name: Curve(at, torch.tensor(height, dtype=torch.float64), at) for name, height in heights.items()}
    points = {"rebar": Points(at[:2], torch.tensor([2.1, 1.1]).double(), torch.tensor([40.0, math.nan]).double())}
    given = {"title": "k", "what": "variance", "biased": ["pathwise"], "start": 1, "logarithmic": False, **options}
    return variance_curves(lines, points, [Turn(3.0, "pathwise", "score_function")], **given)


def digits() -> Picture:
    images = (torch.arange(12 * 784, dtype=torch.float32) * 0.618034 % 1).view(3, 4, 28, 28)
    return image_grid(images, row_labels=["a", "b", "c"], column_labels=["1", "2", "3", "4"], chosen=5)


def codes() -> Picture:
    images = (torch.arange(8 * 784, dtype=torch.float32) * 0.618034 % 1).view(2, 4, 28, 28)
    return codebook(images, torch.eye(2, 4) / 2, torch.full((2, 4), 1 / 8))


def ratios(**options: Any) -> Picture:
    """The map over a full factor of two latents, over a diagonal one of twelve, or over bits."""
    architecture = Architecture(**{"n_latents": 2, "n_hidden": 4, "posterior": "full", **options})
    coordinates = coordinates_of(architecture)
    values = torch.logspace(-1, 3, len(coordinates), dtype=torch.float64)
    values[-1] = math.nan
    return ratio_map(values, coordinates, 1, *BOTH)


@functools.cache
def race() -> Race:
    made = Race("normal", BOTH, Terms(batch=2, n_steps=3), 0)
    made.advance(3)
    return made


def lanes() -> Picture:
    return race_curves({name: lane.rows for name, lane in race().lanes.items()}, 3)


def lane_images() -> Picture:
    return race_images(race().pixels[:SHOWN], {name: race().pictures(name) for name in race().lanes}, 28)


def changes() -> Picture:
    """Signed changes of pixels, one image of which nothing changes."""
    images = torch.linspace(-1, 1, 6 * 784).view(2, 3, 28, 28).clone()
    images[1, 1] = 0
    return signed_grid(images, row_labels=["a", "b"], column_labels=["1", "2", "3"])


def over_units() -> Picture:
    ratios = [torch.logspace(0, 2, n, dtype=torch.float64) for n in (40, 40, 5)]
    return weight_ratios(ratios, ["one", "two", "three"])


def over_models() -> Picture:
    return model_ratios({"a": (12.0, 0.0), "b": (3000.0, 100.0)}, ["#D55E00", "#0072B2"])


def against_k() -> Picture:
    curves = {"pathwise": ([0.3, 0.1, 0.0], [0.01] * 3), "doubly_reparameterized": ([0.8, 1.2, 2.0], [0.1] * 3)}
    return bound_signals([1, 4, 16], curves, {"pathwise": "one", "doubly_reparameterized": "other"})


def bars() -> Picture:
    values = torch.tensor([2.0, 0.5, 1e-6, 0.1], dtype=torch.float64)
    return kl_bars(["z₂", "z₁", "z₃", "rest"], values, ["active", "active", "inactive", "rest"])


def estimates(exact: float | None) -> Picture:
    log_weights = torch.linspace(-3, 1, 200, dtype=torch.float64).sin()
    return running_estimate(ImportanceWeights(log_weights).running((1, 10, 100)), exact)


def ways() -> Picture:
    t = torch.linspace(0, 1, 21, dtype=torch.float64)
    paths = {"straight": straight, "spherical": spherical}
    found = {name: way(torch.tensor([1.0, 0.0]), torch.tensor([-0.5, 2.0]), t) for name, way in paths.items()}
    norms = {name: path.norms for name, path in found.items()}
    return path_curves(t, norms, {name: path.log_prior for name, path in found.items()}, (0.2, 2.7), [0, 0.5, 1])


def by_radius() -> Picture:
    law, radii = Radius(6), torch.linspace(0, 5, 51, dtype=torch.float64)
    encoded = (torch.linspace(1, 2, 20, dtype=torch.float64), torch.linspace(2, 5, 20, dtype=torch.float64))
    return radius_density(
        radii, law.density(radii), mean=law.mean, band=law.band, encoded=encoded, rows=torch.tensor([0.0, 2.5, 5.0])
    )


def bump(what: str, *, aimed: bool) -> Picture:
    """Averages of ten draws at a few distances, others of twenty beside them."""
    plain, other = (averages(what, n, [0.5, 2.0, 5.0], seed=0, repetitions=50) for n in (10, 20))
    mended = averages(what, 10, [0.5, 2.0, 5.0], seed=0, repetitions=50, aimed=True) if aimed else None
    return rare_events(plain, mended, [other], 1)


def far_draws(*, known: bool) -> Picture:
    film = frames(10, [2, 20], [0.2, 0.2], torch.linspace(0, 9, 31, dtype=torch.float64))
    return reached(film, medians(10, seed=0) if known else None, 1)


def factors() -> Picture:
    found = [Recovered(0, torch.linspace(-1, 1, n).double(), torch.linspace(0, 1, 4 * n).view(4, n)) for n in (3, 16)]
    panels = [Panel("shape", "μ₁", range(3), ["a", "b", "c"]), Panel("x (pixels)", "μ₁", range(16))]
    return recovered_factors(found, panels)


def boundary(case: str, name: str) -> Picture:
    problem = jump_at(name) if case == "jump" else moving_end(name)
    film = failing.boundary(problem)
    return boundary_terms(film, discontinuity.sampled_slopes(film, noise(problem.family)), (-6.5, 6.5))


def fast(name: str, parameter: str) -> Picture:
    return fast_picture(failing.wave(name, parameter).at(4.0), torch.linspace(-1, 3, 7, dtype=torch.float64))


def softened(name: str) -> Picture:
    return temperature_picture(failing.softened(name).at(0.5), 100)


def heavy(name: str, estimator: str) -> Picture:
    return heavy_picture(failing.heavy(name, estimator), failing.runs(name, estimator))


def bits() -> Picture:
    order, names = torch.tensor([2, 0, 1]), ("gumbel_softmax", "disarm")
    parts = [{name: torch.linspace(low, 1, 3).double() for name in names} for low in (-0.5, 0.0, 0.2, 0.0)]
    return ten_bits(TenBits(order, order.double(), order.double() / 3, *parts, now=1))


def pictures() -> Iterator[tuple[str, Callable[[], Picture]]]:
    """A name and a maker of each picture."""
    kinds: list[tuple[str, Callable[..., Picture], list[str]]] = [
        ("gradient_histogram", histograms, list(FAMILIES)),
        ("gradient_histogram_log", functools.partial(histograms, logarithmic=True), list(FAMILIES)),
        ("running_means", means, list(FAMILIES)),
        ("repeated_variances", variances, list(TOY)),
        ("clouds", dots, list(TOY)),
        ("noise_transform", transform, list(SCALAR)),
        ("noise_gallery", gallery, list(SCALAR)),
        ("linear_map", plane, list(VECTORS)),
        ("composition_chain", chain, list(CHAINS)),
        ("reweighting", weights, list(SCALAR)),
        ("dependence", both_uses, list(SCALAR)),
        ("score_size", scores, list(CONTINUOUS)),
        ("descent_paths", walk, list(TOY)),
    ]
    for kind, make, families in kinds:
        for family in families:
            yield f"{kind}-{family}", functools.partial(make, family)
    yield "variance_curves", curves
    yield "variance_curves-logarithmic", functools.partial(curves, logarithmic=True)
    yield "image_grid", digits
    yield "normalizing_flow", flow
    yield "signed_grid", changes
    yield "weight_ratios", over_units
    yield "model_ratios", over_models
    yield "bound_signals", against_k
    yield "codebook", codes
    yield "kl_bars", bars
    yield "running_estimate", functools.partial(estimates, None)
    yield "running_estimate-exact", functools.partial(estimates, -1.0)
    yield "path_curves", ways
    yield "radius_density", by_radius
    for what in ("value", "score_function", "pathwise"):
        yield f"rare_events-{what}", functools.partial(bump, what, aimed=False)
    yield "rare_events-aimed", functools.partial(bump, "pathwise", aimed=True)
    yield "reached", functools.partial(far_draws, known=True)
    yield "reached-unknown", functools.partial(far_draws, known=False)
    yield "fast_objective-cosine", functools.partial(fast, "cosine", "loc")
    yield "fast_objective-exponential", functools.partial(fast, "squared_exponential", "scale")
    yield "temperature", functools.partial(softened, "cosine")
    yield "temperature-step", functools.partial(softened, "step")
    yield "heavy_tail", functools.partial(heavy, "square", "pathwise")
    yield "heavy_tail-finite", functools.partial(heavy, "cosine", "score_function")
    yield "ten_bits", bits
    yield "discontinuity-jump", functools.partial(boundary, "jump", "stairs")
    yield "discontinuity-support", functools.partial(boundary, "support", "cosine")
    yield "recovered_factors", factors
    yield "ratio_map", ratios
    yield "ratio_map-bits", functools.partial(ratios, posterior="bernoulli")
    yield "ratio_map-diagonal", functools.partial(ratios, n_latents=12, posterior="diagonal")
    yield "race_curves", lanes
    yield "attempt", lambda: attempt([0, 1, 4], [200.0, 30.0, 0.0], [False, False, True], 0.0)
    yield "race_images", lane_images
    yield (
        "sources",
        lambda: sources(["Start", "Descent"], [(0, 1951, "A 1951"), (1, 2020, "B 2020"), (1, 2020, "C 2020")]),
    )
