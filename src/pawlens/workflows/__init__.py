"""The workflows: each command of pawlens is a function here."""

from ._audit import write_audit
from ._backbone_card import BackboneCard, describe_backbone
from ._compare import Comparison, compare
from ._evaluate import Evaluation, evaluate_model, photos_behind
from ._experiments import read_grid, run_experiments
from ._explain import PAGE, write_explanations
from ._explore import figures, write_exploration
from ._prove import prove_augmentations
from ._speed import Rate

__all__ = [
    "PAGE",
    "BackboneCard",
    "Comparison",
    "Evaluation",
    "Rate",
    "compare",
    "describe_backbone",
    "evaluate_model",
    "figures",
    "photos_behind",
    "prove_augmentations",
    "read_grid",
    "run_experiments",
    "write_audit",
    "write_explanations",
    "write_exploration",
]
