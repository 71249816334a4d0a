"""The audit: flaws of photos and labels, and a person's decisions about them."""

from ._appearance import Appearance, measure_appearance
from ._audit import Audit, audit, prepare_view
from ._auto import LEAST_PRECISION, RULES, automatic_decisions
from ._check import AuditCheck
from ._checks import CHECKS, accept_check, checked, run_checks
from ._columns import audit_columns, audit_facts
from ._copies import join_cut_outs
from ._decisions import DECISIONS, Action, Decision, Journal, read_decisions
from ._detection import Detection
from ._exchange import export_csv, export_label_studio, import_csv, import_label_studio
from ._folder import AUDIT_PAGE, AuditTable, is_audit, write_audit_files
from ._kind import Kind
from ._labels import SUSPECT_BELIEF
from ._neither import distances, find_neither
from ._quality import find_quality
from ._suspects import suspect_labels
from ._view import AuditView, LeftOut

__all__ = [
    "AUDIT_PAGE",
    "CHECKS",
    "DECISIONS",
    "LEAST_PRECISION",
    "RULES",
    "SUSPECT_BELIEF",
    "Action",
    "Appearance",
    "Audit",
    "AuditCheck",
    "AuditTable",
    "AuditView",
    "Decision",
    "Detection",
    "Journal",
    "Kind",
    "LeftOut",
    "accept_check",
    "audit",
    "audit_columns",
    "audit_facts",
    "automatic_decisions",
    "checked",
    "distances",
    "export_csv",
    "export_label_studio",
    "find_neither",
    "find_quality",
    "import_csv",
    "import_label_studio",
    "is_audit",
    "join_cut_outs",
    "measure_appearance",
    "prepare_view",
    "read_decisions",
    "run_checks",
    "suspect_labels",
    "write_audit_files",
]
