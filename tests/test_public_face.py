"""What a notebook sees: the names, signatures and shapes that are relied on from outside."""

import inspect

import pytest
import torch

import explorer

SIGNATURES = {
    "gradient_samples": (
        ("family", "objective", "estimator", "theta", "n_samples"),
        {"seed": 0, "device": None},
    ),
    "exact_gradient": (("family", "objective", "theta"), {}),
    "exact_variance": (("family", "objective", "estimator", "theta"), {}),
    "check_estimator": (("samples", "family", "objective", "theta"), {}),
    "sample": (("family", "theta", "n_samples"), {"seed": 0}),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    """The promised arguments come first and in order; what is keyword-only has its promised default."""
    positional, keywords = SIGNATURES[name]
    parameters = inspect.signature(getattr(explorer, name)).parameters
    found = [key for key, value in parameters.items() if value.kind is value.POSITIONAL_OR_KEYWORD]
    assert tuple(found) == positional
    assert {key: value.default for key, value in parameters.items() if value.kind is value.KEYWORD_ONLY} == keywords


def test_all_names_exist_and_are_documented() -> None:
    assert list(explorer.__all__) == sorted(explorer.__all__)
    for name in explorer.__all__:
        assert getattr(explorer, name).__doc__, name


def test_registries_map_names_to_entries() -> None:
    for registry in (explorer.FAMILIES, explorer.OBJECTIVES, explorer.ESTIMATORS):
        assert registry
        assert all(entry.name == name for name, entry in registry.items())


@pytest.mark.parametrize("estimator", ["score_function", "pathwise"])
def test_gradient_samples(estimator: str) -> None:
    samples = explorer.gradient_samples("normal", "square", estimator, {"loc": 1.0, "scale": 1.0}, 1000)
    assert list(samples) == ["loc", "scale"]
    for gradient in samples.values():
        assert gradient.shape == (1000,)
        assert isinstance(gradient, torch.Tensor)


def test_exact_answers() -> None:
    """The toy problem: 2 loc, 4 and loc⁴ + 14 loc² + 15."""
    theta = {"loc": 2.0, "scale": 1.0}
    assert explorer.exact_gradient("normal", "square", theta)["loc"] == pytest.approx(4.0, abs=1e-12)
    assert explorer.exact_variance("normal", "square", "pathwise", theta)["loc"] == pytest.approx(4.0, abs=1e-12)
    assert explorer.exact_variance("normal", "square", "score_function", theta)["loc"] == pytest.approx(87.0, abs=1e-11)
    assert all(type(value) is float for value in explorer.exact_gradient("normal", "square", theta).values())


def test_sample() -> None:
    x = explorer.sample("exponential", {"rate": 2.0}, 500, seed=3)
    assert x.shape == (500,)
    assert torch.equal(x, explorer.sample("exponential", {"rate": 2.0}, 500, seed=3))


def test_objectives_at_other_values() -> None:
    sharp = explorer.OBJECTIVES["cosine"].at(k=3.0)
    assert explorer.exact_gradient("normal", sharp, {"loc": 0.0, "scale": 1.0})["loc"] == pytest.approx(0.0, abs=1e-12)
