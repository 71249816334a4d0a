"""Error messages for the values of a recipe: one line that says how to mend what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from reprlib import Repr
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from .phases import NO_PHASE, PHASES, UNKNOWN_PHASE

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["describe", "did_you_mean", "shown"]

_Path = tuple[str | int, ...]
_short = Repr()
_short.maxlevel, _short.maxstring, _short.maxother = 2, 80, 80


def shown(value: Any) -> str:
    """Return a value as it was given on one line, shortened where it is long."""
    return _short.repr(value)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Suggest the nearest of the known names, or all of them where none is near."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.4)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"


def describe(error: ValidationError, values: Any, top: type[BaseModel]) -> str:
    """Say the first thing that is wrong with the values of a model.

    Parameters
    ----------
    error : ValidationError
        The error that pydantic raised for the values.
    values : Any
        Plain data as they came from outside.
    top : type of BaseModel
        Model that the values were to become.

    Returns
    -------
    str
        One line. Keys are named by their path, items of lists counted from 0:
        ``phases.2.epochs = 0: input should be greater than or equal to 1``.
    """
    located = [(_path(fault["loc"], values), fault) for fault in error.errors()]
    start = located[0][0]
    # Where a value could have been several things, the one it has most in common with was meant.
    path = max((p for p, _ in located if p[: len(start)] == start), key=len)
    same = [fault for p, fault in located if p == path]
    return _in_words(path, same, values, top)


def _path(loc: _Path, values: Any) -> _Path:
    """Return the location without pydantic's own parts, such as the name of a union's member."""
    path, at = [], values
    for part in loc:
        inside = isinstance(at, Mapping) and part in at
        if inside or (isinstance(at, list) and isinstance(part, int)):
            path.append(part)
            at = at[part]
    return tuple(path)


def _in_words(path: _Path, errors: list[ErrorDetails], values: Any, top: type[BaseModel]) -> str:
    last = errors[-1]
    name, kind = ".".join(map(str, path)), last["type"]
    if kind == "value_error":
        return str(last["ctx"]["error"])
    if kind == "extra_forbidden":
        known = _model_at(path[:-1], values, top).model_fields
        return f"unknown key {name!r}; {did_you_mean(path[-1], known)}"
    if kind == "missing":
        return f"{name}.{last['loc'][-1]} is missing"
    value = _at(path, values)
    if kind == UNKNOWN_PHASE:
        return f"{name}.do = {shown(value['do'])}: {did_you_mean(value['do'], PHASES.names())}"
    if kind == NO_PHASE:
        return f"{name}: {last['msg']}; {did_you_mean('', PHASES.names())}"
    return f"{name or 'recipe'} = {shown(value)}: {_wanted(errors)}"


def _wanted(errors: list[ErrorDetails]) -> str:
    """Say what a value should have been, joined where there were several possibilities."""
    start = "input should be "
    parts = []
    for fault in errors:
        text = fault["msg"][:1].lower() + fault["msg"][1:].split(", unable to parse")[0]
        if fault["type"] == "model_type":
            text = f"{start}a mapping"
        parts.append(text)
    return " or ".join([*parts[:1], *(text.removeprefix(start) for text in parts[1:])])


def _at(path: _Path, values: Any) -> Any:
    for part in path:
        values = values[part]
    return values


def _model_at(path: _Path, values: Any, top: type[BaseModel]) -> type[BaseModel]:
    """Find the model whose keys are named at a path."""
    if len(path) < 2:
        return top
    model: type[BaseModel] = PHASES.get(_at(path[:2], values)["do"])
    for part in path[2:]:
        field = model.model_fields.get(str(part))
        model = model if field is None else next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a type has room for, such as `Augment` in ``str | Augment``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
