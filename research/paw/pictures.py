"""paw's features of every picture that the classifier learns from or is measured on.

Sets of pictures are drawn from the photos by seeds and run through paw once; features are kept in
a folder named after paw's content, so a new paw.onnx is a new folder and nothing stale is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import data
import numpy as np
import numpy.typing as npt
from collages import LAYOUTS, collage
from PIL import Image

from pawlens.backbones import Backbone, OpenVinoEngine
from pawlens.base._parallel import cores, ordered_map
from pawlens.heads import unit_rows
from pawlens.photos import decode, resize
from pawlens.samples._draw import draw_neither

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SEED = 0
SCENES = 1200  # drawn, no animal
_SCENE = 640  # pixels a side: an eighth of it is 80
SUBJECTS = ("elephant", "giraffe", "guitar", "horse", "house", "person")  # of neither
AGAIN = 12  # crops, flips and turns of each real picture of neither
VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "whole": lambda pixels: pixels,
    "mirrored": lambda pixels: pixels[:, ::-1],
    "turned 90": lambda pixels: np.rot90(pixels, 1),  # against the clock
    "turned 180": lambda pixels: np.rot90(pixels, 2),
    "turned 270": lambda pixels: np.rot90(pixels, 3),
    "left": lambda pixels: pixels[:, : pixels.shape[1] // 2 or 1],
    "right": lambda pixels: pixels[:, pixels.shape[1] // 2 :],
    "top": lambda pixels: pixels[: pixels.shape[0] // 2 or 1],
    "bottom": lambda pixels: pixels[pixels.shape[0] // 2 :],
}
HALVES = ("left", "right", "top", "bottom")


@dataclass(frozen=True)
class Pictures:
    """A set of pictures: its name, how many, and how one is drawn.

    `draw` takes a number and the side that both sides should keep, in pixels.
    """

    name: str
    count: int
    draw: Callable[[int, int], Pixels]


class Album:
    """The photos of ``photos.jsonl`` with their bytes.

    Attributes
    ----------
    photos : list of data.Photo
    """

    def __init__(self, shared: Path, out: Path) -> None:
        self.photos, _ = data.load(out)
        self._bytes = [raw for *_, raw in data._sources(shared)]
        if len(self._bytes) != len(self.photos):
            raise SystemExit(f"{out}/photos.jsonl does not list the photos of {shared}")

    def animals(self, role: str) -> list[int]:
        """Rows of the photos of a role that are known to show a cat or a dog."""
        return [i for i, p in enumerate(self.photos) if p.role == role and p.animal]

    def neither(self, style: str, subject: str) -> list[int]:
        """Rows of the pictures of a folder such as ``photo-horse``, whatever their role."""
        folder = f"{style}-{subject}/"
        return [
            i
            for i, p in enumerate(self.photos)
            if p.source == "neither" and p.name.startswith(folder)
        ]

    def unlearned(self) -> set[int]:
        """Rows of training photos that only paw's curves were drawn on."""
        members = [i for i, p in enumerate(self.photos) if p.role == "train"]
        return set(members[:: data.CHECK])

    def is_dog(self, rows: Sequence[int]) -> npt.NDArray[np.int64]:
        """1 for a dog, 0 for a cat, int64 [n]."""
        return np.array([self.photos[row].animal == "dog" for row in rows], np.int64)

    def whole(self, rows: Sequence[int]) -> Pictures:
        """The photos as they are."""
        return Pictures(
            f"photos-{_digest(rows)}",
            len(rows),
            lambda i, side: decode(self._bytes[rows[i]], min_side=side),
        )

    def collages(self, rows: Sequence[int], count: int, *, both: bool) -> Pictures:
        """Pictures of a cat and a dog, or of two of a kind; their layouts take turns."""
        kinds = {
            kind: [r for r in rows if self.photos[r].animal == kind] for kind in ("cat", "dog")
        }

        def draw(index: int, side: int) -> Pixels:
            rng = np.random.default_rng([SEED, both, index])
            order = rng.permutation(["cat", "dog"])
            names = order if both else order[[0, 0]]
            first, second = (decode(self._bytes[int(rng.choice(kinds[n]))]) for n in names)
            return collage(first, second, layout(index), rng)

        return Pictures(
            f"collages-{'both' if both else 'one'}-{_digest(rows)}-{count}", count, draw
        )

    def in_scenes(self, rows: Sequence[int], share: float) -> Pictures:
        """Each photo small, somewhere in a drawn scene whose sides are ``1 / share`` as long."""

        def draw(index: int, side: int) -> Pixels:
            rng = np.random.default_rng([SEED, 11, index])
            scene = Image.fromarray(draw_neither(rng)).resize((_SCENE, _SCENE))
            width = round(_SCENE * share)
            spot = rng.integers(0, _SCENE - width + 1, 2)
            photo = Image.fromarray(decode(self._bytes[rows[index]]))
            scene.paste(photo.resize((width, width)), (int(spot[0]), int(spot[1])))
            return np.asarray(scene)

        return Pictures(f"in-scenes-{_digest(rows)}-{share:g}", len(rows), draw)

    def again(self, rows: Sequence[int]) -> Pictures:
        """`AGAIN` crops, flips and turns of each photo, photo by photo."""

        def draw(index: int, side: int) -> Pixels:
            rng = np.random.default_rng([SEED, 9, index])
            pixels = decode(self._bytes[rows[index // AGAIN]])
            height, width = (round(length * rng.uniform(0.55, 1)) for length in pixels.shape[:2])
            top = int(rng.integers(pixels.shape[0] - height + 1))
            left = int(rng.integers(pixels.shape[1] - width + 1))
            cut = pixels[top : top + height, left : left + width]
            cut = np.rot90(cut, int(rng.choice([0, 0, 0, 1, 2, 3])))
            return cut[:, :: int(rng.choice([-1, 1]))]

        return Pictures(f"again-{_digest(rows)}", AGAIN * len(rows), draw)


def scenes() -> Pictures:
    """Drawn pictures without any animal."""
    return Pictures(
        "scenes", SCENES, lambda i, side: draw_neither(np.random.default_rng([SEED, 7, i]))
    )


def layout(index: int) -> str:
    """The layout of a collage by its number."""
    return LAYOUTS[index % len(LAYOUTS)]


class Extractor:
    """A backbone's features of sets of pictures, scaled to unit length.

    Parameters
    ----------
    backbone : Backbone
    folder : Path
        Features are kept in a folder of it that is named after the backbone's weights.
    """

    def __init__(self, backbone: Backbone, folder: Path) -> None:
        self._backbone = backbone
        self._folder = folder / f"{backbone.spec.name}-{backbone.weights_hash[:12]}"
        self._folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, pictures: Pictures, view: str = "whole") -> Floats:
        """Features float32 [n, D] of every picture under one of `VIEWS`."""
        path = self._folder / f"{pictures.name}-{view.replace(' ', '-')}.npy"
        if not path.exists():
            np.save(path, self._extract(pictures, view))
            print(f"{self._backbone.spec.name}: {pictures.name}, {view}", flush=True)
        return unit_rows(np.load(path))

    def _extract(self, pictures: Pictures, view: str) -> Floats:
        spec = self._backbone.spec
        side = spec.input_size * (2 if view in HALVES else 1)

        def square(index: int) -> Pixels:
            seen = np.ascontiguousarray(VIEWS[view](pictures.draw(index, side)))
            return resize(seen, spec.input_size, spec.interpolation)

        engine = OpenVinoEngine(self._backbone.path, [spec], precision="f32")
        squares = ordered_map(square, range(pictures.count), workers=cores())
        batches = ((None, [np.stack(part)]) for part in _chunks(squares, engine.batch_size))
        return np.concatenate([features for _, features in engine.run(batches)])


def _chunks(items: Iterable[Pixels], size: int) -> Iterator[list[Pixels]]:
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def _digest(rows: Sequence[int]) -> str:
    return hashlib.sha256(np.asarray(rows, np.int64).tobytes()).hexdigest()[:10]
