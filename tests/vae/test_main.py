"""The commands on tiny data: train, resume, evaluate, and what they say when something is wrong."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest

from explorer import __main__ as module
from explorer.__main__ import main
from explorer.benchmark import browser as benchmark_browser
from explorer.benchmark import elbo as benchmark_elbo
from explorer.benchmark import engine as benchmark
from explorer.benchmark import release as benchmark_release
from explorer.benchmark import story as benchmark_story
from explorer.pages import PAGES
from explorer.vae.datasets import DATASETS, load_images
from explorer.vae.model import Architecture
from explorer.vae.pretrained import PRETRAINED, load_sample, load_vae, manifest
from explorer.vae.recipes import RECIPES, Recipe


@pytest.fixture
def places(data_folder, monkeypatch, same_threads):
    """Where a tiny recipe trains from, checkpoints and exports to: (arguments shared by both commands, folder)."""
    monkeypatch.setitem(RECIPES, "tiny", Recipe("mnist", Architecture(2, 16, "full"), epochs=3, batch_size=32))
    exported = data_folder / "exported"
    shared = ["tiny", "--data", str(data_folder), "--pretrained", str(exported), "--device", "cpu", "--threads", "1"]
    return shared, data_folder


def test_train_then_evaluate(places, capsys, monkeypatch):
    shared, folder = places
    assert main(["train", *shared, "--runs", str(folder / "runs")]) == 0
    said = capsys.readouterr()
    assert "weights in" in said.out
    assert "3/3 epochs, ELBO" in said.err
    entry = manifest(folder / "exported").models["tiny"]
    assert entry.command.startswith("python -m explorer train tiny --data")
    assert (entry.seed, entry.threads, entry.scores) == (0, 1, None)
    assert load_sample(folder=folder / "exported")[1][:10].tolist() == list(range(10))
    load_vae("tiny", "cpu", folder=folder / "exported")

    for part in ([], ["--n-images", "40"]):
        assert main(["evaluate", *shared, "--n-samples", "20", *part]) == 0
        assert "not recorded" in capsys.readouterr().out
        assert manifest(folder / "exported").models["tiny"].scores is None

    # From here on the 300 images are MNIST's whole test set.
    images, _ = load_images("mnist", "test", folder)
    raw = bytes.fromhex("00000803 0000012c 0000001c 0000001c") + images.numpy().tobytes()
    md5 = {**DATASETS["mnist"].md5, "t10k-images-idx3-ubyte": hashlib.md5(raw, usedforsecurity=False).hexdigest()}
    monkeypatch.setitem(DATASETS, "mnist", replace(DATASETS["mnist"], md5=md5))
    assert main(["evaluate", *shared, "--n-samples", "20", "--n-images", "40"]) == 0
    assert manifest(folder / "exported").models["tiny"].scores is None
    capsys.readouterr()
    assert main(["evaluate", *shared, "--n-samples", "20", "--seed", "7"]) == 0
    said = capsys.readouterr()
    scores = manifest(folder / "exported").models["tiny"].scores
    assert scores is not None
    assert (scores.n_images, scores.n_samples, scores.seed) == (300, 20, 7)
    assert f"{scores.elbo:.2f} ± {scores.elbo_standard_error:.2f} nats" in said.out
    assert f"-log p(x), integrated     {scores.negative_log_likelihood:.2f} ±" in said.out
    assert "evaluate tiny" in scores.command
    assert f"active units              {scores.active_units} of 2" in said.out
    assert "300/300 images" in said.err


def test_an_interrupted_run_says_how_to_go_on_and_does(places, capsys, monkeypatch):
    shared, folder = places
    command = ["train", *shared, "--runs", str(folder / "runs")]

    def interrupt(self, done, text):
        if done == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.Bar, "show", interrupt)
        assert main(command) == 130
    assert "tiny.checkpoint.safetensors is kept: the same command goes on from it." in capsys.readouterr().err
    assert not (folder / "exported").exists()
    assert main(command) == 0
    said = capsys.readouterr()
    assert "1/3" not in said.err
    assert "3/3" in said.err


def test_an_interrupt_before_the_first_checkpoint(places, capsys, monkeypatch):
    shared, folder = places

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train", interrupt)
    assert main(["train", *shared, "--runs", str(folder / "runs")]) == 130
    assert "Nothing was kept" in capsys.readouterr().err
    monkeypatch.setattr(module, "load_vae", interrupt)
    assert main(["evaluate", *shared]) == 130


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["train", "mnist-3d"], "NAME must be one of"),
        (["evaluate", "mnist-3d"], "name must be one of"),
        (["train", "mnist-2d", "--seed", "-1"], "seed must"),
        (["train", "mnist-2d", "--device", "toaster"], "device must"),
        (["evaluate", "mnist-2d", "--n-images", "99999"], r"--n-images must be 'all' or in [2, 300]"),
        (["evaluate", "mnist-2d", "--n-images", "1"], "--n-images must"),
        (["evaluate", "mnist-2d", "--pretrained", "/nowhere"], "/nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(data_folder, capsys, arguments, word):
    extra = ["--runs", str(data_folder / "runs")] if arguments[0] == "train" else []
    assert main([*arguments, "--data", str(data_folder), *extra]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("explorer: ")


def test_damaged_files_are_one_line_too(places, capsys):
    shared, folder = places
    (folder / "runs").mkdir()
    (folder / "runs" / "tiny.checkpoint.safetensors").write_bytes(b"nonsense")
    assert main(["train", *shared, "--runs", str(folder / "runs")]) == 2
    assert "tiny.checkpoint.safetensors cannot be read" in capsys.readouterr().err
    (folder / "mnist_train.npz").write_bytes(b"nonsense")
    assert main(["train", *shared, "--runs", str(folder / "runs2")]) == 2
    assert "mnist_train.npz cannot be read" in capsys.readouterr().err
    (folder / "a-file").write_text("")
    assert main(["evaluate", *shared, "--pretrained", str(folder / "a-file")]) == 2
    assert "a-file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--threads", "0"], ["--threads", "many"], ["--seed", "x"], ["--bogus"]])
def test_argparse_refuses_with_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["train", "mnist-2d", *arguments])
    assert refused.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_benchmark_prints_each_line(monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "run", lambda: iter(["first"]))
    monkeypatch.setattr(benchmark_elbo, "run", lambda: iter(["second"]))
    monkeypatch.setattr(benchmark_release, "run", lambda: iter(["third"]))
    monkeypatch.setattr(benchmark_browser, "run", lambda: iter(["fourth"]))
    assert main(["benchmark"]) == 0
    assert capsys.readouterr().out == "first\nsecond\nthird\nfourth\n"


def test_as_a_process(data_folder):
    """The real door, once: a shipped model on a few images."""
    command = [sys.executable, "-m", "explorer", "evaluate", "mnist-2d"]
    options = ["--data", str(data_folder), "--n-images", "5", "--n-samples", "10", "--device", "cpu"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=PRETRAINED.parent)
    assert done.returncode == 0, done.stderr
    assert "active units" in done.stdout


def test_the_walk_is_given_the_pages_in_the_order_of_the_story(monkeypatch, capsys):
    monkeypatch.setattr(benchmark_story, "run", lambda pages: iter([f"{name} {path}" for name, path in pages.items()]))
    assert main(["benchmark", "--story"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{page.stem} {page.address}" for page in PAGES.values()]
