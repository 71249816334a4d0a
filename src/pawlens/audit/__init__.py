"""What is wrong with the photos, and what a person decided about them."""

from ._audit import Audit, audit
from ._auto import LEAST_PRECISION, RULES, Rule, automatic_decisions
from ._clean import suspect_labels
from ._decisions import DECISIONS, Action, Decision, Journal, read_decisions
from ._detection import Detection
from ._exchange import export_csv, export_label_studio, import_csv, import_label_studio
from ._kinds import KINDS, Kind
from ._labels import SUSPECT_BELIEF
from ._looks import Look, look_at_photos
from ._neither import distances, find_neither
from ._page import render_page
from ._quality import find_quality
from ._writing import audit_columns, write_audit

__all__ = [
    "DECISIONS",
    "KINDS",
    "LEAST_PRECISION",
    "RULES",
    "SUSPECT_BELIEF",
    "Action",
    "Audit",
    "Decision",
    "Detection",
    "Journal",
    "Kind",
    "Look",
    "Rule",
    "audit",
    "audit_columns",
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
    "render_page",
    "suspect_labels",
    "write_audit",
]
