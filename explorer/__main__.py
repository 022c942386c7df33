"""Commands: `python -m explorer train | evaluate | benchmark`. Each has its own --help.

Exit codes: 0 done, 2 a wrong argument or a missing or damaged file (one line on stderr says which), 130 interrupted.
"""

from __future__ import annotations

import argparse
import itertools
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError

from explorer.core.device import best_device, resolve_device
from explorer.vae.datasets import DataError, is_whole_split, load_images
from explorer.vae.evaluation import evaluate
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import PRETRAINED, export, export_sample, load_vae, manifest, save_scores
from explorer.vae.recipes import RECIPES
from explorer.vae.training import CheckpointError, Progress, train


class Bar:
    """A progress bar on stderr: one line redrawn on a terminal; elsewhere a line for each tenth of the way."""

    WIDTH = 30

    def __init__(self, total: int) -> None:
        self.total = total
        self.first: tuple[float, int] | None = None
        self.tenths = -1

    def show(self, done: int, text: str) -> None:
        """`done` of `total`; the time left follows from the pace since the first call."""
        now = time.monotonic()
        if self.first is None:
            self.first = (now, done)
        began, start = self.first
        left = f", {_duration((now - began) / (done - start) * (self.total - done))} left" if done > start else ""
        filled = self.WIDTH * done // self.total
        line = f"[{'#' * filled}{'.' * (self.WIDTH - filled)}] {done}/{self.total} {text}{left}"
        if sys.stderr.isatty():
            end = "\n" if done == self.total else ""
            print(f"\r\x1b[K{line}", end=end, file=sys.stderr, flush=True)
        elif 10 * done // self.total > self.tenths:
            self.tenths = 10 * done // self.total
            print(line, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def run_train(arguments: argparse.Namespace) -> int:
    """Trains a recipe, or goes on with it, and exports the weights."""
    name, folder = arguments.name, arguments.pretrained
    if name not in RECIPES:
        raise ValueError(f"NAME must be one of {', '.join(RECIPES)}, got {name!r}")
    recipe, checkpoint = RECIPES[name], arguments.runs / f"{name}.checkpoint.safetensors"
    device = _device(arguments)
    images, _ = load_images(recipe.dataset, "train", arguments.data)
    bar = Bar(recipe.all_epochs)

    def report(progress: Progress) -> None:
        bar.show(progress.epoch, f"epochs, ELBO {progress.elbo:.2f} nats")

    try:
        vae = train(recipe, images, seed=arguments.seed, device=device, checkpoint=checkpoint, report=report)
    except KeyboardInterrupt:
        kept = (
            f"{checkpoint} is kept: the same command goes on from it." if checkpoint.exists() else "Nothing was kept."
        )
        print(f"\nStopped. {kept}", file=sys.stderr)
        return 130
    path = export(name, vae, recipe, images, seed=arguments.seed, command=arguments.command_line, folder=folder)
    print(f"{name}: weights in {path}, described in {folder / 'manifest.json'}")
    if recipe.dataset not in manifest(folder).samples:
        test_images, test_labels = load_images(recipe.dataset, "test", arguments.data)
        print(f"sample images in {export_sample(recipe.dataset, test_images, test_labels, folder=folder)}")
    return 0


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Scores a shipped model on the test set, and records the scores when that was the whole original set."""
    name, folder = arguments.name, arguments.pretrained
    vae = load_vae(name, _device(arguments), folder=folder)
    dataset = manifest(folder).models[name].recipe.dataset
    images, _ = load_images(dataset, "test", arguments.data)
    n_images = arguments.n_images or len(images)
    if not 2 <= n_images <= len(images):
        raise ValueError(f"--n-images must be 'all' or in [2, {len(images)}], got {n_images}")
    bar = Bar(n_images)
    scores = evaluate(
        vae,
        images[:n_images],
        arguments.n_samples,
        seed=arguments.seed,
        batch_size=arguments.batch,
        command=arguments.command_line,
        report=lambda n_done: bar.show(n_done, "images"),
    )
    print(f"{name}, {n_images} test images, stochastic binarization with seed {arguments.seed}; ± one standard error")
    print(f"ELBO                      {scores.elbo:.2f} ± {scores.elbo_standard_error:.2f} nats")
    how = f"K = {scores.n_samples}" if scores.likelihood == "importance weighted" else scores.likelihood
    print(
        f"{f'-log p(x), {how}':<25} {scores.negative_log_likelihood:.2f} "
        f"± {scores.negative_log_likelihood_standard_error:.2f} nats"
    )
    if scores.squared_error is not None:
        print(f"squared error, grey       {scores.squared_error:.2f} ± {scores.squared_error_standard_error:.2f}")
    if scores.mutual_information_gap is not None:
        print(f"mutual information gap    {scores.mutual_information_gap:.3f}")
    print(f"active units              {scores.active_units} of {vae.n_latents}")
    if is_whole_split(dataset, "test", images[:n_images]):
        save_scores(name, scores, folder=folder)
        print(f"recorded in {folder / 'manifest.json'}")
    else:
        print("not recorded: these are not all the original test images")
    return 0


def run_benchmark(arguments: argparse.Namespace) -> int:
    """Prints the benchmark's lines as they come."""
    from explorer.benchmark import browser, elbo, engine, load, release, story

    if arguments.load:
        tables = [load.run()]
    elif arguments.story:
        from explorer.pages import PAGES

        tables = [story.run({entry.stem: entry.address for entry in PAGES.values()})]
    else:
        tables = [engine.run(), elbo.run(), release.run(), browser.run()]
    for line in itertools.chain.from_iterable(tables):
        print(line, flush=True)
    return 0


def _device(arguments: argparse.Namespace) -> torch.device:
    if arguments.threads is not None:
        torch.set_num_threads(arguments.threads)
    if arguments.device is None and best_device().notice:
        print(best_device().notice, file=sys.stderr)
    return resolve_device(arguments.device)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}")
    return int(text)


