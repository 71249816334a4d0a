"""Two processes on two addresses of this machine, started by torchrun, train one network."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from pawlens import Classifier, Recipe, Run
from pawlens.errors import RecipeError, UsageError
from pawlens.recipes import read_recipe

from .tiny import weights

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch"), pytest.mark.slow]

RECIPE = """
backbones: [test_resnet@32]
folds: 3
precision: f32
phases:
  - {do: fuse, init: logistic}
  - {do: unfreeze, blocks: 2}
  - {do: train, epochs: 3, batch: 8, optimizer: sgd, rate: 0.02, augment: light}
"""


@pytest.fixture
def given(tmp_path: Path, photo_folder: Callable[..., Path]) -> dict[str, Path]:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE)
    return {
        "photos": photo_folder(cat=18, dog=18),
        "recipe": recipe,
        "weights": weights(tmp_path / "weights"),
    }


SHARE = """
import os, sys
from pathlib import Path
from pawlens.errors import RunError
from pawlens.training._nodes import made_by_the_first, shared_training
rank, base = os.environ["RANK"], Path(sys.argv[1])
folder = base / rank
folder.mkdir()
(folder / "gone").write_bytes(b"of an earlier run") if rank == "1" else None
with shared_training("the same", "cpu"):
    made = folder / "made"
    made_by_the_first(made, lambda: made.write_bytes(b"made by " + rank.encode()))
    made_by_the_first(made, lambda: sys.exit("made twice"))
    made_by_the_first(folder / "gone")
try:
    with shared_training("of " + rank, "cpu"):
        print("joined")
except (RunError, RuntimeError) as error:
    print(error)
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_what_the_first_process_made_is_what_all_have(tmp_path: Path) -> None:
    """And one with other photos is told so, and does not train."""
    common = {"TORCHELASTIC_RUN_ID": "1", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "1"}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "LOCAL_RANK": "0"}
    common |= {"GLOO_SOCKET_IFNAME": "lo", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SHARE, str(tmp_path)],
            env=os.environ | common | {"RANK": rank},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for rank in "01"
    ]
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert (tmp_path / "1" / "made").read_bytes() == b"made by 0"
    assert not (tmp_path / "1" / "gone").exists()
    assert "process 1 of 2: its photos, labels or weights are not those" in said[1][0]


def started(given: dict[str, Path], out: Path, *, hook: str = "") -> list[subprocess.Popen[str]]:
    """Start both processes, each as on a machine of its own; `hook` is run in both before."""
    port = free_port()
    words = ["train", given["photos"], "--recipe", given["recipe"]]
    words += ["--weights-dir", given["weights"], "--out", out]
    script = out.parent / f"{out.name}.py"
    script.write_text(f"{hook}\nfrom pawlens.__main__ import main\nmain()\n")
    processes = []
    for node in range(2):
        command = [sys.executable, "-m", "torch.distributed.run", "--nnodes", 2]
        command += ["--nproc-per-node", 1, "--node-rank", node, "--master-port", port]
        command += ["--master-addr", "127.0.0.1", "--local-addr", f"127.0.0.{node + 1}"]
        environment = os.environ | {
            "PAWLENS_CACHE": str(out.parent / f"cache-{out.name}-{node}"),
            "GLOO_SOCKET_IFNAME": "lo",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        processes.append(
            subprocess.Popen(
                [str(word) for word in [*command, script, *words]],
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )
    return processes


def ended(processes: list[subprocess.Popen[str]]) -> list[str]:
    said = [process.communicate(timeout=400)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    return said


def losses(run: Run) -> list[Any]:
    rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
    return [(row["epoch"], row["valid_loss"]) for row in rows if row["do"] == "train"]


def test_as_alone_also_after_death(given: dict[str, Path], tmp_path: Path) -> None:
    """The losses of one process, though both were killed after the first epoch."""
    alone = Classifier(
        recipe=given["recipe"], weights_dir=given["weights"], cache_dir=tmp_path / "cache"
    ).fit(given["photos"], tmp_path / "alone")
    slow = (  # so that there is time to kill them, which torchrun starts in sessions of their own
        "import os, time; from pawlens.training import _loop; real = _loop.Trainer._save\n"
        f"open('{tmp_path}/' + os.environ['RANK'] + '.pid', 'w').write(str(os.getpid()))\n"
        "def save(trainer): real(trainer); time.sleep(600)\n"
        "_loop.Trainer._save = save"
    )
    out = tmp_path / "together"
    processes = started(given, out, hook=slow)
    end = time.monotonic() + 400
    while not list(out.rglob("phase-02.pt")):
        assert time.monotonic() < end
        assert all(process.poll() is None for process in processes), ended(processes)
        time.sleep(0.1)
    workers = [int(file.read_text()) for file in tmp_path.glob("*.pid")]
    for number in [*(process.pid for process in processes), *workers]:
        os.kill(number, signal.SIGKILL)
    for process in processes:
        process.communicate(timeout=60)
    first, second = ended(started(given, out))
    assert "log loss" in first
    assert "log loss" not in second  # the second one says nothing, and has written nothing
    expected = losses(alone)
    assert [epoch for epoch, _ in expected] == [1, 2, 3]
    for one, other in zip(expected, losses(Run(out)), strict=True):
        assert other == pytest.approx(one, abs=1e-4)


def test_what_several_processes_cannot_do(
    given: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TORCHELASTIC_RUN_ID": "1", "RANK": "0", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    for classifier in (
        Classifier(),
        Classifier(time="10m"),
        Classifier(recipe=Recipe.parse({"phases": [{"do": "search"}]}, "test")),
    ):
        with pytest.raises(RecipeError, match="only the phases of a network"):
            classifier.fit(given["photos"], tmp_path / "run")
    with pytest.raises(UsageError, match="torchrun has started the processes"):
        Classifier(recipe=read_recipe(given["recipe"]), devices=2).fit(
            given["photos"], tmp_path / "run"
        )
