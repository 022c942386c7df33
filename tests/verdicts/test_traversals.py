"""What is said of traversals: counted, summed and halved as the numbers are."""

from __future__ import annotations

import torch

from explorer.vae.traversals import Use
from explorer.verdicts import traversals as verdicts

KL = torch.tensor([0.0001, 3.0, 0.0002, 2.0, 0.5], dtype=torch.float64)
ACTIVE = torch.tensor([0.0, 1.0, 0.005, 0.5, 0.2])


def test_what_is_used_and_what_is_not() -> None:
    said = verdicts.used(Use(KL, ACTIVE, 300), torch.tensor([0.003, 1.0, 0.004, 0.9, 0.5]), is_full=False)
    assert "**3 of 5** latents are active on these 300 images" in said
    assert "All 5 carry **5.5** nats" in said
    assert "half of it the first **1**" in said
    assert "The other **2** carry **3 × 10⁻⁴** nats together" in said.replace("3.0 ×", "3 ×")
    assert "no pixel changes by more than **0.004**" in said
    assert "correlated" not in said


def test_all_are_used() -> None:
    said = verdicts.used(Use(KL[[3, 3, 3]], ACTIVE[[1, 3, 4]], 7), torch.ones(3), is_full=True)
    assert "All **3** latents are active on these 7 images" in said
    assert "half of it the first **2**" in said
    assert "correlated" in said


def test_columns_are_named() -> None:
    prior, posterior = verdicts.ticks("prior"), verdicts.ticks("posterior")
    assert [text for text in prior if text] == ["−3", "−2", "−1", "0", "1", "2", "3"]
    assert [text for text in posterior if text] == ["−3σ", "−2σ", "−1σ", "μ", "+1σ", "+2σ", "+3σ"]
    assert prior[7] == "0"
    assert verdicts.described(50, "posterior").startswith("50 rows of pictures")


def test_a_row_in_both_units() -> None:
    said = verdicts.wide(6, "7", 0.05, 0.999, 0.0123)
    assert "Along z₇, ±3.5 standard deviations of the prior change a pixel by up to **1.00**" in said
    assert "±3.5 of this **7**’s posterior (σ = 0.05) by up to **0.012**" in said
