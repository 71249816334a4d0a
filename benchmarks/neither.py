"""Photos of neither: the score of pawlens beside others, on real features.

    python benchmarks/neither.py features SHARED paw FEATURES.npz
    python benchmarks/neither.py scores FEATURES.npz [FEATURES.npz ...] [--save KINDS.npz]
    PYTHONPATH=src PYTHON benchmarks/neither.py ood KINDS.npz

``features`` writes what the other and ``trust.py`` read: features of the 8,800 cats and dogs
(``dvc``), of the 12 cats (``cat12``), of pictures of neither, and of drawn kinds: noise, plain
colours, text, scenes. Several files are backbones side by side.

``scores`` compares the score of pawlens with a Mahalanobis distance, the energy, ViM and the
distance to the fifth nearest photo: area under the ROC, and recall at 1 % false alarms. No score
has seen any picture of neither. Beside ours stands its share of false alarms at its own threshold.
``ood`` asks the detectors of pytorch-ood about the same features, in a PYTHON that has it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pawlens.heads import unit_rows
from pawlens.trust import fit_neither, free_energy, joint_shift
from trust import fitted, unit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    jobs = parser.add_subparsers(required=True)
    features = jobs.add_parser("features")
    features.add_argument("shared", type=Path)
    features.add_argument("backbone")
    features.add_argument("out", type=Path)
    features.set_defaults(job=write_features)
    scores = jobs.add_parser("scores")
    scores.add_argument("files", type=Path, nargs="+")
    scores.add_argument("--save", type=Path, help="write what pytorch-ood needs here")
    scores.set_defaults(job=compare_scores)
    ood = jobs.add_parser("ood")
    ood.add_argument("file", type=Path)
    ood.set_defaults(job=compare_with_ood)
    args = parser.parse_args()
    args.job(args)


def write_features(args: argparse.Namespace) -> None:
    """Extract the features of photos and of drawn kinds, and write them with their paths."""
    from tempfile import TemporaryDirectory

    from pawlens.backbones import find_backbone
    from pawlens.base import user_cache
    from pawlens.features import FeatureExtractors, WholePhotos, hash_photos
    from pawlens.photos import Photos

    data, cache = args.shared / "data", user_cache()
    backbone = find_backbone(args.backbone, weights_dir=args.shared / "weights", cache_dir=cache)
    out: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        draw_kinds(Path(folder))
        sources = {
            "neither": Photos.read(data / "neither", labels=False),
            "drawn": Photos.read(Path(folder), labels=False),
            "cat12": Photos.read(data / "cat-12" / "train_list.txt"),
            "dvc": Photos.read(data / "dogs-vs-cats" / "train.zip"),
        }
        for name, photos in sources.items():
            pictures = WholePhotos(photos, hash_photos(photos))
            matrix = FeatureExtractors([backbone], cache_dir=cache).extract(pictures, unit=False)
            read = np.flatnonzero(matrix.row >= 0)
            out[name] = matrix.of(read)
            out[f"{name}_paths"] = np.array([photos.paths[row] for row in read])
            if name in ("cat12", "dvc"):
                labels = [photos.classes.index(photos[int(row)].labels[0]) for row in read]
                out[f"{name}_y"] = np.array(labels)
    np.savez(args.out, **out)


def draw_kinds(folder: Path) -> None:
    """Draw 60 pictures each of noise, plain colours, text and scenes without an animal."""
    from PIL import Image, ImageDraw

    from pawlens.samples._draw import draw_neither

    rng = np.random.default_rng(5)
    for kind in ("noise", "plain", "text", "scene"):
        (folder / kind).mkdir()
    words = ["server", "error", "while", "reading", "file", "open", "save", "total", "12", "34"]
    for number in range(60):
        noise = rng.integers(0, 256, (200, 200, 3), np.uint8)
        plain = np.tile(rng.integers(0, 256, 3, np.uint8), (200, 200, 1))
        Image.fromarray(noise).save(folder / f"noise/{number}.png")
        Image.fromarray(plain).save(folder / f"plain/{number}.png")
        paper, ink = ((20, 20, 30), "white") if rng.random() < 0.4 else ((250, 250, 250), "black")
        text = Image.new("RGB", (320, 240), paper)
        pen, size = ImageDraw.Draw(text), int(rng.integers(9, 22))
        for y in range(8, 230, size + 5):
            pen.text((8, y), " ".join(rng.choice(words, rng.integers(2, 9))), ink, font_size=size)
        text.save(folder / f"text/{number}.png")
        scene = draw_neither(np.random.default_rng([7, number]))
        Image.fromarray(scene).save(folder / f"scene/{number}.jpg", quality=90)


def compare_scores(args: argparse.Namespace) -> None:
    """Print the area under the ROC and the recall at 1 % false alarms of each score and kind."""
    parts = [np.load(file) for file in args.files]

    def rows(name: str) -> Any:
        return np.hstack([unit(part[name]) for part in parts])

    kinds = {}
    for name in ("neither", "drawn"):
        values, paths = rows(name), parts[0][f"{name}_paths"]
        subject = np.array([str(path).split("/")[0] for path in paths])
        subject = np.array(
            [s.split("-")[0] if name == "neither" and s != "cartoon-dog" else s for s in subject]
        )
        kinds |= {
            kind: values[subject == kind] for kind in np.unique(subject) if kind != "cartoon-dog"
        }
    saved: dict[str, Any] = {}
    for name in ("dvc", "cat12"):
        x, y = rows(name), parts[0][f"{name}_y"].astype(np.int64)
        others = dict(kinds)
        if name == "cat12":
            others["dogs"] = rows("dvc")[parts[0]["dvc_y"] == 1][:500]
        saved |= _score_rows(name, x, y, others, [part[name].shape[1] for part in parts])
    if args.save:
        np.savez(args.save, **saved)


def _score_rows(
    name: str, x: Any, y: Ints, kinds: dict[str, Any], widths: list[int]
) -> dict[str, Any]:
    """Print a row for each score; return what other detectors need to be asked the same."""
    order = np.random.default_rng(0).permutation(len(y))
    known, fresh = np.split(order, [int(0.7 * len(y))])
    fit, calibration, fold = fitted(x[known], y[known], 0)
    print(name, *kinds, sep="  ")
    scores = _scores(x[known], y[known], fit, calibration, fold)
    if len(widths) > 1:
        scores = {"ensemble": _ensemble(x[known], y[known], widths)} | scores
    for title, score in scores.items():
        usual = score(x[fresh])
        alarm = f"{np.mean(usual >= 0.5):.4f}" if title in ("pawlens", "ensemble") else "-"
        cells = [_found(usual, score(values)) for values in kinds.values()]
        print(f"{title:12} {alarm:7}", *cells, sep="  ", flush=True)
    head = fit.head
    rows = {"known": x[known], "fresh": x[fresh]} | {f"kind:{k}": v for k, v in kinds.items()}
    told = {f"{name}/{part}": unit_rows(values.copy()) for part, values in rows.items()}
    return told | {
        f"{name}/y": y[known],
        f"{name}/weights": head.weights / calibration.temperature,
        f"{name}/bias": head.bias / calibration.temperature,
    }


def _ensemble(x: Any, y: Ints, widths: list[int]) -> Any:
    """Make the score of an ensemble: runs of one backbone each, joined by the log odds of each."""
    columns = np.split(np.arange(x.shape[1]), np.cumsum(widths)[:-1])
    members = []
    for own in columns:
        fit, calibration, fold = fitted(x[:, own], y, 0)
        score = fit_neither(x[:, own], calibration.logits, fold, false_alarms=0.01)
        assert score is not None
        members.append((own, fit.head, calibration.temperature, score))
    shift = joint_shift([score.own for *_, score in members], 0.01)

    def joined(rows: Any) -> Any:
        odds = []
        for own, head, temperature, score in members:
            one = score(rows[:, own], head.logits(rows[:, own]) / temperature)
            odds.append(np.log(np.maximum(one, 1e-15) / np.maximum(1 - one, 1e-15)))
        return 1 / (1 + np.exp(shift - np.mean(odds, axis=0)))

    return joined


def _found(usual: Floats, strange: Floats) -> str:
    """Area under the ROC, and recall at 1 % false alarms."""
    from sklearn.metrics import roc_auc_score

    truth = np.r_[np.zeros(len(usual)), np.ones(len(strange))]
    area = roc_auc_score(truth, np.r_[usual, strange])
    return f"{area:.3f} {np.mean(strange > np.quantile(usual, 0.99)):.2f}"


def compare_with_ood(args: argparse.Namespace) -> None:
    """Print the same of detectors of pytorch-ood."""
    import torch
    from pytorch_ood.detector import KNN, EnergyBased, Mahalanobis, ViM

    stored = {
        name: torch.from_numpy(np.asarray(values)) for name, values in np.load(args.file).items()
    }
    for name in ("dvc", "cat12"):
        own = {k.split("/", 1)[1]: v for k, v in stored.items() if k.startswith(f"{name}/")}
        kinds = {k.removeprefix("kind:"): v for k, v in own.items() if k.startswith("kind:")}
        known, y = own["known"].float(), own["y"]
        w, b = own["weights"].T.float(), own["bias"].float()
        scores = {
            "Mahalanobis": Mahalanobis(None).fit_features(known, y).predict_features,
            "energy": lambda z, w=w, b=b: EnergyBased.score(z @ w.T + b),
            "ViM, d = 64": ViM(None, 64, w, b).fit_features(known, y).predict_features,
            "KNN": KNN(None).fit_features(known, y).predict_features,
        }
        print(name, *kinds, sep="  ")
        for title, score in scores.items():
            usual = score(own["fresh"].float()).numpy()
            cells = [_found(usual, score(values.float()).numpy()) for values in kinds.values()]
            print(f"{title:20}", *cells, sep="  ", flush=True)


def _scores(x: Any, y: Ints, fit: Any, calibration: Any, fold: Ints) -> dict[str, Any]:
    """Make every score from the photos that are known."""
    ours = fit_neither(x, calibration.logits, fold, false_alarms=0.01)
    assert ours is not None
    rest = fit.head.logits

    def logits(rows: Any) -> Floats:
        return np.asarray(rest(rows) / calibration.temperature)

    means = np.stack([x[y == k].mean(axis=0) for k in range(int(y.max()) + 1)])
    centred = x - means[y]
    spread, turned = np.linalg.eigh(centred.T @ centred / len(x))
    whiten = turned / np.sqrt(np.maximum(spread, 0) + 0.05 * spread[-1])
    middle = x.mean(axis=0)
    main = np.linalg.eigh((x - middle).T @ (x - middle))[1][:, ::-1][:, :64]

    def mahalanobis(rows: Any) -> Any:
        return np.min([(((rows - m) @ whiten) ** 2).sum(axis=1) for m in means], axis=0)

    def residual(rows: Any) -> Any:
        left = (rows - middle) - (rows - middle) @ main @ main.T
        return np.linalg.norm(left, axis=1)

    scale = -free_energy(logits(x)).mean() / residual(x).mean()
    bank = x[np.random.default_rng(0).permutation(len(x))[:5000]]
    return {
        "pawlens": lambda rows: ours(rows, logits(rows)),
        "Mahalanobis": mahalanobis,
        "energy": lambda rows: free_energy(logits(rows)),
        "ViM": lambda rows: scale * residual(rows) + free_energy(logits(rows)),
        "KNN": lambda rows: -np.sort(rows @ bank.T, axis=1)[:, -5],
    }


if __name__ == "__main__":
    main()
