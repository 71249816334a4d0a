"""Folders as people really have them: what each is read as, and whether that is right.

Makes the folders of ../shared/cases and gives each to the command line. Prints a table; what counts
as right stands beside each case below, after the README of these cases. Needs the shared folder.

    python benchmarks/cases.py [--shared ../shared] [--only CASE ...] [--code SRC]

``--code`` is the ``src`` of another version, for the table of before.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Outcome(NamedTuple):
    """What a command left behind; `facts` is what it printed as JSON."""

    code: int
    facts: Any
    out: str
    err: str

    @property
    def counts(self) -> dict[str, int]:
        """Photos of each class, where the photos were explored."""
        classes = self.facts.get("classes", {}) if isinstance(self.facts, dict) else {}
        return {name: one["photos"] for name, one in classes.items()}

    @property
    def readable(self) -> bool:
        return isinstance(self.facts, dict) and not self.facts.get("unreadable")


Right = Callable[[Outcome], bool]


def explored(cat: int, dog: int, *words: str, names: tuple[str, str] = ("cat", "dog")) -> Right:
    """Right where these photos of cats and dogs are found and readable, and the words are told."""
    expected = dict(zip(names, (cat, dog), strict=True))
    return lambda o: o.counts == expected and o.readable and all(w in o.err for w in words)


def refused(*words: str) -> Right:
    """Right where it is refused in one line that has all the words."""
    return lambda o: o.code == 2 and len(o.err.splitlines()) == 1 and all(w in o.err for w in words)


def answered(rows: int, *words: str) -> Right:
    """Right where each file has a row, and no reason names an exception."""

    def right(outcome: Outcome) -> bool:
        text = outcome.out + outcome.err
        plain = not re.search(r"\w+Error\b|\w+Exception\b|object at|: '[A-Z]+'", text)
        number = len(outcome.facts) if isinstance(outcome.facts, list) else 0
        return plain and number == rows and all(word in text for word in words)

    return right


EXPLORE = "explore {case} --out {tmp}/{name}.html --json"
PREDICT = "predict {case} --json"
TRAIN = "train {case} --out {tmp}/{run} --json"
CASES: list[tuple[str, str, Right]] = [
    ("two-cameras", EXPLORE, explored(12, 12)),
    ("unlabelled-test", EXPLORE, lambda o: explored(12, 12)(o) and o.facts["unlabelled"] == 6),
    ("ids-without-ending", EXPLORE, explored(12, 12)),
    ("file-name", EXPLORE, explored(12, 12)),
    ("jsonl", EXPLORE, explored(12, 12)),
    ("semicolon", EXPLORE, explored(12, 12)),
    ("one-hot", EXPLORE, explored(12, 12)),
    ("unknown-label-column", EXPLORE, refused("choice", "--label-column", "--path-column")),
    ("label-studio", EXPLORE, explored(12, 12)),
    ("subfolder", EXPLORE, explored(12, 12, "images/0000.jpg")),
    ("windows-absolute", EXPLORE, explored(12, 12, "0000.jpg")),
    ("latin-1", EXPLORE, refused("UTF-8")),
    ("parquet-bytes", EXPLORE, explored(12, 12)),
    ("tar-shards", EXPLORE, explored(12, 12)),
    ("avif", EXPLORE, explored(24, 24)),
    ("predict-other-formats", PREDICT, answered(6, "JPEG 2000")),
    ("broken-heads", PREDICT, answered(6)),
    ("huge", PREDICT, lambda o: o.code == 0 and answered(1)(o)),
    (
        "doubled",
        EXPLORE,
        lambda o: (
            explored(24, 24, names=("cats", "dogs"))(o)
            and o.facts["splits"] == {"train": 32, "test": 16}
        ),
    ),
    ("three-folds", EXPLORE, explored(24, 24, "folds")),
    ("three-folds", TRAIN, refused("--folds given")),
    ("three-folds", TRAIN + " --folds given", lambda o: o.code == 0),
    ("nas", EXPLORE, explored(12, 12, "@eaDir", "bird")),
    ("two-spellings", EXPLORE, refused("'Hund'", "'hund'")),
    ("zips-in-a-folder", EXPLORE, refused("train.zip", "test.zip")),
    (
        "zero-padded",
        "predict {case} --kaggle --ids {case}.csv",
        lambda o: o.code == 0 and o.out.splitlines()[1].startswith("00001,"),
    ),
    ("subjects", TRAIN, lambda o: o.code == 0 and "--group" in o.out + o.err),
    (
        "subjects",
        TRAIN + " --group animal",
        lambda o: o.code == 0 and _holds_truth(o.facts["out_of_fold"]["accuracy"]),
    ),
    ("shortcut", TRAIN, lambda o: o.code == 0 and "PNG" in o.out + o.err),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--code", type=Path, default=ROOT / "src")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "cases"
        make = options.shared / "cases" / "make.py"
        command = [sys.executable, make, options.shared / "data" / "pets", made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print("| case | command | right | what was told |\n|---|---|---|---|", flush=True)
        wrong = 0
        for number, (name, words, right) in enumerate(CASES):
            if options.only and name not in options.only:
                continue
            values = {"case": made / name, "tmp": folder, "name": name, "run": f"run-{number}"}
            outcome = run([word.format(**values) for word in words.split()], options.code, folder)
            good = _holds(right, outcome)
            wrong += not good
            shown = " ".join(words.replace("{case}", name).split(" --out")[0:1])
            more = " ".join(w for w in words.split() if w in ("--group", "animal", "given"))
            told = _told(outcome, str(made))
            print(f"| {name} | `{shown} {more}` | {'yes' if good else 'no'} | {told} |", flush=True)
    print(f"\n{wrong} of the commands are not right", file=sys.stderr)
    return int(wrong > 0)


def run(arguments: list[str], code: Path, folder: str) -> Outcome:
    environment = os.environ | {"PYTHONPATH": str(code), "PAWLENS_CACHE": f"{folder}/cache"}
    done = subprocess.run(
        [sys.executable, "-m", "pawlens", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=900,
        cwd=folder,
    )
    try:
        facts = json.loads(done.stdout)
    except ValueError:
        facts = {}
    return Outcome(done.returncode, facts, done.stdout, done.stderr)


def _holds_truth(accuracy: dict[str, float]) -> bool:
    """Whether an interval holds the 59 % that new animals are answered with."""
    return accuracy["low"] <= 0.59 <= accuracy["high"]


def _holds(right: Right, outcome: Outcome) -> bool:
    try:
        return right(outcome)
    except (KeyError, IndexError, TypeError):  # not what a right answer looks like
        return False


def _told(outcome: Outcome, made: str) -> str:
    """Shorten what was told: the classes, or the first lines of an error."""
    lines = [x for x in outcome.err.splitlines() if not re.search(r"^pawlens: .*\d+ of \d+$", x)]
    text = "; ".join(line.removeprefix("photos: ") for line in lines[:3]).replace(f"{made}/", "")
    if outcome.counts and not text:
        text = ", ".join(f"{name} {count}" for name, count in outcome.counts.items())
        if not outcome.readable:
            text += f"; {len(outcome.facts['unreadable'])} unreadable"
    if not text and isinstance(outcome.facts, list):
        text = "; ".join(sorted({row["status"] for row in outcome.facts}))
        text = f"{len(outcome.facts)} rows: {text}"
    return text[:240].replace("|", "\\|") or f"exit {outcome.code}"


if __name__ == "__main__":
    sys.exit(main())
