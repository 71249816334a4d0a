"""Maps of the photos that a report shows: where their wrong answers come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...base import Progress
from ...errors import UsageError
from ...models import Model
from ...photos import jpeg, trim
from ...runs import THUMBNAIL
from ._method import trimmed_rows
from ._results_one_label import Results

__all__ = ["answer_maps"]


def answer_maps(
    model: Model, results: Results, progress: Progress | None = None
) -> Callable[[Sequence[int]], Mapping[int, bytes]]:
    """What a report calls for the maps of some of its rows, as JPEG; none where no map is to give.

    A map is that of the class that was answered, in the model that ships.
    """
    table, proba = results.table, results.calibration.proba
    cut = trimmed_rows(table, results.recipe) if results.recipe.borders == "keep" else frozenset()

    def maps(rows: Sequence[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        if not rows:
            return found
        try:
            explainer = model.explainer()
        except UsageError:
            return found
        for done, row in enumerate(rows, start=1):
            photo = int(results.evaluated[row])
            pixels = table.photos.decode(photo)
            pixels = trim(pixels) if photo in cut else pixels
            one = explainer.explain(pixels, table.classes[int(proba[row].argmax())])
            found[row] = jpeg(one.overlay(), THUMBNAIL)
            if progress is not None:
                progress("explaining", done, len(rows))
        return found

    return maps
