"""The training race: what its lanes share, that each follows its own estimator, that it stops, and its script."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from explorer.vae.elbo import elbo_terms
from explorer.vae.race import CPU, N_TRAIN, Race, Row, Terms
from explorer.vae.race_latents import LATENTS
from explorer.vae.race_presets import PRESETS
from explorer.vae.race_script import race_script
from explorer.verdicts.race import as_csv

SHORT = Terms(rate=0.003, n_samples=4, batch=5, n_steps=6)
KINDS = list(LATENTS)


def race(latents: str = "normal", *names: str, terms: Terms = SHORT, seed: int = 0) -> Race:
    return Race(latents, names or LATENTS[latents].racers[:2], terms, seed)


def run(made: Race) -> Race:
    made.advance(made.terms.n_steps)
    return made


def found(made: Race) -> dict[str, list[Row]]:
    return {name: lane.rows for name, lane in made.lanes.items()}


def weights(made: Race, name: str) -> Tensor:
    return torch.cat([each.detach().flatten() for each in made.lanes[name].vae.parameters()])


def groups(latents: str) -> list[tuple[str, ...]]:
    """All estimators of a kind, as many together as may race."""
    racers = LATENTS[latents].racers
    return [racers[i : i + 4] for i in range(0, len(racers), 4)]


@pytest.mark.parametrize("latents", KINDS)
def test_a_restarted_race_is_the_same_race_however_it_is_cut(latents: str) -> None:
    made = race(latents)
    for _ in range(SHORT.n_steps):
        made.advance(1)
    rows = found(made)
    made.restart()
    assert made.share == 0
    assert found(run(made)) == rows


@pytest.mark.parametrize("latents", KINDS)
def test_lanes_start_as_one_model_and_walk_the_same_whoever_else_races(latents: str) -> None:
    racers = LATENTS[latents].racers
    for names in groups(latents):
        together = race(latents, *names)
        starts = [weights(together, name) for name in names]
        assert all(torch.equal(start, starts[0]) for start in starts)
        assert len({rows[0].elbo for rows in found(together).values()}) == 1
        run(together)
        for name in names[-1:]:
            assert found(run(race(latents, name)))[name] == found(together)[name]
            if len(racers) > 1:
                other = next(each for each in names if each != name)
                assert found(together)[name][1:] != found(together)[other][1:]


def test_the_first_step_is_plain_backpropagation() -> None:
    """Of the bound of the same images at the same noise: for the pathwise lane, encoder and decoder."""
    made = race("normal", "pathwise")
    vae = made.lanes["pathwise"].vae
    chosen = torch.randperm(N_TRAIN, generator=made._streams.named("minibatches"))[: SHORT.batch]
    eps = torch.randn(4, 5, vae.n_latents, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    reconstruction, kl = elbo_terms(vae, made.pixels[chosen], eps)
    expected = torch.autograd.grad((reconstruction - kl).mean(), list(vae.parameters()))
    made.restart()
    made.advance(1)
    for weight, gradient in zip(made.lanes["pathwise"].vae.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("latents", KINDS)
def test_what_is_not_biased_has_one_mean(latents: str) -> None:
    """At the encoder's output, at the start, within 4.5 standard errors of the lane that varies least."""
    made, kind = race(latents), LATENTS[latents]
    vae, pixels = next(iter(made.lanes.values())).vae, made.pixels[:2]
    noise = kind.noise(4096, 2, generator=torch.Generator().manual_seed(3))
    estimators = [kind.racer(name, 4) for name in kind.racers]
    means = []
    for each in (each for each in estimators if not each.biased):
        with torch.no_grad():
            draw = kind.draw(vae, pixels, kind.outputs(vae, pixels), noise, made._streams)
            steps = each(draw).unflatten(0, (-1, 4)).mean(1)
        means.append((steps.mean(0), steps.std(0) / len(steps) ** 0.5))
    best = min(means, key=lambda pair: float(pair[1].square().sum()))
    for mean, error in means:
        away = (mean - best[0]).abs() / (error.square() + best[1].square()).sqrt().clamp(min=1e-12)
        assert float(away.max()) < 4.5


def test_a_lane_that_leaves_the_numbers_is_stopped_and_the_others_go_on() -> None:
    made = race("normal", "score_function", "pathwise")
    made.advance(2)
    lane = made.lanes["score_function"]
    with torch.no_grad():
        next(lane.vae.encoder.parameters()).fill_(math.inf)
    run(made)
    assert lane.stopped == 2
    assert lane.rows[-1].step == 2
    assert made.lanes["pathwise"].stopped is None
    assert made.lanes["pathwise"].rows[-1].step == SHORT.n_steps
    assert all(math.isfinite(row.elbo) for rows in found(made).values() for row in rows)


def test_what_cannot_race_is_refused() -> None:
    for arguments, fault in (
        (("nonsense", ("pathwise",), SHORT, 0), "latents must be one of"),
        (("normal", ("rebar",), SHORT, 0), "estimators must be of"),
        (("normal", (), SHORT, 0), "1 to 4 estimators"),
        (("normal", ("leave_one_out",), dataclasses.replace(SHORT, n_samples=1), 0), "group must be one of"),
        (("normal", ("pathwise",), dataclasses.replace(SHORT, rate=math.nan), 0), "rate must be"),
        (("normal", ("pathwise",), dataclasses.replace(SHORT, batch=201), 0), "batch must be"),
        (("normal", ("pathwise",), SHORT, -1), "seed must be"),
    ):
        with pytest.raises(ValueError, match=fault):
            Race(*arguments)  # type: ignore[arg-type]


ONE_BY_ONE = """import runpy, sys
for path in sys.argv[1:]:
    runpy.run_path(path)
    print("end")
"""


def test_the_script_repeats_the_race_to_the_last_digit(tmp_path: Path) -> None:
    """In a fresh process that knows torch alone: every estimator, at settings of its own."""
    terms = dataclasses.replace(SHORT, n_samples=2, n_steps=80)
    races = []
    for latents in KINDS:
        for names in groups(latents):
            entries = [LATENTS[latents].registry[name] for name in names]
            moved = [each.at(temperature=0.7) if "temperature" in each.values else each for each in entries]
            races.append(Race(latents, tuple(moved), terms, seed=5))
    for place, made in enumerate(races):
        made.advance(4)
        (tmp_path / f"{place}.py").write_text(race_script(made), encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, "-I", "-c", ONE_BY_ONE, *(f"{place}.py" for place in range(len(races)))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.split("end\n")
    for made, text in zip(races, printed, strict=False):
        assert text == as_csv(made)
        assert text.count("\n") == 1 + 3 * len(made.estimators)


def test_every_estimator_races_or_is_left_out_for_a_reason() -> None:
    """The optimal baseline of each image would be estimated anew at every step, from many times the race's samples."""
    left_out = {"normal": {"optimal_baseline"}, "bernoulli": set()}
    for kind, latents in LATENTS.items():
        assert set(latents.registry) - set(latents.racers) == left_out[kind]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_race(name: str) -> None:
    preset = PRESETS[name]
    Race(preset.latents, preset.estimators, preset.terms, 0)


def test_the_race_is_the_processors() -> None:
    """Whatever device there is: its numbers are to be repeated elsewhere."""
    assert next(iter(race().lanes.values())).vae.device == CPU
