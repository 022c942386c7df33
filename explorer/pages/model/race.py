"""Training race: one small VAE trained by several estimators at once, from the same weights, images and noise."""

import streamlit as st

from explorer.components.chart import chart
from explorer.figures.race import race_curves, race_images
from explorer.pages import PAGES
from explorer.text import short, word
from explorer.vae.datasets import DATASETS
from explorer.vae.manifest import PretrainedError
from explorer.vae.race import SHOWN, Race, Terms
from explorer.vae.race_latents import LATENTS
from explorer.vae.race_presets import PRESETS
from explorer.vae.race_script import race_script
from explorer.verdicts.race import (
    as_csv,
    as_markdown,
    described,
    gradients,
    honest,
    images_described,
    standing,
    table,
)
from explorer.verdicts.words import listed
from explorer.visit.controls import seed_input, segments, several, slider, switch
from explorer.visit.elbo import elbo_as_code, elbo_definitions
from explorer.visit.links import put
from explorer.visit.page import frame
from explorer.visit.pull import Pace, Pull, pull_loop, run_of

PAGE = PAGES["race"]
FIRST = 1
"""The steps that are taken before the first picture."""
PATIENCE = 0.1
"""Seconds of work between two pictures."""
HEIGHT = 400
SNIPPET = """from explorer.vae.gradients import {registry}
from explorer.vae.race import Race, Terms
from explorer.verdicts.race import as_csv, standing

race = Race({latents!r}, {estimators}, {terms}, seed={seed})
race.advance(race.terms.n_steps)
print(standing(race))
print(as_csv(race))
"""


def choose(name: str) -> None:
    """Sets everything but the seed as a preset has it, and plays."""
    preset = PRESETS[name]
    put("latents", preset.latents)
    put(f"{preset.latents}.estimators", preset.estimators)
    for key, value in (
        ("learning_rate", preset.terms.rate),
        ("draws", preset.terms.n_samples),
        ("minibatch", preset.terms.batch),
        ("length", preset.terms.n_steps),
    ):
        put(key, f"{value:g}")
    put("play", True)


def draw(race: Race, pull: Pull) -> None:
    """Both pictures, what they amount to, and the race to take along."""
    left, right = st.columns([3, 2])
    with left:
        chart(
            race_curves({name: lane.rows for name, lane in race.lanes.items()}, race.terms.n_steps),
            key=PAGE.stem,
            alt=described(race),
            table=table(race),
            pull=pull.number,
            slow=pull.slow,
            held=pull.held,
            height=HEIGHT,
            file_name=PAGE.stem,
            clicks=False,
        )
    with right:
        chart(
            race_images(
                race.pixels[:SHOWN], {name: race.pictures(name) for name in race.lanes}, DATASETS["mnist"].side
            ),
            key=f"{PAGE.stem}.images",
            alt=images_described(race, SHOWN),
            held=pull.held,
            height=HEIGHT,
            file_name=f"{PAGE.stem}_images",
            clicks=False,
        )
    st.progress(race.share)
    st.markdown(standing(race))
    st.markdown(gradients(race))
    st.caption(honest(race))
    with st.expander(word("race.export")):
        st.markdown(as_markdown(race))
        if pull.number is not None:
            st.caption(word("race.not_yet"))
            return
        st.caption(word("race.exported"))
        st.download_button(
            word("button.table"),
            as_csv(race),
            f"{PAGE.stem}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            word("race.script"),
            race_script(race),
            f"{PAGE.stem}.py",
            "text/x-python",
            icon=":material/download:",
            on_click="ignore",
        )


with frame(PAGE) as page:
    with page.controls:
        latents = segments("latents")
        chosen = several(f"{latents}.estimators")
        rate, n_samples = float(segments("learning_rate")), int(segments("draws"))
        kind = LATENTS[latents]
        usable = [name for name in chosen if n_samples > 1 or not kind.needs_company(name)]
        if left_out := [short(name) for name in chosen if name not in usable]:
            st.caption(word("race.alone", estimators=listed(left_out)))
        estimators = tuple(
            kind.registry[name].at(
                **{
                    each.name: each.default if each.name == "group" else slider(f"{name}.{each.name}")
                    for each in kind.registry[name].settings
                }
            )
            for name in usable or kind.racers[:1]
        )
        elbo_definitions(estimators)
        measured = PAGES["elbo_gradient"]
        st.page_link(measured.script, label=word(f"page.{measured.stem}.title"), icon=":material/arrow_forward:")
    with page.bar:
        playing = switch("play")
        step = st.button(
            word("button.step"),
            icon=":material/skip_next:",
            disabled=playing,
            shortcut="alt+s",
            help=word("help.race_step"),
        )
        reset = st.button(
            word("button.reset"), icon=":material/replay:", shortcut="alt+x", help=word("help.race_reset")
        )
        with st.popover(word("race.presets"), icon=":material/flag:"):
            for name in PRESETS:
                st.button(
                    word(f"race.preset.{name}"), key=f"preset/{name}", on_click=choose, args=(name,), width="stretch"
                )
        with st.popover(word("control.race_and_seed"), icon=":material/tune:"):
            batch, length = int(segments("minibatch")), int(segments("length"))
            seed = seed_input()
    with page.picture:
        settings = Race(latents, estimators, Terms(rate, n_samples, batch, length), seed)
        try:
            settings.load()
        except PretrainedError as error:
            st.error(word("race.unread", error=error), icon=":material/error:")
            st.stop()
        if step or reset:
            race = run_of(settings, PAGE.stem, FIRST)
            if reset:
                race.restart()
            race.advance(race.every if step else FIRST)
        pull_loop(settings, draw, key=PAGE.stem, pace=Pace(FIRST, 1, PATIENCE, playing))
    page.code(
        SNIPPET.format(
            registry=latents.upper(),
            latents=latents,
            estimators=elbo_as_code(estimators, latents),
            terms=settings.terms,
            seed=seed,
        ),
        [Race, *(each.function for each in estimators)],
    )
