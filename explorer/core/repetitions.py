"""The variance of a gradient estimate against the number of its samples, measured by repeating it.

At each sample size N, R repetitions of the same estimate: the mean of N samples of an estimator, (R,) of them, on fresh
noise that all estimators share. Their sample variance is set against the exact v / N, v being that of one sample.

Sample i of repetition r takes place i R + r in the noise of its size, so the numbers do not depend on how that is cut
into chunks, nor on how often a caller looks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact import growth
from explorer.core.family import Family, draw_noise
from explorer.core.objectives import Objective
from explorer.core.quadrature import Space
from explorer.core.randomness import Streams
from explorer.core.sampling import CHUNK
from explorer.core.statistics import PowerSums, variance_interval
from explorer.core.stream import LARGEST_ERROR, Answers

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
REPETITIONS = 100
ROUNDING = 2.0**-40
"""A spread of means below this share of their size is rounding: they are equal."""
