"""The jobs: each command is one function here, imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import lazy_name

if TYPE_CHECKING:
    from ._audit import audit, decide_automatically, write_audit
    from ._augment import augment, make_augmentation
    from ._backbone_card import BackboneCard, describe_backbone
    from ._backbones import backbones
    from ._card import card, papers_of
    from ._compare import Comparison, compare
    from ._doctor import doctor
    from ._embed import embed
    from ._evaluate import Evaluation, evaluate, evaluate_model, photos_behind
    from ._experiments import EXPERIMENTS_PAGE, experiments, read_grid, run_experiments
    from ._explain import PAGE, Explained, explain, write_explanations
    from ._explore import explore, figures, write_exploration
    from ._export import export, exporters, write_export
    from ._exporter import Exporter, accept_exporter
    from ._monitor import MONITOR_PAGE, monitor
    from ._predict import predict
    from ._promises import Promises, find_promises
    from ._prove import prove, prove_augmentations
    from ._recipe import as_recipe, recipes
    from ._speed import Rate
    from ._strip import STRIPPED_TABLE, StrippedPhoto, strip
    from ._track import TRACKERS, check_tracker, track
    from ._tune import search_recipe, tune

__all__ = [
    "EXPERIMENTS_PAGE",
    "MONITOR_PAGE",
    "PAGE",
    "STRIPPED_TABLE",
    "TRACKERS",
    "BackboneCard",
    "Comparison",
    "Evaluation",
    "Explained",
    "Exporter",
    "Promises",
    "Rate",
    "StrippedPhoto",
    "accept_exporter",
    "as_recipe",
    "audit",
    "augment",
    "backbones",
    "card",
    "check_tracker",
    "compare",
    "decide_automatically",
    "describe_backbone",
    "doctor",
    "embed",
    "evaluate",
    "evaluate_model",
    "experiments",
    "explain",
    "explore",
    "export",
    "exporters",
    "figures",
    "find_promises",
    "make_augmentation",
    "monitor",
    "papers_of",
    "photos_behind",
    "predict",
    "prove",
    "prove_augmentations",
    "read_grid",
    "recipes",
    "run_experiments",
    "search_recipe",
    "strip",
    "track",
    "tune",
    "write_audit",
    "write_explanations",
    "write_exploration",
    "write_export",
]

_HOME = {
    "EXPERIMENTS_PAGE": "._experiments",
    "MONITOR_PAGE": "._monitor",
    "PAGE": "._explain",
    "STRIPPED_TABLE": "._strip",
    "StrippedPhoto": "._strip",
    "TRACKERS": "._track",
    "BackboneCard": "._backbone_card",
    "Comparison": "._compare",
    "Evaluation": "._evaluate",
    "Explained": "._explain",
    "Promises": "._promises",
    "Rate": "._speed",
    "Exporter": "._exporter",
    "accept_exporter": "._exporter",
    "export": "._export",
    "exporters": "._export",
    "write_export": "._export",
    "as_recipe": "._recipe",
    "audit": "._audit",
    "augment": "._augment",
    "backbones": "._backbones",
    "card": "._card",
    "check_tracker": "._track",
    "compare": "._compare",
    "decide_automatically": "._audit",
    "describe_backbone": "._backbone_card",
    "doctor": "._doctor",
    "embed": "._embed",
    "evaluate": "._evaluate",
    "evaluate_model": "._evaluate",
    "experiments": "._experiments",
    "explain": "._explain",
    "explore": "._explore",
    "figures": "._explore",
    "find_promises": "._promises",
    "make_augmentation": "._augment",
    "monitor": "._monitor",
    "papers_of": "._card",
    "photos_behind": "._evaluate",
    "predict": "._predict",
    "prove": "._prove",
    "prove_augmentations": "._prove",
    "read_grid": "._experiments",
    "recipes": "._recipe",
    "run_experiments": "._experiments",
    "search_recipe": "._tune",
    "strip": "._strip",
    "track": "._track",
    "tune": "._tune",
    "write_audit": "._audit",
    "write_explanations": "._explain",
    "write_exploration": "._explore",
}


def __getattr__(name: str) -> object:
    """Import a job when it is asked for: nobody needs all of them at once."""
    return lazy_name(__name__, _HOME, name)
