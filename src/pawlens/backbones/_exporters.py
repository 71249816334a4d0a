"""From a network of torch to ONNX: where one exporter fails or is slow, another takes over."""

from __future__ import annotations

import ctypes
import io
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import require
from ..errors import BackboneError
from ._onnx import finish, first_line, relative_gap, run_graph

if TYPE_CHECKING:
    import numpy.typing as npt
    from onnx import ModelProto
    from torch import Tensor, nn

    from ._spec import BackboneSpec

    Exporter = Callable[[nn.Module, Tensor], ModelProto]

__all__ = ["convert"]

_TOLERANCE = 1e-4  # relative, float32 against float32
_OPSET = 18
_PATIENCE = 120.0  # seconds of processor time for an exporter that another one can take over from
_LOOK = 0.2  # seconds between two looks at the clock


class _TooSlow(Exception):
    """Raised inside an exporter whose time is over."""


def convert(network: nn.Module, spec: BackboneSpec) -> ModelProto:
    """Convert a headless network to a graph that meets the contract, and compare the two.

    torch's exporter by ``torch.export`` comes first: it takes two to three times as long as the
    one by TorchScript, and gives half the nodes (no shape arithmetic where padding depends on the
    size, no copies). Where it fails, gives other features, or takes more than two minutes of
    processor time, the one by TorchScript has its turn. Either graph is compared in the same way.

    Raises
    ------
    BackboneError
        When the network does not run at the spec's size, or neither graph gives its features; the
        message is about the first exporter.
    """
    torch = require("torch", extra="torch")
    require("onnxscript", extra="torch")
    size = spec.input_size
    noise = np.random.default_rng(0).standard_normal((3, 3, size, size), dtype=np.float32)
    try:
        with torch.inference_mode():
            expected = network(torch.from_numpy(noise)).numpy()
    except Exception as error:
        raise BackboneError(
            f"{spec.name} at {size} pixels cannot be converted: {first_line(error)}"
        ) from error
    try:
        with _time_limit(_PATIENCE):
            return _compared(_by_export, network, spec, noise, expected)
    except (BackboneError, _TooSlow) as error:
        try:
            return _compared(_by_script, network, spec, noise, expected)
        except BackboneError:
            if isinstance(error, BackboneError):
                raise error from None
            raise


def _compared(
    exporter: Exporter,
    network: nn.Module,
    spec: BackboneSpec,
    noise: npt.NDArray[np.float32],
    expected: npt.NDArray[np.float32],
) -> ModelProto:
    """Export a network, and refuse a graph that gives other features than `expected`."""
    torch = require("torch", extra="torch")
    pixels = torch.from_numpy(noise[:2])  # not the batch size of the comparison
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's, about itself
            exported = exporter(network, pixels)
    except _TooSlow:
        raise
    except Exception as error:  # exporters raise nearly anything
        raise BackboneError(
            f"{spec.name} at {spec.input_size} pixels cannot be converted: {first_line(error)}"
        ) from error
    model = finish(exported, spec.input_size, spec.feature_dim)
    gap = relative_gap(run_graph(model, noise), expected)
    if not gap <= _TOLERANCE:
        raise BackboneError(f"{spec.name} gives other features as ONNX (off by {gap:.1e})")
    return model


def _by_export(network: nn.Module, pixels: Tensor) -> ModelProto:
    torch = require("torch", extra="torch")
    program = torch.onnx.export(
        network,
        (pixels,),
        dynamo=True,
        opset_version=_OPSET,
        dynamic_shapes=({0: torch.export.Dim("N")},),
        verbose=False,
    )
    model: ModelProto = program.model_proto
    return model


def _by_script(network: nn.Module, pixels: Tensor) -> ModelProto:
    import onnx

    torch = require("torch", extra="torch")
    sink = io.BytesIO()
    torch.onnx.export(
        network,
        (pixels,),
        sink,
        dynamo=False,
        opset_version=_OPSET,
        input_names=["pixels"],
        output_names=["features"],
        dynamic_axes={"pixels": {0: "N"}, "features": {0: "N"}},
    )
    model: ModelProto = onnx.load_from_string(sink.getvalue())
    return model


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `_TooSlow` in this thread after so many seconds of processor time.

    Processor time, so that a busy machine converts as an idle one does. The exception is raised
    between two steps of Python; a long step of a library is waited for.
    """
    thread, over, start = threading.get_ident(), threading.Event(), time.process_time()
    lock = threading.Lock()

    def watch() -> None:
        while not over.wait(_LOOK):
            if time.process_time() - start > seconds:
                with lock:  # so that nothing is raised after the work is done
                    if not over.is_set():
                        _raise_in(thread, _TooSlow)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with lock:
            over.set()


def _raise_in(thread: int, error: Any) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
