"""Files that want to do harm: each is read or refused in one line, soon, and in little memory.

- photos: files of every format, cut, overwritten, spliced, and with another width and height
- graphs: ``model.onnx`` with foreign nodes, bombs, external data, altered weights and metadata
- runs, audits: folders whose JSON, YAML, Parquet and graphs were altered

Cases are made and read by a child process, which is watched: one that dies, works for 20 s, takes
more than 1.5 GB, raises what is no error of pawlens, or answers with other numbers than before it
was altered, is printed with its seed and kept in --keep.

    python benchmarks/hostile.py [--photos 10000] [--graphs 500] [--runs 500] [--audits 500]
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hostile_photos import mutant, photo

PATIENCE, ALLOWED_MB = 20, 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=10_000)
    for kind in ("graphs", "runs", "audits"):
        parser.add_argument(f"--{kind}", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    parser.add_argument("--keep", type=Path, default=Path("hostile"))
    parser.add_argument("--worker", choices=[*ATTACKS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        _work(options.worker, options.keep)
        return
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="pawlens-hostile-") as name:
        good = Path(name)
        if options.graphs or options.runs or options.audits:
            _make_good(good)
        for kind in ATTACKS:
            seeds = range(options.first, options.first + getattr(options, kind))
            if seeds:
                wrong += _attack(kind, seeds, good, options.keep)
    raise SystemExit(1 if wrong else 0)


def _attack(kind: str, seeds: range, good: Path, keep: Path) -> int:
    """Have every case read, and print what is not as it should be; the number of those."""
    found: Counter[str] = Counter()
    slowest, most, wrong = 0.0, 0, 0
    worker = _Worker(kind, good)
    for seed in seeds:
        answer = worker.ask(seed)
        found[answer["what"]] += 1
        slowest, most = max(slowest, answer["seconds"]), max(most, answer["mb"])
        large = answer["mb"] > ALLOWED_MB
        if answer["what"] not in ("answered", "refused") or large:
            wrong += 1
            print(f"{kind} {seed}: {answer}", flush=True)
            case = good / "case"
            if case.exists():
                shutil.copytree(case, keep / f"{kind}-{seed}", dirs_exist_ok=True)
        if large:
            worker.close()
            worker = _Worker(kind, good)
    worker.close()
    print(f"{kind}: {dict(found)}, slowest {slowest:.1f} s, at most {most} MB", flush=True)
    return wrong


class _Worker:
    """A child process that makes and reads cases; begun anew when it dies or hangs."""

    def __init__(self, kind: str, good: Path) -> None:
        self._words = [sys.executable, __file__, "--worker", kind, "--keep", str(good)]
        self._child = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self._words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, bufsize=0
        )

    def ask(self, seed: int) -> dict[str, Any]:
        start = time.perf_counter()
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(f"{seed}\n".encode())
        # On the clock, where other work may have the processors, and with the making of the case.
        ready, _, _ = select.select([self._child.stdout], [], [], 15 * PATIENCE)
        line = self._child.stdout.readline() if ready else b""
        if line:
            return dict(json.loads(line))
        what = "died" if ready else "hung"
        self.close()
        self._child = self._begin()
        return {"what": what, "seconds": time.perf_counter() - start, "mb": 0}

    def close(self) -> None:
        self._child.kill()
        self._child.communicate()


def _work(kind: str, good: Path) -> None:
    attack, answers = ATTACKS[kind], os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        start, what, words = _processor_time(), "answered", ""
        try:
            rng = np.random.default_rng(int(line))
            read = attack(good, rng)
            start = _processor_time()
            words = read()
            if words:
                what = "WRONG"
        except Exception as error:
            what, words = _judged(error), f"{type(error).__name__}: {error}"
        seconds = _processor_time() - start
        if seconds > PATIENCE:
            what = "SLOW"
        found = {"what": what, "seconds": round(seconds, 2), "mb": _peak_mb(), "words": words[:300]}
        print(json.dumps(found), file=answers, flush=True)


def _processor_time() -> float:
    """Seconds of processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


def _judged(error: Exception) -> str:
    from pawlens.errors import PawlensError

    if not isinstance(error, PawlensError):
        return "RAISED"
    return "refused" if len(str(error).splitlines()) == 1 and str(error) else "MANY LINES"


def _peak_mb() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) // 1000


def _make_good(folder: Path) -> None:
    """Make photos, a run and an audit to alter, and the answers that are right."""
    import pawlens

    pawlens.draw_samples(folder / "samples", count=60, flaws=False, seed=1)
    photos = folder / "samples" / "train"
    pawlens.Classifier().fit(photos, folder / "run", progress=False)
    pawlens.audit(photos, out=folder / "audit", progress=False)
    np.save(folder / "right.npy", pawlens.load(folder / "run").predict_proba(photos))


# Graphs, run folders and audit folders


def _graph(good: Path, rng: np.random.Generator) -> Callable[[], str]:
    from hostile_graphs import alter

    case = _fresh(good)
    file = case / "model.onnx"
    how = alter(good / "run" / "model.onnx", file, rng)
    return lambda: _answers(good, file, how)


