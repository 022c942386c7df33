"""The pages in the order of the story: the one table of the door, of the links between pages and of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.core.experiments import rare_events, reach
from explorer.core.experiments.autograd_graph import FAMILY, OBJECTIVES
from explorer.core.experiments.score_size import CONTINUOUS
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES
from explorer.core.families import FAMILIES, SCALAR, TOY, VECTORS
from explorer.core.parameters import Parameter
from explorer.pages import of_models
from explorer.verdicts import glossary
from explorer.visit import failures, model_state, state
from explorer.visit.fields import Field, Menu, Number, State, Switch, Whole
from explorer.visit.state import PLAY, SEED


@dataclass(frozen=True)
class Page:
    """A page: the stem of its subject, the room its script stands in, its icon, its address and what its link may say.

    The address is the path in every link that was ever given out: it stays when a stem changes.
    """

    stem: str
    room: str
    icon: str
    address: str
    state: State

    @property
    def script(self) -> str:
        """The path of its script, from the repository's root."""
        return f"explorer/pages/{self.room}/{self.stem}.py"


def _rare_events() -> list[Field]:
    shipped = of_models.shipped()
    gaussian = model_state.with_gaussian_latents(shipped.models) if shipped else {}
    views = Menu("view", RARE_VIEWS if gaussian else RARE_VIEWS[:-1], RARE_VIEWS[0], "view", "rare_view")
    found: list[Field] = [
        views,
        Menu("what", rare_events.WHATS, rare_events.WHATS[0], "what", "what"),
        Menu("n", tuple(map(str, rare_events.SIZES)), "100", "n", "rare_events.n"),
        Switch("aimed", False, "aimed"),
        _chosen("distance", "c", 3.0, rare_events.DISTANCES),
        _chosen("dimension", "D", 100.0, tuple(map(float, reach.DIMENSIONS))),
        _chosen("tilt", "t", 0.4, reach.TILTS),
    ]
    return [*found, model_state.model(gaussian), *model_state.prior_views()] if gaussian else found


def _chosen(key: str, letter: str, default: float, choices: tuple[float, ...]) -> Number:
    return Number(key, Parameter(key, letter, default, (choices[0], choices[-1]), choices=choices))


def _failures() -> list[Field]:
    shipped = of_models.shipped()
    return [*failures.fields(), *([of_models.image_of(shipped)] if shipped else [])]


def _page(stem: str, room: str, icon: str, address: str, *fields: Iterable[Field]) -> Page:
    return Page(stem, room, icon, address, state.table(each for group in fields for each in group))


NOISE_VIEWS = ("curve", "plane", "chain", "flow", "gallery")
"""What *Noise, then transform* can show; its script has one for each."""
RARE_VIEWS = ("bump", "typical_set", "decoder")
"""What *Keys under the street lamp* can show; the last where a model is shipped."""
_THETA = Number("theta", Parameter("θ", "θ", 2.0, (-3.0, 3.0)))
_STEP = Number("step", Parameter("step", "t", 60.0, (0.0, 60.0)))
LAST_STEP = 40
"""As many steps as no graph of *Where the gradient stops* has: there all is shown."""

