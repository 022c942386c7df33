"""How fast the engine is on this machine, in ratios that hold from one machine to the next.

A ratio compares two pieces of work that take turns in the same run, in processor time and on one torch thread, so that
what else the machine does disturbs both alike.
"""

from __future__ import annotations

import functools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from explorer.core.by_name import exact_gradient, exact_variance
from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import CHUNK, summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import draw_noise
from explorer.core.numerics.summaries import Window
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.randomness import Streams
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import load_vae, manifest
from explorer.vae.traversals import Centre, columns_of, traversals

N_SAMPLES = 10**6
REPETITIONS = 25
BOTH = ("score_function", "pathwise")
PAIRS = (
    ("normal", "square"),
    ("normal", "squared_exponential"),
    ("normal", "cosine"),
    ("laplace", "square"),
    ("exponential", "square"),
    ("log_normal", "square"),
    ("bernoulli", "square"),
    ("gamma", "square"),
    ("student_t", "cosine"),
    ("multivariate_normal", "log_sum_exp"),
)
LIVE_BATCHES = (10_000, 300_000)
"""What the live page draws a picture, and the most that it offers."""

# Processor time does not count the turns of other programs; where its clock is too coarse, the time on the wall.
_now = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


@dataclass(frozen=True)
class Ratio:
    """The ratio of two times over interleaved repetitions: its median and its smallest value."""

    median: float
    least: float


@dataclass(frozen=True)
class Memory:
    """Resident memory in bytes of a server with the `models` loaded; None where the system does not tell."""

    resident: int | None
    models: tuple[str, ...]


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread inside, and on as many as before after."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = _now()
    work()
    return _now() - start


def ratio(work: Callable[[], object], unit: Callable[[], object], repetitions: int = REPETITIONS) -> Ratio:
    """The time of `work` in times of `unit`, taking turns; each runs once beforehand, unseen."""
    work()
    unit()
    each = [seconds(work) / seconds(unit) for _ in range(repetitions)]
    return Ratio(statistics.median(each), min(each))


def live_frame(family: str, objective: str, n_samples: int) -> Callable[[], object]:
    """One live frame: both estimators' moments and 100-bin histograms of fresh samples, for the first parameter."""
    entry, function = FAMILIES[family], OBJECTIVES[objective]
    theta = {parameter.name: parameter.default for parameter in entry.parameters}
    first = entry.parameters[0].name
    centre = exact_gradient(family, objective, theta)[first]
    half_width = 4 * max(exact_variance(family, objective, name, theta)[first] for name in BOTH) ** 0.5
    windows = dict.fromkeys(BOTH, Window(centre - half_width, centre + half_width))
    streams = Streams(0, torch.device("cpu"))
    problem = Problem(entry, function, theta, first)
    return lambda: summarise_gradients(problem, windows, n_samples, streams)


def evaluation(family: str, objective: str, n_samples: int) -> Callable[[], object]:
    """The same frame without its moments and histograms: noise and gradients only, chunk by chunk."""
    entry, function = FAMILIES[family], OBJECTIVES[objective]
    theta = {parameter.name: parameter.default for parameter in entry.parameters}
    first = entry.parameters[0].name
    generator = generator_for(0, torch.device("cpu"))
    values = entry.tensors(theta, torch.empty(()))

    @torch.no_grad()
    def evaluate() -> None:
        for start in range(0, n_samples, CHUNK):
            eps = draw_noise(entry, min(CHUNK, n_samples - start), generator)
            draw = Draw(entry, function, values, eps)
            for name in BOTH:
                ESTIMATORS[name](draw, first)

    return evaluate


def frame_ratio(n_samples: int = N_SAMPLES, repetitions: int = REPETITIONS) -> Ratio:
    """A live frame of the toy problem (Normal, x²) in times of drawing its noise with torch.randn."""
    generator = generator_for(0, torch.device("cpu"))
    with one_thread():
        return ratio(
            live_frame("normal", "square", n_samples),
            lambda: torch.randn(n_samples, generator=generator),
            repetitions,
        )


