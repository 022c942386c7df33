"""The symbols of the glossary, the same in every language (LaTeX). DESIGN's notation: no letter has two meanings."""

from __future__ import annotations

from collections.abc import Mapping

SYMBOLS: Mapping[str, str] = {
    "parameter": r"\theta",
    "objective": r"f(x)",
    "average": r"J(\theta) = \mathbb{E}_{q_\theta}[f(x)]",
    "gradient": r"\nabla_\theta J(\theta)",
    "surrogate": r"f(x)\,\log q_\theta(x)",
    "noise": r"\varepsilon \sim p(\varepsilon)",
    "transformation": r"g(\varepsilon; \theta)",
    "sample": r"x",
    "distribution_function": r"F(x; \theta)",
    "path": r"\partial x / \partial \theta",
    "density": r"q_\theta(x)",
    "weight": r"w",
    "temperature": r"\tau",
    "estimate": r"G",
    "samples": r"n",
    "baseline": r"b",
    "variance": r"v",
    "step_size": r"\eta",
    "score": r"\nabla_\theta \log q_\theta(x)",
    "latent": r"z",
    "encoder": r"\mu(\mathbf{x}),\ L(\mathbf{x})",
    "posterior": r"q(z \mid \mathbf{x})",
    "decoder": r"p(\mathbf{x} \mid z)",
    "prior": r"p(z)",
    "kl": r"\mathrm{KL}(q \,\|\, p)",
    "likelihood": r"\log p(\mathbf{x})",
    "tail_shape": r"\hat{k}",
}
"""By the names of the words; most words have none."""
