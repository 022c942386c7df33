"""A model's traversals for an image: the rows in both units, and the pad with which one is moved along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from explorer.components.decoder import ship_decoder
from explorer.components.traversal_pad import Move, Row, traversal_pad
from explorer.text import understood
from explorer.vae.traversals import UNITS, Centre, Unit, Use, centre_of, changes, columns_of, traversals, use_of_latents
from explorer.verdicts import traversals as verdicts
from explorer.visit.fields import State
from explorer.visit.memory import kept
from explorer.visit.shipped import binarized_picture, model, sample_images


@dataclass(frozen=True)
class Rows:
    """The rows of an image in each unit, a latent a row in the order of the model: values (D, F), pictures (D, F, side,
    side), and the most that a pixel changes along each row (D,)."""

    centre: Centre
    values: dict[Unit, Tensor]
    pictures: dict[Unit, Tensor]
    change: dict[Unit, Tensor]


def of_former_view(query: Mapping[str, str], state: State) -> dict[str, str] | None:
    """What a link asks of this page that was made when traversals were a view of *Latent space*, which has this state.

    None for any other link.
    """
    name = query.get("model", f"{state['model'].default}" if "model" in state else "")
    view = query.get(f"{name}.view", "")
    if view != "traversals" and "page.traversals.title" not in understood(view):
        return None
    return {"model": name, **{key: query[key] for key in ("image", "seed") if key in query}}


def use_of(key: str, name: str, seed: int) -> Use:
    """What a model's latents are used for over the shipped test images, all binarized with this seed."""
    vae = model(name)

    def made() -> Use:
        return use_of_latents(vae, binarized_picture(sample_images(vae.dataset.name)[0], seed))

    return kept(f"{key}/use", (name, seed), made)


def rows_of(key: str, subject: tuple[str, int, int], image: Tensor) -> Rows:
    """The rows through the posterior mean of an image (1, 1, side, side); `subject`: its model, number and seed."""
    vae = model(subject[0])

    def made() -> Rows:
        centre = centre_of(vae, image)
        values = {unit: columns_of(centre, unit) for unit in UNITS}
        pictures = {unit: traversals(vae, centre.loc, values[unit]).cpu() for unit in UNITS}
        return Rows(centre, values, pictures, {unit: changes(pictures[unit]) for unit in UNITS})

    return kept(f"{key}/rows", subject, made)


def show_rows(key: str, name: str, image: Tensor, use: Use, rows: Rows, unit: Unit, moved: Move | None) -> None:
    """The pad, the latent of the largest KL on top."""
    order = use.ranking
    values = rows.values[unit]
    traversal_pad(
        key=key,
        decoder=ship_decoder(model(name)),
        pictures=rows.pictures[unit][order],
        rows=[Row(d, float(use.kl[d]), bool(use.active[d]), float(values[d, 0]), float(values[d, -1])) for d in order],
        ticks=verdicts.ticks(unit),
        loc=rows.centre.loc,
        scale=rows.centre.scale,
        image=image[0, 0],
        moved=moved,
        alt=verdicts.described(len(order), unit),
    )