_TOLD: dict[str, Page] = {
    page.stem: page
    for page in (
        _page("start", "story", "flag", "", [_THETA, SEED, PLAY]),
        _page(
            "autograd_graph",
            "story",
            "account_tree",
            "where_the_gradient_stops",
            *(state.family({FAMILY.name: FAMILY})[1:], state.objective(names=OBJECTIVES), [SEED]),
            [Whole("step", LAST_STEP, "step", LAST_STEP)],
        ),
        _page(
            "dependence",
            "story",
            "call_split",
            "which_depends",
            *(state.family(SCALAR), state.objective(), [SEED]),
            *(state.parameter(SCALAR, "move", "move"), state.moved(SCALAR)),
        ),
        _page(
            "noise_transform",
            "story",
            "swap_vert",
            "noise_then_transform",
            *([Menu("view", NOISE_VIEWS, NOISE_VIEWS[0], "view", "noise_view")], state.family(SCALAR), [SEED]),
            *(state.family(VECTORS, "vector", "multivariate_normal"), state.chains(), state.flow()),
            *(state.parameter(SCALAR, "along", "along"), state.stars(SCALAR)),
        ),
        _page(
            "reweighting",
            "story",
            "compare_arrows",
            "move_or_weigh",
            *(state.family(SCALAR), state.objective(), [SEED]),
            *(state.parameter(SCALAR, "move", "move"), state.moved(SCALAR)),
        ),
        _page("rare_events", "story", "highlight", "rare_events", _rare_events(), [SEED]),
        _page("failures", "story", "report", "where_it_fails", _failures(), [SEED]),
        _page(
            "gradient_stream",
            "laboratory",
            "bar_chart",
            "two_estimators",
            *(state.family(FAMILIES), state.objective(), state.parameter(FAMILIES, "gradient"), state.estimators()),
            [SEED, PLAY, Switch("log", False, "log")],
            [Menu("batch", ("80", "800", "8000", "320000"), "8000", "batch", "batch")],
        ),
        _page(
            "variance_curves",
            "laboratory",
            "show_chart",
            "variance_curves",
            *(state.family(SCALAR), state.objective("cosine"), state.parameter(SCALAR, "gradient")),
            *(state.against(SCALAR, [SAMPLES, DIMENSION]), state.estimators(), [SEED]),
        ),
        _page(
            "descent",
            "laboratory",
            "trending_down",
            "descent",
            *(state.family(TOY), state.objective(), state.parameter(TOY, "walk"), state.estimators(), [SEED]),
            [Menu("direction", ("down", "up"), "down", "direction", "direction"), _STEP],
            [Menu("rate", ("0.01", "0.05", "0.2", "1"), "0.05", "rate")],
            [Menu("samples", ("1", "8", "64"), "8", "samples")],
        ),
        _page(
            "repeated_means",
            "laboratory",
            "science",
            "notebook_experiment",
            *(state.family(TOY), state.objective(), state.parameter(TOY, "gradient"), state.estimators(), [SEED]),
        ),
        _page(
            "score_size",
            "laboratory",
            "stacked_line_chart",
            "score_size",
            *(state.family(CONTINUOUS), state.objective(), state.parameter(CONTINUOUS, "score_of"), [SEED]),
        ),
        _page(
            "latent_space",
            "model",
            "blur_on",
            "latent_space",
            *(of_models.latents(), [SEED]),
        ),
        _page("traversals", "model", "view_comfy", "traversals", of_models.traversals(), [SEED]),
        _page(
            "elbo_gradient",
            "model",
            "stacked_bar_chart",
            "elbo_gradients",
            *(of_models.elbo_gradients(), [SEED], [PLAY]),
        ),
        _page("reconstruct", "model", "tune", "reconstruct", *(of_models.reconstruct(), [SEED])),
        _page("compare", "model", "balance", "compare", *(of_models.compare(), [SEED])),
        _page("race", "model", "sports_score", "training_race", model_state.race(), [SEED, PLAY]),
    )
}
"""The pages that tell the story; one more says where all of it comes from."""
_VIEW = Menu("view", ("works", "slips", "glossary"), "works", "sources_view", "sources.view")
_LISTED = Menu("listed", tuple(glossary.KINDS), next(iter(glossary.KINDS)), "listed", "glossary.kind")
_RESTING = Menu("under", ("all", *_TOLD), "all", "under", "page", ".title")

PAGES: dict[str, Page] = {
    **_TOLD,
    "sources": _page("sources", "reference", "menu_book", "sources", [_VIEW, _LISTED, _RESTING]),
}
"""By their stems, in the order of the story."""
