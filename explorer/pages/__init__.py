"""The pages in the order of the story: the one table of the door, of the links between pages and of the tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page: the stem of its subject, the room its script stands in, its title, icon and address.

    The address is the path in every link that was ever given out: it stays when a stem changes.
    """

    stem: str
    room: str
    title: str
    icon: str
    address: str

    @property
    def script(self) -> str:
        """The path of its script, from the repository's root."""
        return f"explorer/pages/{self.room}/{self.stem}.py"


ROOMS = {"story": "The trick", "laboratory": "The laboratory", "model": "The model"}
"""The groups of the navigation, by the folder that holds their scripts."""

PAGES: dict[str, Page] = {
    page.stem: page
    for page in (
        Page("start", "story", "Start", "flag", ""),
        Page("noise_transform", "story", "Noise, then transform", "swap_vert", "noise_then_transform"),
        Page("reweighting", "story", "Samples move, or weights change", "compare_arrows", "move_or_weigh"),
        Page("gradient_stream", "laboratory", "Two estimators", "bar_chart", "two_estimators"),
        Page("variance_curves", "laboratory", "Variance curves", "show_chart", "variance_curves"),
        Page("descent", "laboratory", "Descent", "trending_down", "descent"),
        Page("repeated_means", "laboratory", "The notebook's experiment", "science", "notebook_experiment"),
        Page("score_size", "laboratory", "The size of the score", "stacked_line_chart", "score_size"),
        Page("latent_space", "model", "Latent space", "blur_on", "latent_space"),
    )
}
