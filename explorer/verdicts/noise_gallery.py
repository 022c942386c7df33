"""The gallery in words: how many families each route has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.experiments.noise_gallery import Thumbnail
from explorer.text import word
from explorer.verdicts.noise_transform import route_title


def verdict(gallery: Mapping[str, Sequence[Thumbnail]]) -> str:
    """Of how many families g has a derivative, by route (Markdown)."""
    total = sum(map(len, gallery.values()))
    without = len(gallery.get("none", ()))
    named = ", ".join(f"{len(each)} {route_title(name)}" for name, each in gallery.items() if name != "none")
    return word("noise_gallery.verdict", total=total, n=total - without, routes=named, without=without)


def described(gallery: Mapping[str, Sequence[Thumbnail]]) -> str:
    """The picture in words."""
    routes = [
        word(
            "noise_gallery.route",
            route=word("noise_gallery.no_route") if name == "none" else route_title(name),
            families=", ".join(word(f"family.{each.family.name}.title") for each in members),
        )
        for name, members in gallery.items()
    ]
    return word("noise_gallery.alt", routes="; ".join(routes))
