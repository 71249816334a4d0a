"""The audit: flaws of photos and labels, and a person's decisions about them."""

from ._appearance import look_at_photos
from ._audit import Audit, audit
from ._auto import LEAST_PRECISION, RULES, automatic_decisions
from ._beliefs import LEAST_NOISE
from ._clean import suspect_labels
from ._decisions import DECISIONS, Action, Decision, Journal, read_decisions
from ._detection import Detection
from ._exchange import export_csv, export_label_studio, import_csv, import_label_studio
from ._folder import AuditTable
from ._kinds import KINDS, Kind
from ._labels import SUSPECT_BELIEF
from ._neither import distances, find_neither
from ._quality import find_quality

__all__ = [
    "DECISIONS",
    "KINDS",
    "LEAST_NOISE",
    "LEAST_PRECISION",
    "RULES",
    "SUSPECT_BELIEF",
    "Action",
    "Audit",
    "AuditTable",
    "Decision",
    "Detection",
    "Journal",
    "Kind",
    "audit",
    "automatic_decisions",
    "distances",
    "export_csv",
    "export_label_studio",
    "find_neither",
    "find_quality",
    "import_csv",
    "import_label_studio",
    "look_at_photos",
    "read_decisions",
    "suspect_labels",
]
