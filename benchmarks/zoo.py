"""Sixty families of networks: which convert, agree with torch, how long it takes, how they explain.

Of each family the smallest network of timm gets random weights, written as safetensors; the rest
is what a user's command does: find the weights, convert them, open the graph, explain a drawn
photo. Each family has a process and a time limit of its own. Results are appended
to a file as JSON lines, so that a run that was stopped goes on, and `--table` writes the table of
the documentation from them.

    make zoo
    python benchmarks/zoo.py --out zoo --only vit swin
    python benchmarks/zoo.py --out zoo --table docs/zoo.md
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

FAMILIES = {
    "caformer": "caformer_s18",
    "clip": "vit_base_patch32_clip_224",
    "coat": "coat_tiny",
    "coatnet": "coatnet_pico_rw_224",
    "convit": "convit_tiny",
    "convnext": "convnext_atto",
    "convnextv2": "convnextv2_atto",
    "crossvit": "crossvit_9_240",
    "davit": "davit_tiny",
    "deit3": "deit3_small_patch16_224",
    "dinov2": "vit_small_patch14_dinov2",
    "dinov3": "vit_small_patch16_dinov3",
    "dla": "dla46x_c",
    "edgenext": "edgenext_xx_small",
    "efficientnetv2": "efficientnetv2_rw_t",
    "efficientvit (MIT)": "efficientvit_b0",
    "efficientvit (MSRA)": "efficientvit_m0",
    "eva02": "eva02_tiny_patch14_224",
    "fastvit": "fastvit_t8",
    "focalnet": "focalnet_tiny_srf",
    "gcvit": "gcvit_xxtiny",
    "ghostnet": "ghostnet_050",
    "hgnet": "hgnet_tiny",
    "hgnetv2": "hgnetv2_b0",
    "hiera": "hiera_tiny_224",
    "hrnet": "hrnet_w18_small",
    "inception_next": "inception_next_atto",
    "levit": "levit_128s",
    "mambaout": "mambaout_femto",
    "maxvit": "maxvit_pico_rw_256",
    "mixer": "mixer_s32_224",
    "mobilenetv3": "mobilenetv3_small_050",
    "mobilenetv4": "mobilenetv4_conv_small_035",
    "mobilevit": "mobilevit_xxs",
    "mobilevitv2": "mobilevitv2_050",
    "mvitv2": "mvitv2_tiny",
    "naflexvit": "naflexvit_base_patch16_gap",
    "nest": "nest_tiny",
    "nfnet": "eca_nfnet_l0",
    "poolformer": "poolformer_s12",
    "pvt_v2": "pvt_v2_b0",
    "regnet": "regnetx_002",
    "repvit": "repvit_m0_9",
    "res2net": "res2net50_48w_2s",
    "resmlp": "resmlp_12_224",
    "resnest": "resnest14d",
    "rexnet": "rexnet_100",
    "sequencer": "sequencer2d_s",
    "siglip2": "vit_base_patch16_siglip_224",
    "starnet": "starnet_s050",
    "swiftformer": "swiftformer_xs",
    "swin": "swin_tiny_patch4_window7_224",
    "swinv2": "swinv2_tiny_window8_256",
    "tiny_vit": "tiny_vit_5m_224",
    "tnt": "tnt_s_patch16_224",
    "twins": "twins_svt_small",
    "beitv2": "beitv2_base_patch16_224",
    "visformer": "visformer_tiny",
    "vit": "vit_tiny_patch16_224",
    "volo": "volo_d1_224",
}
"""The smallest network of each family in timm, by parameters."""

RESULTS = "results.jsonl"
_TASKS = ("convert", "explain")


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    _load_libraries()
    for family, name in FAMILIES.items():
        if options.only and family not in options.only:
            continue
        for task in options.tasks:
            done = _results(options.out)
            if (family, task) in done and task not in options.again:
                continue
            if task == "explain" and not done.get((family, "convert"), {}).get("works"):
                continue
            row = _in_child(task, name, options.out, options.limit)
            line = {"family": family, "name": name, "task": task} | row
            with (options.out / RESULTS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    rows = _results(options.out)
    print(_summary(rows))
    if options.table:
        _write_table(options.table, rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("zoo"), help="a folder for graphs")
    parser.add_argument("--only", nargs="*", help="families; by default all")
    parser.add_argument("--tasks", nargs="*", default=_TASKS, choices=_TASKS)
    parser.add_argument("--again", nargs="*", default=[], choices=_TASKS, help="measured anew")
    parser.add_argument("--limit", type=int, default=600, help="seconds for each family and task")
    parser.add_argument("--table", type=Path, help="a Markdown file, in which the table is renewed")
    return parser.parse_args()


def _load_libraries() -> None:
    """Import what converts, once: processes that are forked from this one need not do it again."""
    import onnxscript  # noqa: F401
    import timm
    import torch.onnx  # noqa: F401

    from pawlens.backbones import _convert, _source_timm

    timm.list_models("resnet*")
    _source_timm.in_child = lambda task, *given: _convert.TASKS[task](
        *given
    )  # it is a child already


def _in_child(task: str, name: str, out: Path, limit: int) -> dict[str, Any]:
    """Run one task of one network in a process of its own, for at most `limit` seconds."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_answer, args=(answers, task, name, out))
    child.start()
    child.join(limit)
    if child.is_alive():
        child.kill()
        return {"works": False, "why": f"not done after {limit} s"}
    if answers.empty():
        return {"works": False, "why": f"its process ended with code {child.exitcode}"}
    found: dict[str, Any] = answers.get()
    return found


