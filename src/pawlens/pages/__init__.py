"""Pages for people: templates, style, plots and words."""

from ._audit import render_audit
from ._augmentation import render_sheet
from ._comparison import ComparisonData, render_comparison
from ._croissant import render_croissant
from ._experiments import render_experiments
from ._experiments_data import Experiments, Point
from ._explanations import Card, as_row, make_card, render_explanations
from ._exploration import render_exploration
from ._exploration_words import headline, sentences
from ._label_report import LabelReportData, render_label_report
from ._map_check import check_section, check_sentences
from ._model_card import CardFacts, dataset_name, render_model_card
from ._monitor import render_monitor
from ._monitor_data import Check, Day, Monitored, NextPhoto, Share
from ._proof import in_words, render_proof
from ._proof_data import Arm, Proof
from ._report import ReportData, mapped_rows, render_report
from ._slices import slice_rows
from ._trust import trust_lines
from ._words import versus

__all__ = [
    "Arm",
    "Card",
    "CardFacts",
    "Check",
    "ComparisonData",
    "Day",
    "Experiments",
    "LabelReportData",
    "Monitored",
    "NextPhoto",
    "Point",
    "Proof",
    "ReportData",
    "Share",
    "as_row",
    "check_section",
    "check_sentences",
    "dataset_name",
    "headline",
    "in_words",
    "make_card",
    "mapped_rows",
    "render_audit",
    "render_comparison",
    "render_croissant",
    "render_experiments",
    "render_explanations",
    "render_exploration",
    "render_label_report",
    "render_model_card",
    "render_monitor",
    "render_proof",
    "render_report",
    "render_sheet",
    "sentences",
    "slice_rows",
    "trust_lines",
    "versus",
]
