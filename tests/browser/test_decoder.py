"""The decoder in a browser: its pictures are the model's, and each is there within a frame."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from explorer.vae.half_precision import rounding_error
from explorer.vae.pretrained import load_vae
from tests.browser.conftest import wait_ready


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-50d"])
def test_pictures_are_the_models(page: Page, harness_url: str, name: str) -> None:
    vae = load_vae(name, "cpu")
    z = torch.randn(8, vae.n_latents, generator=torch.Generator().manual_seed(0))
    page.goto(f"{harness_url}/?show=decoder")
    wait_ready(page)
    shipped = page.get_by_text(f"{name} ").inner_text().split()[1]
    found = page.evaluate(
        """async ([name, places]) => {
          const decoder = await globalThis.explorerDecoders.get(name).promise;
          return places.map((z) => [...decoder.decode(z)]);
        }""",
        [shipped, z.tolist()],
    )
    off = np.abs(np.array(found) - vae.decode(z).flatten(1).numpy()).max()
    assert off == pytest.approx(rounding_error(vae, z), abs=1e-5)
