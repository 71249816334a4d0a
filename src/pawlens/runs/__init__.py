"""The run folder: writing it, reading it back, joining several of them."""

from ._caveats import notes_of, settings_that_differ
from ._contents import (
    metrics_values,
    one_label_values,
    oof_columns,
    photo_columns,
    plain_metrics,
    proof_rows,
    provenance,
    seconds_in_words,
)
from ._files import (
    CROISSANT,
    HELD_OUT,
    LEARNT_FROM,
    MODEL,
    MODEL_CARD,
    PHOTOS,
    REFERENCE_MEASURES,
    REPORT,
)
from ._folder import OWN_CACHE, RunFolder, claimed, is_begun, is_finished
from ._join import Joined, join_runs
from ._papers import Papers, rewrite_papers
from ._photos import check_unchanged, decoded, on_readable, stored_photos, thumbnail
from ._run import Run
from ._standing import HeldOut, Standing, beside, rare_classes

__all__ = [
    "CROISSANT",
    "HELD_OUT",
    "LEARNT_FROM",
    "MODEL",
    "MODEL_CARD",
    "OWN_CACHE",
    "PHOTOS",
    "REFERENCE_MEASURES",
    "REPORT",
    "HeldOut",
    "Joined",
    "Papers",
    "Run",
    "RunFolder",
    "Standing",
    "beside",
    "check_unchanged",
    "claimed",
    "decoded",
    "is_begun",
    "is_finished",
    "join_runs",
    "metrics_values",
    "notes_of",
    "on_readable",
    "one_label_values",
    "oof_columns",
    "photo_columns",
    "plain_metrics",
    "proof_rows",
    "provenance",
    "rare_classes",
    "rewrite_papers",
    "seconds_in_words",
    "settings_that_differ",
    "stored_photos",
    "thumbnail",
]