def _answer(answers: Any, task: str, name: str, out: Path) -> None:
    try:
        answers.put(_CHILDREN[task](name, out))
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        answers.put({"works": False, "why": lines[0][:300]})


def _convert(name: str, out: Path) -> dict[str, Any]:
    """Write random weights of a network, convert them as users do, and compare with torch."""
    import safetensors.torch
    import torch

    from pawlens.backbones import build_network, find_backbone, load_network
    from pawlens.errors import PawlensError

    torch.manual_seed(0)
    weights = out / "weights"
    weights.mkdir(exist_ok=True)
    file = weights / f"{name}.safetensors"
    if not file.exists():
        network = _calmed(build_network(name))
        state = {k: v.contiguous().clone() for k, v in network.state_dict().items()}
        safetensors.torch.save_file(state, file)
    for old in (out / "cache" / "onnx").glob(f"{name}-*"):
        old.unlink()
    start = time.process_time(), time.perf_counter()
    try:
        found = find_backbone(name, weights_dir=weights, cache_dir=out / "cache")
    except PawlensError as error:
        return {"works": False, "why": str(error), "seconds": time.process_time() - start[0]}
    seconds, wall = time.process_time() - start[0], time.perf_counter() - start[1]
    size = found.spec.input_size
    return {
        "works": True,
        "size": size,
        "seconds": seconds,
        "wall_seconds": wall,
        "megabytes": found.path.stat().st_size / 1e6,
        "gap": _gap(load_network(name, file, size), found.path, size),
        "file": found.path.name,
    }


def _calmed(network: Any) -> Any:
    """Let batch norms see noise once, so that values keep their scale as in a trained network.

    With the norms of a new network, values can grow so large that torch itself gives features
    that differ by 1e-3 with the order of its sums.
    """
    import torch

    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    if norms:
        for norm in norms:
            norm.momentum = 1.0
        side = network.default_cfg["input_size"][-1]
        with torch.inference_mode():
            network.train()(torch.randn(4, 3, side, side))
    return network.eval()


