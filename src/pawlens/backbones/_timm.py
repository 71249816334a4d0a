"""timm's networks: build, load strictly, download, keep. Needs ``pawlens[torch]``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import check_regular, make_folder, require, sha256_of, write_atomic
from ..errors import BackboneError
from ._cache import cached, graph_path, store
from ._exporters import convert
from ._onnx import first_line
from ._registry import KNOWN, timm_names, unknown_name
from ._spec import INTERPOLATIONS, Backbone, BackboneSpec
from ._timm_sizes import build_at, default_size, load_resized, record_of

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "build_network",
    "count_parameters",
    "download_weights",
    "headless",
    "keep_network",
    "load_network",
    "random_network",
    "spec_of",
]


def build_network(
    name: str, *, num_classes: int = 1000, size: int | None = None, **options: Any
) -> nn.Module:
    """Build a network of timm with random weights; nothing is downloaded.

    Parameters
    ----------
    name : str
        timm's name of the architecture.
    num_classes : int
        Width of the last layer; 0 leaves the head out.
    size : int, optional
        Side of the photos in pixels, for networks that are built for one; the native one by
        default.
    **options
        Further arguments of ``timm.create_model``.

    Raises
    ------
    BackboneError
        When timm has no such network, or it cannot be built for the size.
    MissingExtra
        When timm is not installed.
    """
    require("timm", extra="torch")
    if name not in timm_names():
        raise unknown_name(name)
    return build_at(name, size, num_classes=num_classes, **options)


def count_parameters(name: str) -> int:
    """Count the trainable numbers of a network with its 1000-way head, without allocating it."""
    torch = require("torch", extra="torch")
    with torch.device("meta"):
        network = build_network(name)
    return sum(parameter.numel() for parameter in network.parameters())


def random_network(name: str, seed: int, size: int | None = None) -> nn.Module:
    """Build a network whose random weights depend on `seed` alone, without its head."""
    torch = require("torch", extra="torch")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return headless(build_network(name, num_classes=0, size=size))


def load_network(name: str, file: Path, size: int | None = None) -> nn.Module:
    """Load weights strictly and leave the head out.

    Parameters
    ----------
    name : str
        ``NAME`` or ``NAME.TAG``; the tag may ask for another build (TensorFlow's padding).
    file : Path
        Safetensors, floats of any width; a classifier of any number of classes, or none.
    size : int, optional
        Side of the photos in pixels, for networks that are built for one; their positions are
        resampled (`load_resized`). The native one by default.

    Raises
    ------
    BackboneError
        When the file is not safetensors, a key is missing, unexpected or of another shape, or the
        network cannot be built for the size.
    """
    architecture, _, tag = name.partition(".")
    row = KNOWN.get(architecture)
    variant = row.variant(tag) if row else None
    unused = row.unused if row else ()
    state = {
        key: value.float() if value.is_floating_point() else value
        for key, value in _read_state(file).items()
        if not key.startswith(unused)
    }
    options = variant.options if variant else {}
    classes = _head_width(architecture, state)
    network = build_network(architecture, num_classes=classes, **options)
    _check_keys(architecture, network.state_dict(), state, file)
    record = record_of(name)
    if size is not None and record.fixed_input_size and size != record.input_size[-1]:
        return headless(load_resized(architecture, file, size, classes))
    network.load_state_dict(state)
    return headless(network)


def checksum_of(file: Path) -> Path:
    """The file beside downloaded weights that holds their SHA-256."""
    return file.with_name(f"{file.name}.sha256")


def download_weights(name: str, file: Path) -> None:
    """Fetch pretrained weights (``NAME`` or ``NAME.TAG``) through timm and keep them in `file`.

    Raises
    ------
    BackboneError
        When timm has no such weights, or they cannot be fetched.
    """
    timm = require("timm", extra="torch")
    safetensors = require("safetensors.torch", extra="torch")
    architecture = name.partition(".")[0]
    if architecture not in timm_names():
        raise unknown_name(architecture)
    try:
        _ask_the_hub(timm.get_pretrained_cfg(name).hf_hub_id)
        network = timm.create_model(name, pretrained=True)
    except Exception as error:  # the hub's, the operating system's, timm's own
        raise BackboneError(_no_download(name, file, error)) from error
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    make_folder(file.parent)
    write_atomic(file, safetensors.save(state))
    write_atomic(checksum_of(file), sha256_of(file).encode())


def _no_download(name: str, file: Path, error: Exception) -> str:
    """Say in one line why weights cannot be had, and what to do."""
    hub_errors = require("huggingface_hub.errors", extra="torch")
    place = f"put {file.name} in a folder and pass it as --weights-dir"
    record = record_of(name)
    if isinstance(error, hub_errors.GatedRepoError):
        return (
            f"the weights of {name} are gated ({record.license or 'no licence stated'}): accept "
            f"their terms on the page of {record.hf_hub_id} on the hub and log in with "
            f"`hf auth login`, or {place}"
        )
    if isinstance(error, hub_errors.RepositoryNotFoundError | hub_errors.EntryNotFoundError):
        return f"the hub has no weights of {name} ({record.hf_hub_id}): {place}"
    if isinstance(error, hub_errors.OfflineModeIsEnabled):
        return (
            f"the weights of {name} are not in the hub's cache, and HF_HUB_OFFLINE forbids to "
            f"fetch them: {place}"
        )
    return f"the weights of {name} cannot be downloaded ({first_line(error)}): {place}"


def spec_of(network: nn.Module, name: str, size: int | None) -> BackboneSpec:
    """Return the spec that timm's own record of the weights (``NAME`` or ``NAME.TAG``) gives."""
    torch = require("torch", extra="torch")
    architecture = name.partition(".")[0]
    record = record_of(name)
    if record.interpolation not in INTERPOLATIONS:
        raise BackboneError(
            f"{architecture}: its weights expect {record.interpolation!r} interpolation, and "
            f"photos are resized by {' or '.join(INTERPOLATIONS)}; choose another backbone"
        )
    side = size or default_size(name)
    with torch.inference_mode():
        feature_dim = network(torch.zeros(1, 3, side, side)).shape[1]
    return BackboneSpec(
        name=architecture,
        input_size=side,
        interpolation=record.interpolation,
        mean=_pixels(record.mean),
        std=_pixels(record.std),
        channel_order="rgb",
        feature_dim=feature_dim,
        licence=record.license or "unknown",
        source=f"timm {name}",
    )


def keep_network(network: nn.Module, spec: BackboneSpec, folder: Path) -> Backbone:
    """Convert a network that was trained here and keep its graph in `folder`.

    Parameters
    ----------
    network : torch.nn.Module
        Headless, on the CPU.
    spec : BackboneSpec
        Spec of the backbone before training, at the input size that is used for prediction.
    folder : Path

    Returns
    -------
    Backbone
        Its ``weights_hash`` is that of the trained weights.
    """
    torch = require("torch", extra="torch")
    safetensors = require("safetensors.torch", extra="torch")
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    weights_hash = hashlib.sha256(safetensors.save(state)).hexdigest()
    path = graph_path(folder, f"{spec.name}-trained", spec.input_size, weights_hash[:12])
    if kept := cached(path, weights_hash):
        return kept
    # Of planes that lie channels last, as in training, the exporter makes index arithmetic after
    # the pooling, where maps would not find it.
    plain = deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    return store(convert(plain, spec), spec, path, weights_hash)


def _ask_the_hub(repository: str | None) -> None:
    """Fail at once where the hub cannot be reached: a download would try again for a minute."""
    hub = require("huggingface_hub", extra="torch")
    file = "model.safetensors"
    if repository and not isinstance(hub.try_to_load_from_cache(repository, file), str):
        hub.model_info(repository, timeout=10)


def headless(network: nn.Module) -> nn.Module:
    """Leave pooled features only, for inference; the network is changed and returned."""
    vgg = require("timm.models.vgg", extra="torch")
    nn = require("torch.nn", extra="torch")
    network.reset_classifier(0)
    if isinstance(network, vgg.VGG):  # two hidden layers as wide as 4096 stand before its head
        network.pre_logits = nn.Identity()
    return network.eval()


def _pixels(values: Sequence[float]) -> tuple[float, float, float]:
    """Scale values from the range 0..1 to pixel values 0..255."""
    red, green, blue = (round(255 * value, 4) for value in values)
    return red, green, blue


def _read_state(file: Path) -> dict[str, Tensor]:
    safetensors = require("safetensors.torch", extra="torch")
    try:
        check_regular(file)
        state: dict[str, Tensor] = safetensors.load_file(file)
    except Exception as error:  # SafetensorError, OSError
        raise BackboneError(f"{file} cannot be read as safetensors: {first_line(error)}") from error
    return state


def _head_width(name: str, state: Mapping[str, Tensor]) -> int:
    """Return how many classes the weights have; 0 for weights without a classifier."""
    timm = require("timm", extra="torch")
    if name not in timm_names():
        raise unknown_name(name)
    classifier = timm.get_pretrained_cfg(name).classifier
    first = classifier[0] if isinstance(classifier, (list, tuple)) else classifier
    weight = state.get(f"{first}.weight")
    return 0 if weight is None else len(weight)


def _check_keys(
    name: str, expected: Mapping[str, Tensor], stored: Mapping[str, Tensor], file: Path
) -> None:
    """Name the first key that tells that these are weights of another network."""
    wrong = f"weights of the wrong network: {file}"
    for key, value in expected.items():
        if key not in stored:
            if not key.endswith(".num_batches_tracked"):  # older files lack it, nothing reads it
                raise BackboneError(f"{wrong} lacks {key!r}, which {name} has")
        elif stored[key].shape != value.shape:
            raise BackboneError(
                f"{wrong} has {key!r} as {_shape(stored[key])}, {name} has it as {_shape(value)}"
            )
    for key in stored:
        if key not in expected:
            raise BackboneError(f"{wrong} has {key!r}, which {name} has not")


def _shape(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "one number"
