"""What a visitor chooses where ELBOs are differentiated: estimators at their settings, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from explorer.text import word
from explorer.vae.gradients import ElboEstimator
from explorer.verdicts.definitions import of_elbo_estimator
from explorer.visit.controls import several, slider
from explorer.visit.model_state import FIRST_OF, KINDS


def elbo_choice(kind: str) -> tuple[ElboEstimator, ...]:
    """A few estimators for this kind of latents, in the registry's order, at the sliders that stand below them."""
    registry, chosen = KINDS[kind], several(f"{kind}.estimators") or FIRST_OF[kind]
    return tuple(
        each.at(**{setting.name: slider(f"{each.name}.{setting.name}") for setting in each.settings})
        for each in registry.values()
        if each.name in chosen
    )


def elbo_definitions(estimators: Iterable[ElboEstimator]) -> None:
    """A click away: what each of the estimators is, needs, and comes from."""
    with st.popover(word("definition.open"), icon=":material/menu_book:", width="stretch"):
        for each in estimators:
            st.markdown(of_elbo_estimator(each))


def elbo_as_code(estimators: Iterable[ElboEstimator], kind: str) -> str:
    """The expression with which a notebook makes these estimators: entries of the registry of this kind of latents."""
    return f"({', '.join(f'{kind.upper()}[{each.name!r}]{_at(each)}' for each in estimators)},)"


def _at(method: ElboEstimator) -> str:
    """Where the estimator's settings are moved, what puts them there."""
    if all(method.values[each.name] == each.default for each in method.settings):
        return ""
    return f".at({', '.join(f'{name}={value!r}' for name, value in method.values.items())})"
