"""Classifier heads on the features of backbones."""

from ._cats_vs_dogs import BUNDLED_HEAD, CatDogAnswers, CatDogHead
from ._combine import LEAST_PROBABILITY, CombineMethod, Combiner, combine_out_of_fold, fit_combiner
from ._head import SMALLEST_NORM, Head, unit_rows
from ._labels import fit_labels
from ._logistic import L2_GRID, LogisticFit, balanced_weights, fit_logistic, refit_logistic
from ._nested import nested_logits
from ._plan import HeadBudget, HeadPlan, HeadTrial
from ._stacked import StackedFit, fit_stacked
from ._trained import HeadTrainer

__all__ = [
    "BUNDLED_HEAD",
    "L2_GRID",
    "LEAST_PROBABILITY",
    "SMALLEST_NORM",
    "CatDogAnswers",
    "CatDogHead",
    "CombineMethod",
    "Combiner",
    "Head",
    "HeadBudget",
    "HeadPlan",
    "HeadTrainer",
    "HeadTrial",
    "LogisticFit",
    "StackedFit",
    "balanced_weights",
    "combine_out_of_fold",
    "fit_combiner",
    "fit_labels",
    "fit_logistic",
    "fit_stacked",
    "nested_logits",
    "refit_logistic",
    "unit_rows",
]
