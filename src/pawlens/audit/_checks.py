"""The table of audit checks, of pawlens and of installed packages, and how they run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..base import Clock, Door, instance_of
from ..errors import PluginError
from ._check import AuditCheck
from ._copies import CopyCheck
from ._detection import Detection
from ._file_checks import FileCheck
from ._kind import Kind
from ._labels import LabelCheck
from ._neither import NeitherCheck
from ._parts import BothCheck
from ._privacy import PrivacyCheck
from ._quality import QualityCheck
from ._view import AuditView, LeftOut

__all__ = ["CHECKS", "Findings", "accept_check", "checked", "run_checks"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BUILT_IN: dict[str, AuditCheck] = {
    "files": FileCheck(),
    "quality": QualityCheck(),
    "copies": CopyCheck(),
    "labels": LabelCheck(),
    "parts": BothCheck(),
    "neither": NeitherCheck(),
    "privacy": PrivacyCheck(),
}


def accept_check(name: str, part: object) -> AuditCheck:
    """Take what an entry point loaded: an `AuditCheck`, or a class of one without arguments.

    Raises
    ------
    TypeError
        It is neither, or its `kinds` are not a tuple of `Kind`.
    ValueError
        A kind has a name that cannot be a part of a column's name, or a weight out of range.
    """
    check: AuditCheck = instance_of(AuditCheck, name, part, titled=False)  # its kinds have titles
    kinds = getattr(check, "kinds", ())
    if not (isinstance(kinds, tuple) and kinds and all(isinstance(kind, Kind) for kind in kinds)):
        raise TypeError(f"the kinds of {name} are not a tuple of Kind")
    for kind in kinds:
        if not _NAME.fullmatch(kind.name):
            raise ValueError(f"kind {kind.name!r}: small letters, digits and underscores alone")
        if not 0 <= kind.weight <= 1:
            raise ValueError(f"kind {kind.name!r} has the weight {kind.weight}, not 0 to 1")
    return check


CHECKS = Door("pawlens.checks", "audit check", _BUILT_IN, accept=accept_check)
"""Every audit check by name, in the order in which their kinds are reported."""


@dataclass
class Findings:
    """The result of all checks.

    Attributes
    ----------
    kinds : dict of str to Kind
        Everything that was to be looked for, by name.
    detections : dict of str to Detection
        Detections by kind; kinds that were left out are absent.
    left_out : dict of str to str
        Reason why a kind was not looked for, by kind, or by the name of a check that cannot be
        used.
    """

    kinds: dict[str, Kind] = field(default_factory=dict)
    detections: dict[str, Detection] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def run_checks(view: AuditView, clock: Clock) -> Findings:
    """Run every check; one of a package that fails is left out with the reason.

    Raises
    ------
    PluginError
        A package offers a check under a name that is taken.
    """
    findings = Findings()
    for name in CHECKS.names():
        try:
            check = CHECKS.get(name)
            _refuse_taken(name, check, findings)
        except PluginError as error:
            findings.left_out[name] = str(error)
            continue
        findings.kinds |= {kind.name: kind for kind in check.kinds}
        with clock.step(name):
            try:
                found = checked(check.kinds, list(check.find(view)), view)
            except LeftOut as error:
                findings.left_out |= {kind.name: str(error) for kind in check.kinds}
            except Exception as error:
                if CHECKS.is_built_in(name):
                    raise
                reason = str(CHECKS.failure(name, error))
                findings.left_out |= {kind.name: reason for kind in check.kinds}
            else:
                findings.detections |= found
    return findings


def checked(
    kinds: Sequence[Kind], detections: Sequence[Detection], view: AuditView
) -> dict[str, Detection]:
    """Check the detections, and return them by kind, in the order of `kinds`.

    Raises
    ------
    ValueError
        A kind is missing or not declared, or a detection does not fit the photos.
    """
    by_kind = {one.kind: one for one in detections}
    names = [kind.name for kind in kinds]
    if sorted(one.kind for one in detections) != sorted(names):
        raise ValueError(f"found {sorted(by_kind)}, but its kinds are {sorted(names)}")
    for detection in detections:
        _check_detection(detection, view)
    return {name: by_kind[name] for name in names}


def _refuse_taken(name: str, check: AuditCheck, findings: Findings) -> None:
    taken = [kind.name for kind in check.kinds if kind.name in findings.kinds]
    if taken:
        raise CHECKS.failure(name, ValueError(f"another check has the kind {taken[0]!r}"))


def _check_detection(detection: Detection, view: AuditView) -> None:
    kind, shape = detection.kind, (len(view),)
    score, found = np.asarray(detection.score), np.asarray(detection.found)
    if score.shape != shape or found.shape != shape or found.dtype != bool:
        raise ValueError(f"{kind}: score and found are not float and bool arrays of {len(view)}")
    if ((score < 0) | (score > 1)).any():
        raise ValueError(f"{kind}: scores are not between 0 and 1")
    rows = {*detection.why, *detection.suggestion}
    if rows and not set(np.flatnonzero(found).tolist()) >= rows:
        raise ValueError(f"{kind}: reasons or suggestions for photos that are not of this kind")
    known = {"drop", "trim", *(f"relabel:{name}" for name in view.classes)}
    unknown = set(detection.suggestion.values()) - known
    if unknown:
        raise ValueError(f"{kind}: suggestion {sorted(unknown)[0]!r}: no drop, trim, relabel:CLASS")
