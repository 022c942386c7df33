"""Reconstruct it: latent sliders are turned until the decoded picture matches a target, and the way there is kept."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from explorer.components.chart import chart
from explorer.components.decoder import ship_decoder
from explorer.components.latent_sliders import latent_sliders, reported_places
from explorer.figures.reconstruct import attempt
from explorer.pages import PAGES
from explorer.text import word
from explorer.vae import reconstruct
from explorer.vae.manifest import PretrainedError
from explorer.vae.reconstruct import STEP, Attempt, Places, Ranking, Task, make_task
from explorer.vae.reconstruct_search import best_found
from explorer.verdicts import reconstruct as verdicts
from explorer.visit.controls import menu, segments
from explorer.visit.fields import Menu
from explorer.visit.links import link_places, put
from explorer.visit.memory import kept
from explorer.visit.page import frame
from explorer.visit.pull import awaited
from explorer.visit.shipped import binarized, choose_image, model, sample_images

PAGE = PAGES["reconstruct"]
SLIDERS, PICKER, SHOWN, ATTEMPTS = (f"{PAGE.stem}.{part}" for part in ("sliders", "picker", "shown", "attempts"))
DRAWS = 64
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample
from explorer.vae.reconstruct import make_task, ranking
from explorer.vae.reconstruct_search import best_found

vae = explorer.load_vae({name!r}, "cpu")
images, _ = load_sample(vae.dataset.name)
image = binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed}))
task = make_task(vae, image, ranking(vae, images), seed={seed}, decoded={decoded})
best = best_found(task, seed={seed})
for name, places in {{"start": task.start, "yours": {places}, "best found": best}}.items():
    found = task.distances([places])
    print(name, places, f"{{float(found.nats):.2f}} nats, pixels {{float(found.pixels):.3f}} off")
"""


@st.cache_resource(show_spinner=False)
def ranked(name: str) -> Ranking:
    """The latents of a model in the order of their KL."""
    return reconstruct.ranking(model(name), sample_images(model(name).dataset.name)[0])


@st.cache_data(show_spinner=False, max_entries=500)
def live_error(name: str, number: int, seed: int, *, decoded: bool) -> tuple[float, float]:
    """How far off the browser's numbers are for this task."""
    return reconstruct.live_error(_task(name, number, seed, decoded=decoded), seed=seed, n=DRAWS)


def _task(name: str, number: int, seed: int, *, decoded: bool) -> Task:
    image = binarized(model(name).dataset.name, number, seed)
    return make_task(model(name), image, ranked(name), seed=seed, decoded=decoded)


def _show(best: Places) -> None:
    put("places", best)
    st.session_state[SHOWN] = True


def _start_over(subject: Hashable) -> None:
    put("places", None)
    if st.session_state.get(f"{PAGE.stem}/attempt", (None,))[0] == subject:
        del st.session_state[f"{PAGE.stem}/attempt"]


def show_record(record: Attempt, standing: verdicts.Standing, nats: list[float], pixels: list[float]) -> None:
    """The attempt so far, a dot a move."""
    chart(
        attempt(record.moves, nats, record.shown, standing.best),
        key=f"{PAGE.stem}.record",
        alt=verdicts.described(standing),
        table=verdicts.record_table(record.moves, nats, pixels),
        height=260,
        file_name=f"{PAGE.stem}_record",
        clicks=False,
    )


with frame(PAGE) as page:
    try:
        field = PAGE.state.get("model")
        if not isinstance(field, Menu) or not field.names:
            raise PretrainedError(word("latent_space.no_model"))
        with page.controls:
            name = menu("model")
            vae = model(name)
            decoded = segments("target") == "decode"
            number, seed, label = choose_image(PICKER, vae.dataset)
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    subject = (name, number, seed, decoded)
    task = kept(f"{PAGE.stem}/task", subject, lambda: _task(name, number, seed, decoded=decoded))
    n_sliders = len(task.dimensions)
    released = reported_places(SLIDERS, n_sliders, task.reach)
    places = link_places("places", released, subject, task.start, task.reach)
    record = kept(f"{PAGE.stem}/attempt", subject, Attempt)
    record.go(places, shown=st.session_state.pop(SHOWN, False))
    with page.bar:
        best_bar = st.container(horizontal=True)
    with page.picture:
        best = awaited((PAGE.stem, subject), lambda: best_found(task, seed=seed), word("reconstruct.searching"))
        with best_bar:
            st.button(
                word("reconstruct.show"),
                icon=":material/visibility:",
                on_click=_show,
                args=(best,),
                help=word("reconstruct.show_help"),
            )
            st.button(
                word("reconstruct.start_over"),
                icon=":material/replay:",
                on_click=_start_over,
                args=(subject,),
                help=word("reconstruct.start_help"),
            )
        found = task.distances([task.start, best, *record.places])
        nats, pixels = found.nats.tolist(), found.pixels.tolist()
        standing = verdicts.Standing(
            start=nats[0],
            now=nats[-1],
            best=nats[1],
            pixels=pixels[-1],
            best_pixels=pixels[1],
            moves=record.moves[-1],
            is_shown=record.shown[-1],
            can_match=decoded,
        )
        left, right = st.columns([5, 2])
        with left:
            kind = "reconstruct.decode" if decoded else "reconstruct.image"
            latent_sliders(
                key=SLIDERS,
                decoder=ship_decoder(vae),
                target=task.target,
                dimensions=task.dimensions,
                labels=[verdicts.label(each) for each in task.dimensions],
                held=task.held,
                places=places,
                reach=task.reach,
                step=STEP,
                best=verdicts.best(standing.best, standing.best_pixels),
                alt=verdicts.alternatives(word(kind, number=number, label=label, seed=seed), standing),
            )
        with right:
            show_record(record, standing, nats[2:], pixels[2:])
        st.markdown(verdicts.verdict(standing))
        st.caption(verdicts.live(*live_error(*subject[:3], decoded=decoded), DRAWS))
    with page.controls:
        active = ranked(name).dimensions
        st.caption(verdicts.which_sliders(n_sliders, len(active), vae.n_latents, (STEP, task.reach)))
        attempts = st.session_state.setdefault(ATTEMPTS, {}).setdefault(subject[1:], {})
        attempts[name] = min(standing, attempts.get(name, standing), key=lambda each: (each.is_shown, each.now))
        same = [each for each in field.names if each != name and model(each).dataset.name == vae.dataset.name]
        if same:
            st.caption(word("reconstruct.same_task"))
            with st.container(horizontal=True):
                for each in same:
                    st.button(each, key=f"{PAGE.stem}.under.{each}", on_click=put, args=("model", each))
    if len(attempts) > 1:
        page.below.markdown(verdicts.others(attempts))
    page.code(
        SNIPPET.format(name=name, image=number, seed=seed, decoded=decoded, places=places),
        [make_task, Task, best_found, reconstruct.ranking, Attempt],
    )
