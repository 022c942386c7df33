"""How near a target the sliders can come: the nearest code that can be found, and the best that one slider can do."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import differentiation, isolated, ordinary
from explorer.vae.reconstruct import STEP, Distances, Places, Task, on_steps, places_of

STARTS, ROUNDS = 16, 300
"""So many descents at once, of so many steps."""


@isolated
def best_found(task: Task, *, seed: int) -> Places:
    """The nearest code that descents from the target's own code and from draws of the prior end at, on sliders' steps.

    No move of one slider by one step improves it. Where the target is the code's own decode, that is the answer.
    """
    if float(task.distances([task.own]).nats[0]) < 1e-9:
        return task.own
    device, n = task.vae.device, len(task.dimensions)
    draws = torch.randn(STARTS - 1, n, generator=generator_for(seed, torch.device("cpu")))
    z = torch.cat([torch.tensor([task.own]), draws]).to(device, torch.float32)
    ends = on_steps(_descend(task, z), task.reach)
    best = places_of(ends[int(task.distances(ends.tolist()).nats.argmin())])
    return _polished(task, best)


def _descend(task: Task, z: Tensor) -> Tensor:
    """Adam on all rows at once, each its own descent of D."""
    target = ordinary(task.target).float()
    first, second = torch.zeros_like(z), torch.zeros_like(z)
    for step in range(1, ROUNDS + 1):
        leaf = z.clone().requires_grad_()
        with differentiation():
            logits = task.vae.decode_logits(task.codes(leaf))
            nats = F.binary_cross_entropy_with_logits(logits, target.expand_as(logits), reduction="sum")
            slope = torch.autograd.grad(nats, leaf)[0]
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope.square()
        size = 0.1 * (1 - (step - 1) / ROUNDS)
        move = first / (1 - 0.9**step) / ((second / (1 - 0.99**step)).sqrt() + 1e-8)
        z = (z - size * move).clamp(-task.reach, task.reach)
    return z


def _polished(task: Task, best: Places) -> Places:
    """Single steps of single sliders, the best first, until none improves."""
    while True:
        near = [best, *(_moved(task, best, i, sign * STEP) for i in range(len(best)) for sign in (-1, 1))]
        nats = task.distances(near).nats
        least = int(nats.argmin())
        if not nats[least] < nats[0]:
            return best
        best = near[least]


def _moved(task: Task, places: Places, i: int, by: float) -> Places:
    there = min(task.reach, max(-task.reach, round(places[i] + by, 2))) + 0.0
    return (*places[:i], there, *places[i + 1 :])


@isolated
def best_single(task: Task) -> tuple[int, Distances]:
    """Which one slider, moved alone from the start to its best place, comes nearest: its index, and the distance."""
    n = round(2 * task.reach / STEP) + 1
    line = [round(-task.reach + k * STEP, 2) for k in range(n)]
    rows = [(*task.start[:i], at, *task.start[i + 1 :]) for i in range(len(task.start)) for at in line]
    found = task.distances(rows)
    least = int(found.nats.argmin())
    return least // n, Distances(found.nats[least : least + 1], found.pixels[least : least + 1])