def _gap(network: Any, graph: Path, size: int) -> float:
    """Compare a graph with torch on other noise than the converter did."""
    import onnxruntime
    import torch

    noise = np.random.default_rng(1).standard_normal((2, 3, size, size), dtype=np.float32)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pixels": noise})
    with torch.inference_mode():
        wanted = network(torch.from_numpy(noise)).numpy()
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def _explain(name: str, out: Path) -> dict[str, Any]:
    """Explain one drawn photo by a network under a head drawn at random."""
    from pawlens.backbones import find_backbone
    from pawlens.explain import Explainer
    from pawlens.export import GraphFacts, compose_graph
    from pawlens.heads import Head

    found = find_backbone(name, weights_dir=out / "weights", cache_dir=out / "cache")
    rng = np.random.default_rng(0)
    width = found.spec.feature_dim
    head = Head.linear(rng.normal(0, 1, (width, 3)).astype(np.float32), np.zeros(3, np.float32))
    facts = GraphFacts(("cat", "dog", "owl"), (found.spec,), ("x",), 1.0, 0.0, "0")
    explainer = Explainer(
        compose_graph([found], head, facts), head, [found.spec.name], facts.classes
    )
    pixels = rng.integers(0, 256, (8, 8, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    start = time.process_time()
    one = explainer.explain(pixels)
    seconds = time.process_time() - start
    (part,) = one.parts
    return {
        "works": part.grid is not None,
        "method": part.method,
        "grid": list(part.grid.shape),
        "explain_seconds": seconds,
        "placed": 4 if part.method == "occlusion" else _placed(explainer, pixels, rng),
    }


def _placed(explainer: Any, pixels: Any, rng: np.random.Generator) -> int:
    """Count the quarters of the photo, changed one by one, whose cells change most."""
    before, right, half = explainer.explain(pixels, "cat").parts[0].grid, 0, 160
    for quarter in range(4):
        down, across = divmod(quarter, 2)
        changed = pixels.copy()
        part = changed[down * half :, across * half :][:half, :half]
        part[:] = rng.integers(0, 256, (half // 40, half // 40, 3)).repeat(40, 0).repeat(40, 1)
        difference = np.abs(explainer.explain(changed, "cat").parts[0].grid - before)
        rows, columns = (np.arange(n) * 2 // n for n in difference.shape)
        means = [difference[rows == r][:, columns == c].mean() for r in (0, 1) for c in (0, 1)]
        right += int(np.argmax(means)) == quarter
    return right


_CHILDREN = {"convert": _convert, "explain": _explain}


def _results(out: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Read the newest result of each family and task."""
    file = out / RESULTS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["family"], row["task"]): row for row in rows}


def _summary(rows: dict[tuple[str, str], dict[str, Any]]) -> str:
    measured = [row for (_, task), row in rows.items() if task == "convert"]
    converted = [row for row in measured if row["works"]]
    explained = [row for (_, task), row in rows.items() if task == "explain" and row["works"]]
    seconds = [row["seconds"] for row in converted] or [0.0]
    gap = max((row["gap"] for row in converted), default=0.0)
    return (
        f"{len(measured)} of {len(FAMILIES)} families measured: {len(converted)} convert and agree "
        f"with torch (largest relative difference {gap:.0e}), {len(explained)} are explained; a "
        f"conversion takes {median(seconds):.0f} s of one processor in the median, at most "
        f"{max(seconds):.0f} s"
    )


def _write_table(file: Path, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Put the table between the marks of a Markdown file."""
    begin, end = "<!-- zoo -->\n", "<!-- end of zoo -->"
    text = file.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    table = "\n".join([f"{_summary(rows)}.", "", *_table(rows)])
    file.write_text(f"{before}{begin}\n{table}\n\n{end}{after}", encoding="utf-8")


def _table(rows: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    lines = [
        "| family | network | size | seconds | MB | difference | explained by |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for family, name in FAMILIES.items():
        row = rows.get((family, "convert"))
        if row is None:
            continue
        if not row["works"]:
            lines.append(f"| {family} | `{name}` | | | | | refused: {row['why']} |")
            continue
        how = rows.get((family, "explain"), {})
        lines.append(
            f"| {family} | `{name}` | {row['size']} | {row['seconds']:.0f} | "
            f"{row['megabytes']:.1f} | {row['gap']:.0e} | "
            f"{how.get('method') or how.get('why', 'not measured')} |"
        )
    return lines


if __name__ == "__main__":
    main()
