"""Noise, then transform: the same dots slide as theta moves under the hand."""

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments import noise_transform as films
from explorer.core.experiments.noise_transform import TransformFilm, transform_films
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.figures.noise_transform import noise_transform, updates
from explorer.text import sections
from explorer.visit.controls import beside, choice, code_that_ran, folded, seed_input
from explorer.visit.links import film_theta

KEY = "transform"
DOTS = 60
SNIPPET = """import explorer
import torch

family, theta = explorer.FAMILIES[{family!r}], {theta!r}
eps = family.noise.sample({dots}, torch.Generator().manual_seed({seed}))  # step one: never sees theta
z = family.transform(eps, {{name: torch.tensor(value) for name, value in theta.items()}})  # step two
print("eps =", float(eps[{marked}]), " z =", float(z[{marked}]))  # the star
"""


def caption(film: TransformFilm, axis: tuple[float, float], eps: float, marked: int, frame: int) -> str:
    """What the starred dot does at a frame, and how many dots have left the picture."""
    name, value = film.parameter.name, float(film.values[frame])
    samples = film.samples[frame]
    outside = int(((samples < axis[0]) | (samples > axis[1])).sum())
    return (
        f"{name} = {value:.2f}: the star's noise stays at ε = {eps:.2f}, its sample is z = "
        f"{float(samples[marked]):.2f}, and ∂z/∂{name} = {float(film.path[frame, marked]):.2f}."
    ) + (f" {outside} of {len(samples)} dots are beyond the picture." if outside else "")


st.markdown(sections("noise_transform")["question"])
controls, picture = beside()
with controls:
    st.markdown(sections("noise_transform")["lead"])
    family = SCALAR[choice("Distribution", "family", SCALAR, "normal")]
    seed = seed_input()
    st.markdown(f"${family.latex.replace('x =', 'z =', 1)}$")
    st.markdown(f"Route: **{family.route}**" + (", the trick does not apply." if family.route == "none" else "."))
with picture:
    theta = film_theta(family, reported(KEY).film)
    eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
    # The star: a noise well off the centre, so that it can be followed by eye.
    marked = int(eps.argsort()[DOTS * 4 // 5])
    axis, sweeps = transform_films(family, theta, eps)
    chart(
        noise_transform(family, sweeps[0], axis, eps, marked),
        key=KEY,
        alt=f"{DOTS} dots of noise on the horizontal axis, their samples on the vertical axis, and the curve g between "
        f"them, for {family.title}. {caption(sweeps[0], axis, float(eps[marked]), marked, sweeps[0].start)}",
        films=[
            Film(
                f"{family.name}.{film.parameter.name}",
                film.parameter.label,
                film.values.tolist(),
                film.start,
                updates(film, axis, eps, marked),
                [caption(film, axis, float(eps[marked]), marked, frame) for frame in range(len(film.values))],
            )
            for film in sweeps
        ],
        table={"eps": eps.tolist(), "z": sweeps[0].samples[sweeps[0].start].tolist()},
        height=430,
        file_name="noise_transform",
        clicks=False,
    )

folded("noise_transform")
code_that_ran(
    SNIPPET.format(family=family.name, theta=theta, seed=seed, dots=DOTS, marked=marked), [films.transform_films]
)