def _count_or_all(text: str) -> int | None:
    return None if text == "all" else _at_least_one(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m explorer", description="Train, score and time the models.")
    commands = parser.add_subparsers(required=True, metavar="train | evaluate | benchmark")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("name", metavar="NAME", help=", ".join(RECIPES))
    shared.add_argument("--data", type=Path, metavar="FOLDER", help="where the images are (else: their usual places)")
    shared.add_argument("--seed", type=int, default=0)
    shared.add_argument("--device", help="cpu, cuda or mps; the best one when not given")
    shared.add_argument("--threads", type=_at_least_one, help="processor threads; torch's choice when not given")
    shared.add_argument(
        "--pretrained", type=Path, default=PRETRAINED, metavar="FOLDER", help="where the weights and the manifest are"
    )
    training = commands.add_parser("train", parents=[shared], help="train a model and export its weights")
    training.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="where checkpoints are kept"
    )
    training.set_defaults(run=run_train)
    scoring = commands.add_parser("evaluate", parents=[shared], help="score a model on the test set")
    scoring.add_argument("--n-samples", type=_at_least_one, default=5000, help="draws an image (K)")
    scoring.add_argument(
        "--n-images", type=_count_or_all, default=None, metavar="N", help="'all', or the first so many"
    )
    scoring.add_argument("--batch", type=_at_least_one, default=16, help="images between two steps of the bar")
    scoring.set_defaults(run=run_evaluate)
    timing = commands.add_parser("benchmark", help="time the engine and the pages")
    timing.add_argument("--load", action="store_true", help="how many visitors one process serves, and how fast")
    timing.add_argument("--story", action="store_true", help="how soon each page's first picture stands")
    timing.set_defaults(run=run_benchmark)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code. Raises SystemExit(2) for arguments that argparse refuses."""
    words = sys.argv[1:] if argv is None else list(argv)
    arguments = _parser().parse_args(words)
    arguments.command_line = shlex.join(["python", "-m", "explorer", *words])
    try:
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except (
        CheckpointError,
        DataError,
        PretrainedError,
        FloatingPointError,
        OSError,
        SafetensorError,
        ValueError,
    ) as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
