"""What is wrong with the photos, and what a person decided about them."""

from ._auto import LEAST_PRECISION, RULES, Rule, automatic_decisions
from ._clean import suspect_labels
from ._decisions import DECISIONS, Action, Decision, Journal, read_decisions
from ._exchange import export_csv, export_label_studio, import_csv, import_label_studio

__all__ = [
    "DECISIONS",
    "LEAST_PRECISION",
    "RULES",
    "Action",
    "Decision",
    "Journal",
    "Rule",
    "automatic_decisions",
    "export_csv",
    "export_label_studio",
    "import_csv",
    "import_label_studio",
    "read_decisions",
    "suspect_labels",
]