def summary_ratio(family: str, objective: str, n_samples: int = N_SAMPLES, repetitions: int = REPETITIONS) -> Ratio:
    """A live frame in times of evaluating its gradients alone: what moments and histograms add."""
    with one_thread():
        return ratio(live_frame(family, objective, n_samples), evaluation(family, objective, n_samples), repetitions)


def samples_per_second(n_samples: int, repetitions: int = REPETITIONS) -> float:
    """Gradient samples, of both estimators together, that live frames of `n_samples` of the toy problem reach."""
    with one_thread():
        frame = live_frame("normal", "square", n_samples)
        frame()
        return n_samples * len(BOTH) / statistics.median(seconds(frame) for _ in range(repetitions))


def traversal_seconds(repetitions: int = REPETITIONS) -> dict[str, tuple[int, float]]:
    """The pictures on the page of traversals of each shipped model of Gaussian latents, and the seconds to decode them.

    The median, on the CPU and on one thread.
    """
    found = {}
    for name, entry in manifest().models.items():
        if entry.recipe.architecture.posterior != "bernoulli":
            vae = load_vae(name, "cpu")
            loc = torch.zeros(vae.n_latents)
            values = columns_of(Centre(loc, loc + 1), "prior")
            decode = functools.partial(traversals, vae, loc, values)
            with one_thread():
                decode()
                taken = statistics.median(seconds(decode) for _ in range(repetitions))
            found[name] = values.numel(), taken
    return found


_MEMORY_SCRIPT = """
import json, pathlib
import plotly.graph_objects, streamlit.web.bootstrap, torch
import explorer
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
try:
    models = {name: explorer.load_vae(name, "cpu") for name in manifest().models}
except PretrainedError:
    models = {}
status = pathlib.Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
resident = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")]
print(json.dumps([resident[0] if resident else None, list(models)]))
"""


def memory_with_models() -> Memory:
    """Resident memory of a fresh process with Streamlit, torch, Plotly and every shipped model in memory.

    Raises RuntimeError with the process's last words when it fails.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY_SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    if done.returncode:
        raise RuntimeError(f"the memory of a server could not be measured: {done.stderr.strip().splitlines()[-1]}")
    resident, models = json.loads(done.stdout.splitlines()[-1])
    return Memory(resident, tuple(models))


def run() -> Iterator[str]:
    """The lines of the table, each as soon as it is measured."""
    yield f"One torch thread, {REPETITIONS} interleaved repetitions: median (least)"
    frame = frame_ratio()
    yield _row("live frame of 10⁶ / drawing its noise (normal, x²)", f"{frame.median:.2f} ({frame.least:.2f})")
    for family, objective in PAIRS:
        found = summary_ratio(family, objective)
        label = f"with / without moments and histograms ({family}, {OBJECTIVES[objective].title})"
        yield _row(label, f"{found.median:.2f} ({found.least:.2f})")
    for batch in LIVE_BATCHES:
        rate = samples_per_second(batch) / len(BOTH)
        yield _row(f"samples a second, each estimator, in batches of {batch:,}", f"{rate / 1e6:.1f} million")
    try:
        for name, (n, taken) in traversal_seconds().items():
            yield _row(f"traversals of {name}: {n} pictures decoded on the CPU, milliseconds", f"{1e3 * taken:.1f}")
    except PretrainedError as error:
        yield str(error)
    try:
        memory = memory_with_models()
    except RuntimeError as error:
        yield str(error)
        return
    size = "not told by this system" if memory.resident is None else f"{memory.resident / 2**20:.0f} MiB"
    yield _row(f"memory with streamlit, plotly and {', '.join(memory.models) or 'no models'}", size)


def _row(label: str, value: str) -> str:
    return f"{label:<78}{value}"
