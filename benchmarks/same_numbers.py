"""All numbers of every command and every named recipe, compared with those of another version.

Only the command line and the files that it leaves are used, so that the same script runs on either
version. Photos are drawn and the networks are tiny and random: what is compared is the machinery.

    PYTHONPATH=OLD/src python benchmarks/same_numbers.py --work FOLDER --out before.json
    PYTHONPATH=NEW/src python benchmarks/same_numbers.py --work FOLDER2 --out after.json \\
        --against before.json

A run that was interrupted goes on if it is started again with the same `--work` and `--out`. The
exit code is 1 if a number differs or is gone. Numbers that are new are named and do not count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collected import Values, counted, differences, from_files, from_json, from_text

NETWORKS = ("test_resnet", "test_efficientnet")
RES, EFF = "--backbone test_resnet@48", "--backbone test_efficientnet@48"
WEIGHTS = "--weights-dir weights"
TINY = "--set phases.{}.batch=16"
# Sums of floats depend on how many threads share them.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "COLUMNS": "100"}


@dataclass(frozen=True)
class Step:
    """One command line, and the files or folders in which it leaves numbers."""

    line: str
    leaves: tuple[str, ...] = ()


def steps() -> Iterator[Step]:
    """All command lines in the order in which they need each other."""
    yield Step("samples pets --count 40 --seed 3", ("pets/truth.json",))
    yield Step("samples more --count 24 --seed 4 --no-flaws --json", ("more/truth.json",))
    yield from _looking()
    yield from _training()
    yield from _recipes()
    yield from _using()
    yield from _searching()
    yield from _refused()


def _looking() -> Iterator[Step]:
    yield Step("doctor --json")
    yield Step("recipes --json")
    yield Step("recipes c-fusionnet")
    yield Step("recipes b-features --set phases.3.epochs=20 --yaml")
    yield Step("backbones --json")
    yield Step("backbones paw --layers --no-speed")
    yield Step(f"backbones test_resnet --size 48 --no-speed --json {WEIGHTS}")
    yield Step("explore pets --out explored.html --json", ("explored.html",))
    yield Step("augment pets/train --preset medium --photos 2 --epochs 3 --out a.html --json")
    yield Step("audit pets --out audits/plain", ("audits/plain",))
    yield Step("audit pets --out audits/auto --auto --json", ("audits/auto",))
    yield Step("decisions audits/auto --export decided.csv", ("decided.csv",))
    yield Step("decisions audits/auto --export decided.json", ("decided.json",))
    yield Step("decisions audits/plain --import decided.csv", ("audits/plain/decisions.jsonl",))
    yield Step("decisions audits/plain --json")


def _training() -> Iterator[Step]:
    for name, options in {
        "plain": "",
        "seeded": "--seed 1 --folds 3 --class-weights balanced --clip 0.005 --precision f32",
        "trimmed": "--folds 3 --borders trim --clean auto --no-cache",
        "decided": "--folds 3 --decisions audits/auto",
        "int8": "--folds 2 --precision int8",
        "fused": f"--folds 2 --backbone paw {RES} {WEIGHTS}",
    }.items():
        json_or_not = "" if name == "plain" else " --json"
        yield Step(f"train pets {options} --out runs/{name}{json_or_not}", (f"runs/{name}",))
    yield Step("train several.csv --labels several --folds 3 --out runs/several", ("runs/several",))
    yield Step("train listed.csv --folds 2 --out runs/listed --json", ("runs/listed",))
    yield Step("train pets.zip --folds 2 --out runs/zipped --json", ("runs/zipped",))


def _recipes() -> Iterator[Step]:
    three = f"--backbone paw {RES} {EFF}"
    for recipe, options in {
        "default": "",
        "quick": "",
        "best": f"{RES} {EFF}",
        "finetune": f"{EFF} {TINY.format(2)} --set phases.2.epochs=2 --set phases.2.size=32",
        "a-resnet34-sgdr": f"{RES} --set phases.3.steps=20 --set phases.3.sweeps=1 "
        f"{TINY.format(4)} {TINY.format(6)} {TINY.format(8)} --set phases.4.epochs=1 "
        "--set phases.6.cycles=1 --set phases.8.cycles=2",
        "b-features": f"{RES} --set phases.3.epochs=3 {TINY.format(3)}",
        "b-fused": f"{three} --set phases.3.epochs=2 {TINY.format(3)}",
        "b-split": f"{RES} --set phases.4.epochs=2 {TINY.format(4)}",
        "b-finetune": f"{RES} --set phases.3.epochs=1 --set phases.5.epochs=2 "
        f"{TINY.format(3)} {TINY.format(5)}",
        "b-fused-search": f"{three} --set phases.1.trials=4 --set phases.1.epochs=8 "
        "--set phases.1.together=2",
        "c-fusionnet": f"{RES} --backbone test_efficientnet@32 --set phases.1.hidden=[32,16] "
        f"{TINY.format(3)} {TINY.format(6)} --set phases.3.epochs=1 --set phases.6.epochs=2",
        "d-cat12": f"{RES} --set phases.3.epochs=1 {TINY.format(3)}",
    }.items():
        line = f"train pets --recipe {recipe} {options} {WEIGHTS} --out recipes/{recipe} --json"
        yield Step(line, (f"recipes/{recipe}",))
    yield Step(
        f"train pets --recipe d-cat12 {RES} --set phases.3.epochs=1 {TINY.format(3)} {WEIGHTS} "
        "--devices 2 --out recipes/two-devices --json",
        ("recipes/two-devices",),
    )


def _using() -> Iterator[Step]:
    yield Step("predict more/test --json")
    yield Step("predict more/test --out bundled.csv", ("bundled.csv",))
    yield Step("predict runs/plain more/train --out answers.csv", ("answers.csv",))
    yield Step("predict runs/plain/model.onnx pets --out all.json", ("all.json",))
    yield Step("predict runs/plain more/test --views flip,crops,subject --json")
    yield Step("predict runs/plain more/test/1.jpg --rotations --json")
    yield Step("predict runs/plain more/test --kaggle")
    yield Step("predict runs/plain more/test --kaggle --positive cat --out k.csv", ("k.csv",))
    yield Step("predict runs/several more/test --out several-answers.csv", ("several-answers.csv",))
    yield Step("predict recipes/finetune more/test --json")
    yield Step("evaluate runs/plain more/train --json")
    yield Step("evaluate runs/several several-more.csv --json")
    yield Step("evaluate recipes/finetune/model.onnx more/train")
    yield Step("compare runs/plain runs/seeded recipes/best --out c.html --json", ("c.html",))
    yield Step("compare runs/plain runs/fused --against runs/plain --out d.html")
    for method in ("stack", "blend", "greedy"):
        line = f"ensemble runs/plain recipes/default recipes/best --method {method}"
        yield Step(f"{line} --out runs/{method} --json", (f"runs/{method}",))
    yield Step("predict runs/stack more/test --json")
    yield Step("explain runs/plain more/test --out explained --check 3 --json", ("explained",))
    yield Step("explain more/test/1.jpg --class cat --out explained-bundled --json")
    for method in ("gradcam", "integrated-gradients"):
        line = f"explain recipes/best more/test/1.jpg --method {method} {WEIGHTS}"
        yield Step(f"{line} --out explained-{method} --json", (f"explained-{method}",))
    yield Step("explain recipes/finetune more/test/1.jpg --out explained-finetune --json")


def _searching() -> Iterator[Step]:
    yield Step("prove pets --augment flip --copies 1 --folds 2 --seeds 1 --out p.html --json")
    line = "experiments pets --vary l2=[1.0],[0.1] --set folds=2 --out experiments --json"
    yield Step(line, ("experiments",))
    small = "--set phases.0.epochs=8 --set phases.0.together=2"
    yield Step(f"tune pets --trials 4 {small} --out runs/tuned --json", ("runs/tuned",))
    # Heads train in threads, and asha asks which is at its rung first: here one at a time.
    alone = small.replace("together=2", "together=1")
    line = f"tune pets --trials 4 --head mlp --sampler random --pruner asha {alone}"
    yield Step(f"{line} --out runs/tuned-mlp --json", ("runs/tuned-mlp",))
    yield Step("demo shown --count 40 --json", ("shown/pets/truth.json",))


def _refused() -> Iterator[Step]:
    yield Step("recipes b-features --set phases.3.epohcs=20")
    yield Step("train pets --out runs/plain")
    yield Step("train nowhere")
    yield Step("evaluate runs/plain pets/test")


def prepare(work: Path) -> None:
    """The lists, the zip and the weights that the command lines name, from the drawn photos."""
    photos = sorted(path.relative_to(work) for path in (work / "pets/train").glob("*.jpg"))
    rows = [f"{path},{path.name[:3]}" for path in photos]
    (work / "listed.csv").write_text("\n".join(["path,label", *rows]), "utf-8")
    _write_several(work / "several.csv", photos)
    more = sorted(path.relative_to(work) for path in (work / "more/train").glob("*.jpg"))
    _write_several(work / "several-more.csv", more)
    shutil.make_archive(str(work / "pets"), "zip", work / "pets")
    (work / "weights").mkdir(exist_ok=True)
    for name in NETWORKS:
        _write_weights(work / "weights" / f"{name}.safetensors", name)


def _write_several(path: Path, photos: Sequence[Path]) -> None:
    """A list in which every third photo of an animal also has the other label."""
    labels = [
        "cat;dog" if number % 3 == 0 else photo.name[:3] for number, photo in enumerate(photos)
    ]
    pairs = zip(photos, labels, strict=True)
    rows = [f"{photo.as_posix()},{label}" for photo, label in pairs]
    path.write_text("\n".join(["path,label", *rows]), "utf-8")


def _write_weights(path: Path, name: str) -> None:
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = timm.create_model(name)
    save_file({key: part.contiguous() for key, part in network.state_dict().items()}, path)


def taken(step: Step, work: Path, limit: float) -> Values:
    """Run one command line and collect its numbers."""
    own = {"PAWLENS_CACHE": str(work / "cache"), **ENVIRONMENT}
    command = [sys.executable, "-m", "pawlens", *step.line.split()]
    done = subprocess.run(
        command,
        cwd=work,
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    values: Values = {"exit code": done.returncode}
    printed = done.stdout.replace(f"{work}/", "")
    try:
        shown = from_json(json.loads(printed))
    except ValueError:
        shown = from_text(printed)
    values |= {f"printed: {name}": value for name, value in shown.items()}
    for name in step.leaves:
        path = work / name
        values |= from_files(path, Path(name)) if path.exists() else {name: "missing"}
    return values


def run_all(options: argparse.Namespace) -> dict[str, Values]:
    """Run all steps that the file of results does not hold yet; it is written after each."""
    results: dict[str, Values] = {}
    if options.out.exists():
        results = json.loads(options.out.read_text("utf-8"))
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    for step in steps():
        if step.line in results:
            continue
        if (work / "more/truth.json").exists() and not (work / "weights").exists():
            prepare(work)
        began = time.monotonic()
        results[step.line] = taken(step, work, options.limit)
        options.out.write_text(json.dumps(results, indent=1, ensure_ascii=False), "utf-8")
        code = results[step.line]["exit code"]
        print(f"{time.monotonic() - began:6.1f} s  exit {code}  {step.line}", file=sys.stderr)
    return results


def tell(before: dict[str, Values], after: dict[str, Values]) -> bool:
    """Print the table and what differs; whether all numbers of before are there again."""
    print("| command | before | after | same |\n|---|---|---|---|")
    lines: list[str] = []
    for line in [*before, *(line for line in after if line not in before)]:
        old, new = before.get(line), after.get(line)
        if old is None or new is None:
            differ = [] if old is None else ["not run"]
            word = "new" if old is None else "**gone**"
        else:
            differ, added = differences(old, new)
            word = "**no**" if differ else f"yes, {len(added)} more" if added else "yes"
        print(f"| `{line}` | {_in_short(old)} | {_in_short(new)} | {word} |")
        lines += [f"  {line}\n    {one}" for one in differ]
    print("\n" + ("\n".join(["what differs:", *lines]) if lines else "no number differs"))
    return not lines


def _in_short(values: Values | None) -> str:
    if values is None:
        return ""
    values = counted(values)
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
    losses = [
        value
        for name, value in values.items()
        if name.endswith("log_loss.value") and isinstance(value, float)
    ]
    loss = f", log loss {losses[0]:.6f}" if losses else ""
    return f"exit {values['exit code']}, {len(values)} values {digest}{loss}"


def main() -> int:
    options = _options()
    after: Any = run_all(options)
    if options.against is None:
        return 0
    return 0 if tell(json.loads(options.against.read_text("utf-8")), after) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="a new folder to work in")
    parser.add_argument("--out", type=Path, required=True, help="the numbers, as JSON")
    parser.add_argument("--against", type=Path, help="the numbers of another version")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one command")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
