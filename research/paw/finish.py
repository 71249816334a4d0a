"""Everything that follows from a new ``paw.onnx``: the bundled head, its figures, the card.

``python research/paw/finish.py --shared ../shared --out research/paw/out``
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where train.py worked")
    options = parser.parse_args()
    where = ["--shared", str(options.shared), "--out", str(options.out)]
    for script, arguments in (("cats_vs_dogs", where), ("hard_cases", where), ("card", [])):
        subprocess.run([sys.executable, str(HERE / f"{script}.py"), *arguments], check=True)


if __name__ == "__main__":
    main()
