"""Whether class activation maps point at the animal, and whether the answer hangs on it.

The pointing game (Zhang et al. 2018): a cat and a dog side by side, in both orders; the peak of
the map for a class must lie on its half. Then the check of `pawlens explain --check`, the processor
time a photo, and how far maps out of the graph are from those that torch computes.

    pawlens train train.zip --backbone mobilenetv2_100@224 --backbone densenet169 \
        --weights-dir weights --out run
    python benchmarks/explain.py run pets --weights-dir weights

Photos that the run trained on must not be among the pets; of the bundled classifier
(``cats-vs-dogs``) ``--held-out`` takes the fifth that it never saw. Oxford's names tell cats by a
capital.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path

import numpy as np

from pawlens import Model, Photos, load
from pawlens.explain import Explainer, check_maps
from pawlens.explain._effective import effective_weights, head_inputs, logit_weights
from pawlens.metrics import clopper_pearson
from pawlens.pages import check_sentences
from pawlens.photos import resize


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("photos", type=Path, help="the Oxford-IIIT Pet photos")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--check", type=int, default=20)
    parser.add_argument("--held-out", action="store_true", help="photos that paw never saw")
    options = parser.parse_args()
    photos, model = Photos.read(options.photos, labels=False), load(options.run)
    explainer = model.explainer()
    assert isinstance(explainer, Explainer)
    names = [path.rsplit("/", 1)[-1] for path in photos.paths]
    rows = np.random.default_rng(0).permutation(len(names)).tolist()
    if options.held_out:
        rows = [row for row in rows if never_seen(photos.read_bytes(row))]
    cats = [row for row in rows if names[row][0].isupper()][: options.pairs]
    dogs = [row for row in rows if not names[row][0].isupper()][: options.pairs]
    seconds(explainer, photos.subset(cats[:10]))
    point(model, explainer, photos, cats, dogs)
    if options.weights_dir is not None:
        compare(model, explainer, photos.subset(cats[:5] + dogs[:5]), options.weights_dir)
    mixed = [row for pair in zip(cats, dogs, strict=True) for row in pair]
    for sentence in check_sentences(check_maps(explainer, photos.subset(mixed), options.check)):
        print(sentence, flush=True)


def never_seen(photo: bytes) -> bool:
    """Whether the bundled classifier was measured on this photo instead of trained."""
    return int(hashlib.sha256(photo).hexdigest()[:8], 16) % 5 == 0


def point(
    model: Model, explainer: Explainer, photos: Photos, cats: list[int], dogs: list[int]
) -> None:
    """Print how often the peak lies on the right half, over all pairs and those known alone."""
    knows = [
        (model.answer(photos.subset(rows), precision="f32").proba.argmax(axis=1) == number)
        for number, rows in (
            (model.classes_.index("cat"), cats),
            (model.classes_.index("dog"), dogs),
        )
    ]
    right: dict[str, list[bool]] = {"cat": [], "dog": []}
    alone = np.repeat(knows[0] & knows[1], 2)
    for cat, dog in zip(cats, dogs, strict=True):
        pair = [photos.decode(cat), photos.decode(dog)]
        height = min(len(one) for one in pair)
        for order in (1, -1):
            collage = np.hstack([one[:height] for one in pair[::order]])
            edge = pair[::order][0].shape[1]
            values = explainer.explain(collage, "cat").map
            for name, signed in (("cat", values), ("dog", -values)):  # two classes: one map
                across = int(signed.argmax()) % collage.shape[1]
                right[name].append((across < edge) == ((name == "cat") == (order == 1)))
    for what, chosen in (("all pairs", np.full(len(alone), True)), ("both known alone", alone)):
        for name, hits in right.items():
            found = np.array(hits)[chosen]
            low, high = clopper_pearson(found.sum(), len(found))
            print(
                f"pointing game, {what}: {name} {found.mean():.1%} ({float(low):.1%} to "
                f"{float(high):.1%}) of {len(found)} collages",
                flush=True,
            )


def seconds(explainer: Explainer, photos: Photos) -> None:
    """Print the processor time of an answer and of an explanation."""
    pixels = [photos.decode(row) for row in range(len(photos))]
    for name, work in (("answer", explainer.probabilities), ("explanation", explainer.explain)):
        work(pixels[0])
        start = time.process_time()
        for one in pixels:
            work(one)
        print(f"processor time of one {name}: {(time.process_time() - start) / len(pixels):.3f} s")


def compare(model: Model, explainer: Explainer, photos: Photos, weights_dir: Path) -> None:
    """Print how far the graph's maps are from those of torch's networks and the head in NumPy."""
    import torch

    from pawlens.backbones import find_weights, load_network

    facts = model.facts
    bodies = []
    for spec, digest in zip(facts.backbones, facts.weights_hashes, strict=True):
        file = find_weights(spec, digest, weights_dir)
        assert file is not None, spec.name
        bodies.append(load_network(file.stem, file))
    gaps, largest = [], 0.0
    for row in range(len(photos)):
        pixels = photos.decode(row)
        cells = []
        for body, spec in zip(bodies, facts.backbones, strict=True):
            x = resize(pixels, spec.input_size, spec.interpolation)
            x = (x - np.array(spec.mean)) / np.array(spec.std)
            with torch.inference_mode():
                given = torch.from_numpy(x.transpose(2, 0, 1)[None].astype(np.float32))
                cells.append(body.forward_features(given)[0].numpy())
        inputs, lengths = head_inputs([one.mean((1, 2)) for one in cells], explainer.head)
        wanted = logit_weights(len(explainer.classes), 0)
        weights, _ = effective_weights(explainer.head, inputs, wanted)
        found = explainer.explain(pixels, explainer.classes[0])
        start = 0
        for part, one, length in zip(found.parts, cells, lengths, strict=True):
            grid = np.tensordot(weights[start : start + len(one)], one, 1) / length
            start += len(one)
            grid += part.contribution - grid.mean()  # the biases' part is a convention
            gaps.append(float(np.abs(part.grid - grid).max()))
            largest = max(largest, float(np.abs(grid).max()))
    print(
        f"graph against torch, {len(photos)} photos: largest difference of a cell {max(gaps):.2g} "
        f"logits, where maps reach {largest:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
