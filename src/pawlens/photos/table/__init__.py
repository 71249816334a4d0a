"""What training makes of photos: findings, roles, folds, label sets, hints of groups."""

from ._folds import assign_folds, assign_label_folds, folds_possible
from ._group_hints import suggest_groups
from ._label_sets import as_targets
from ._table import TINY_PIXELS, Finding, Table, assign_roles, prepare_table

__all__ = [
    "TINY_PIXELS",
    "Finding",
    "Table",
    "as_targets",
    "assign_folds",
    "assign_label_folds",
    "assign_roles",
    "folds_possible",
    "prepare_table",
    "suggest_groups",
]
