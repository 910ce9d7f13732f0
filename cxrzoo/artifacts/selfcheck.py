"""Whether a loaded model computes what the saved one did."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import load_sample
from cxrzoo.errors import ArtifactError, IntegrityError
from cxrzoo.models import build_artifact
from cxrzoo.pretrained import Artifact, config_of, open_artifact
from cxrzoo.pretrained.golden import Golden, dump_golden
from cxrzoo.typed import check_arguments, check_fields

_COUNT: Final = 4
_MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """How far a model is from its golden vectors on this machine.

    Attributes:
        uri: the model.
        backend: the Keras backend that computed.
        n: number of vectors.
        difference: the largest absolute difference of an output; NaN if an output is NaN.
        tolerance: the largest that passes.
    """

    uri: str
    backend: str
    n: int
    difference: float
    tolerance: float

    def __post_init__(self) -> None:
        check_fields(self, ArtifactError)

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance; NaN is not."""
        return self.difference <= self.tolerance

    def __str__(self) -> str:
        verdict = "reproduces" if self.passed else "does not reproduce"
        return (
            f"{self.uri} {verdict} its {self.n} golden vectors on {self.backend}: "
            f"max |difference| {self.difference:.2e}, tolerance {self.tolerance:.2e}"
        )


def selfcheck(uri: str | Path = "nih-mini", *, token: str | None = None) -> Check:
    """Load a published model and measure how far it is from its golden vectors on this machine.

    Args:
        uri: as :func:`from_pretrained` takes it.
        token: for private and gated repositories.

    Raises:
        CxrZooError: the model cannot be loaded, or has no golden vectors.
    """
    check_arguments(selfcheck, locals(), ArtifactError)
    artifact = open_artifact(uri, token=token)
    return check(build_artifact(artifact), artifact)


def golden_vectors(model: keras.Model) -> bytes:
    """Return the bytes of ``golden.safetensors`` of a model: real X-rays of the sample, and its outputs.

    Four images, or fewer where they and the outputs would take more than 16 MiB.

    Raises:
        TensorError: an output is not finite.
    """
    inputs = golden_inputs(model)
    return dump_golden(inputs, outputs_of(model, inputs))


def golden_inputs(model: keras.Model) -> NDArray[np.uint8]:
    """Return the X-rays of a model's golden vectors, uint8 ``(n, height, width, channels)``."""
    spec = config_of(model, "golden_vectors").image_spec
    one = prod(spec.shape) + 4 * prod(model.output_shape[1:])
    n = max(1, min(_COUNT, _MOST_BYTES // one))
    images = load_sample().images
    return np.stack([spec.read(path) for path in images[:: len(images) // n][:n]])


def check(model: keras.Model, artifact: Artifact) -> Check:
    """Hold a model, just loaded from ``artifact``, against its golden vectors.

    Raises:
        ArtifactNotFoundError: it was published without.
        IntegrityError: they are not what was pinned.
        TensorError: they are broken, or of another model.
    """
    golden: Golden = artifact.golden(
        config_of(model, "check").image_spec.shape, tuple(model.output_shape[1:])
    )
    differences = np.abs(outputs_of(model, golden.inputs) - golden.outputs)
    return Check(
        uri=artifact.uri,
        backend=keras.backend.backend(),
        n=len(golden.inputs),
        difference=float(differences.max()),  # NaN stays NaN
        tolerance=golden.tolerance,
    )


def require_golden(model: keras.Model, artifact: Artifact) -> None:
    """Refuse a model, just loaded from ``artifact``, that does not reproduce its golden vectors.

    Raises:
        ArtifactNotFoundError: it was published without.
        IntegrityError: it does not reproduce them, or they are not what was pinned.
        TensorError: they are broken, or of another model.
    """
    found = check(model, artifact)
    if not found.passed:
        raise IntegrityError(
            f"{found}. The files, this version of Keras or its backend, or a dtype policy other than "
            "float32 changed what it computes: do not use it."
        )


def outputs_of(model: keras.Model, inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a model gives in inference, float32 ``(n, ...)``."""
    # One by one: a large input's feature maps are then in memory once.
    outputs = [_output(model, image[np.newaxis]) for image in inputs]
    return np.concatenate([np.asarray(one, np.float32) for one in outputs])


def _output(model: keras.Model, pixels: NDArray[np.uint8]) -> Any:
    if keras.backend.backend() == "jax":  # op by op, each op would be compiled for itself
        return model.predict_on_batch(pixels)
    return keras.ops.convert_to_numpy(model(pixels, training=False))