def _run(good: Path, rng: np.random.Generator) -> Callable[[], str]:
    case = _fresh(good)
    shutil.copytree(good / "run", case, dirs_exist_ok=True)
    files = sorted(path for path in case.iterdir() if path.is_file())
    file = files[int(rng.integers(len(files)))]
    _alter_file(file, rng)
    return lambda: _run_reads(good, case)


def _audit(good: Path, rng: np.random.Generator) -> Callable[[], str]:
    case = _fresh(good)
    shutil.copytree(good / "audit", case, dirs_exist_ok=True)
    files = [case / "audit.json", case / "audit.parquet"]
    _alter_file(files[int(rng.integers(len(files)))], rng)
    return lambda: _audit_reads(good, case)


def _fresh(good: Path) -> Path:
    case = good / "case"
    shutil.rmtree(case, ignore_errors=True)
    case.mkdir()
    return case


def _alter_file(path: Path, rng: np.random.Generator) -> None:
    """Alter bytes of a file, or values of its JSON, or put something else in its place."""
    data = path.read_bytes()
    how = int(rng.integers(8))
    if path.suffix in (".json", ".yaml", ".jsonl") and how < 5:
        text = data.decode()
        odd = ["NaN", "1e999", "-1", '"\\ud800"', "null", "[]", "{}", "[" * 3000, "9" * 5000]
        odd += ["true", '"' + "x" * 100_000 + '"', "0x10", "&a [*a, *a]", "*a"]
        words = _places(text)
        if words:
            start, end = words[int(rng.integers(len(words)))]
            text = text[:start] + odd[int(rng.integers(len(odd)))] + text[end:]
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
    elif how == 5:
        path.unlink()
    elif how == 6:
        path.unlink()
        path.mkdir()
    elif how == 7 and path.suffix == ".parquet":
        _parquet_bomb(path)
    else:
        path.write_bytes(mutant(data, rng))


def _places(text: str) -> list[tuple[int, int]]:
    """Where values stand in JSON or YAML: after a colon, a comma or a bracket."""
    import re

    found = re.finditer(r'(?<=[:\[,] )("[^"]*"|[^\s,\[\]{}]+)|(?<=[\[,])("[^"]*"|[\d.]+)', text)
    return [one.span() for one in found]


def _parquet_bomb(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    rows = 20_000_000
    same = {
        name: pa.repeat(table[name][0], 1000) if table.num_rows else table[name]
        for name in table.column_names
    }
    with pq.ParquetWriter(path, pa.table(same).schema, compression="zstd") as file:
        for _ in range(rows // 1000 // 100):
            file.write_table(pa.concat_tables([pa.table(same)] * 100))


def _answers(good: Path, model: Path, how: str) -> str:
    import pawlens

    right = np.load(good / "right.npy")
    photos = good / "samples" / "train"
    model_read = pawlens.load(model)
    proba = model_read.predict_proba(photos)
    if proba.shape != right.shape or not np.allclose(proba, right, atol=1e-6):
        return f"answers with other numbers after: {how}"
    return ""


def _run_reads(good: Path, case: Path) -> str:
    import pawlens
    from pawlens.errors import PawlensError

    errors = []
    intact = pawlens.Run(good / "run")
    for read in (
        lambda run: _differs(run.metrics, intact.metrics, "metrics"),
        lambda run: _differs(run.classes, intact.classes, "classes"),
        lambda run: _differs(run.oof().to_pydict(), intact.oof().to_pydict(), "oof"),
        lambda run: _differs(run.photos().to_pydict(), intact.photos().to_pydict(), "photos"),
        lambda run: _differs(run.recipe, intact.recipe, "recipe"),
        lambda run: _differs(run.history, intact.history, "history"),
        lambda run: _differs(run.environment, intact.environment, "environment"),
        lambda run: run.decisions and "",
        lambda run: repr(run) and "",
        lambda run: pawlens.read_recipe(run.recipe_path) and "",
        lambda run: _answers(good, case, "an altered run folder"),
        lambda run: pawlens.compare([run, intact]) and "",
    ):
        try:
            wrong = read(pawlens.Run(case))
        except PawlensError as error:
            errors.append(error)
            continue
        if wrong:
            return str(wrong)
    if errors:
        raise errors[-1]
    return ""


def _differs(found: Any, right: Any, what: str) -> str:
    return "" if repr(found) == repr(right) else f"{what} differ: {found!r}"[:200]


def _audit_reads(good: Path, case: Path) -> str:
    import pawlens
    from pawlens.audit import AuditTable

    right = AuditTable.read(good / "audit").columns
    columns = AuditTable.read(case).columns
    wrong = _differs(columns, right, "columns")
    if not wrong:
        pawlens.decide_automatically(case)
    return wrong


ATTACKS: dict[str, Callable[[Path, np.random.Generator], Callable[[], str]]] = {
    "photos": photo,
    "graphs": _graph,
    "runs": _run,
    "audits": _audit,
}


if __name__ == "__main__":
    main()
