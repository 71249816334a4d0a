"""The child's side of `in_child`: tasks that need torch. Nothing else imports this module."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ..errors import PawlensError
from ._cache import check_unchanged, store
from ._exporters import convert
from ._spec import BackboneSpec
from ._timm import download_weights, load_network, random_network, spec_of
from ._timm_sizes import default_size

__all__ = ["TASKS"]


def convert_weights(
    name: str, file: str, spec: str | None, size: int | None, target: str, weights_hash: str
) -> str:
    """Convert the weights ``NAME`` or ``NAME.TAG`` in `file`; returns the spec as JSON."""
    side = size or default_size(name)
    network = load_network(name, Path(file), side)
    check_unchanged(weights_hash, Path(file))
    known_spec = BackboneSpec.from_json(spec) if spec else spec_of(network, name, side)
    return store(
        convert(network, known_spec), known_spec, Path(target), weights_hash
    ).spec.to_json()


def convert_random(
    name: str, seed: int, spec: str | None, size: int | None, target: str, weights_hash: str
) -> str:
    """Convert a network with random weights; returns the spec as JSON."""
    side = size or default_size(name)
    network = random_network(name, seed, side)
    known_spec = BackboneSpec.from_json(spec) if spec else spec_of(network, name, side)
    known_spec = replace(known_spec, source=f"random weights, seed {seed}")
    return store(
        convert(network, known_spec), known_spec, Path(target), weights_hash
    ).spec.to_json()


def download(name: str, file: str) -> str:
    """Fetch timm's weights into `file`; returns its path."""
    download_weights(name, Path(file))
    return file


TASKS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"convert": convert_weights, "download": download, "random": convert_random}
)


def _main(task: str, arguments: str) -> int:
    """Print the answer, or the error's class and message, as the last line, in JSON."""
    try:
        print(json.dumps(TASKS[task](*json.loads(arguments))))
    except PawlensError as error:
        print(json.dumps([type(error).__name__, str(error)]))
        return error.exit_code
    return 0


def _end_with_parent() -> None:
    """End this process when the one that waits for its answer is gone, however it ended."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(_main(*sys.argv[1:]))
