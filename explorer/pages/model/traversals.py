"""Traversals: a row a latent through a real image's posterior mean; a drag along a row moves that latent."""

import streamlit as st

from explorer.components.traversal_pad import reported_move
from explorer.pages import PAGES
from explorer.text import word
from explorer.vae.manifest import PretrainedError
from explorer.vae.traversals import UNITS, changes, traversals, use_of_latents
from explorer.verdicts import traversals as verdicts
from explorer.visit.controls import menu, segments
from explorer.visit.links import hold, link_place
from explorer.visit.page import frame
from explorer.visit.recovered_factors import show_recovered_factors
from explorer.visit.shipped import binarized, choose_image, model, sample_images
from explorer.visit.traversals import rows_of, show_rows, use_of

PAGE = PAGES["traversals"]
PAD, PICKER = f"{PAGE.stem}.pad", f"{PAGE.stem}.picker"
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample
from explorer.vae.traversals import centre_of, changes, columns_of, traversals, use_of_latents

vae = explorer.load_vae({name!r}, "cpu")
images, _ = load_sample(vae.dataset.name)
use = use_of_latents(vae, binarize(images, torch.Generator().manual_seed({seed})))
centre = centre_of(vae, binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed})))
change = changes(traversals(vae, centre.loc, columns_of(centre, {unit!r})))
for d in use.ranking:
    active = "active" if use.active[d] else "      "
    print(f"z{{d + 1}} {{active}} KL {{use.kl[d]:.4f}} nats, a pixel changes by at most {{change[d]:.4f}}")
"""


with frame(PAGE) as page:
    try:
        if "model" not in PAGE.state:
            raise PretrainedError(word("traversals.no_model"))
        with page.controls:
            name = menu("model")
            vae = model(name)
            unit = UNITS[UNITS.index(segments("unit"))]
            number, seed, label = choose_image(PICKER, vae.dataset)
        image, subject = binarized(vae.dataset.name, number, seed), (name, number, seed)
        use, rows = use_of(PAGE.stem, name, seed), rows_of(PAGE.stem, subject, image)
        moved = link_place("moved", reported_move(PAD), subject)
        if moved is not None and moved[0] >= vae.n_latents:
            # A link to a model of more latents.
            hold("moved", None)
            moved = None
        latent = use.ranking[0] if moved is None else moved[0]
        with page.picture:
            show_rows(PAD, name, image, use, rows, unit, moved)
            change = {each: float(rows.change[each][latent]) for each in UNITS}
            said = [
                verdicts.used(use, rows.change["prior"], is_full=vae.architecture.posterior == "full"),
                verdicts.wide(latent, label, float(rows.centre.scale[latent]), change["prior"], change["posterior"]),
            ]
            st.markdown("\n\n".join(said))
            st.caption(word("traversals.decoded", n=rows.values[unit].numel()))
        if vae.dataset.has_factors and vae.architecture.posterior == "diagonal":
            with page.below:
                show_recovered_factors(PAGE.stem, name, sample_images(vae.dataset.name)[0][number, 0], rows.centre.loc)
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    page.code(SNIPPET.format(name=name, image=number, seed=seed, unit=unit), [use_of_latents, traversals, changes])
