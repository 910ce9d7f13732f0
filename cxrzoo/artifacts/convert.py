"""From a file of another framework's weights to a model of the zoo."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import Any, Literal

import keras

from cxrzoo.artifacts.save import versions
from cxrzoo.convert import read_weights
from cxrzoo.errors import ArtifactError, ModelError
from cxrzoo.images.spec import check_aspect
from cxrzoo.models.foreign import build_foreign
from cxrzoo.typed import check_arguments


def convert_file(
    path: str | PathLike[str],
    builder: str,
    *,
    labels: Sequence[str] | None = None,
    input_size: int | tuple[int, int] = 224,
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    output_activation: str | None = "sigmoid",
    aspect: Literal["stretch", "pad", "crop"] = "stretch",
    publisher: str | None = None,
    model_key: str | None = None,
    **arguments: Any,
) -> keras.Model:
    """Return a model of the zoo with the weights of a file that another framework wrote.

    The file is read as :func:`cxrzoo.convert.read_weights` reads it: nothing in it is run, and PyTorch
    is not needed. Every tensor of the file must have its place in the network, and the network no tensor
    that the file lacks; counters of batches aside.

    Args:
        path: a PyTorch file, safetensors or Keras 2 HDF5 weights.
        builder: name of the builder of the same network, such as ``"densenet121_cxr"``.
        labels: names of the outputs, in the order that the network was trained with; ``""`` for an output
            to leave out. None for a file without a classifier, which becomes a model without its top.
        input_size: side of the image in pixels, or ``(height, width)``. Whether it has one channel or
            three follows from the file.
        scaling: how pixels were scaled in training: ``"unit"``, ``"symmetric"``, ``"imagenet"``,
            ``"torchxrayvision"`` or ``(scale, offset)``; None for the builder's own.
        output_activation: ``"sigmoid"``, ``"softmax"``, or None for logits.
        aspect: what became of images of another shape in training, as ``ModelConfig`` has it.
        publisher: whose names the tensors have, such as ``"torchvision"`` or ``"keras"``; None takes what
            fits best.
        model_key: where the model stands in a PyTorch file that holds several, such as
            ``"state_dict_ema"``.
        **arguments: other arguments of the builder.

    Returns:
        A plain ``keras.Model``; its lineage names the file, its SHA-256 and cxrzoo's version.

    Raises:
        ArtifactNotFoundError: there is no such file.
        ModelError: an argument is wrong, or does not go with the file.
        TensorError: the file cannot be read, or its tensors are not those of the network.
    """
    # What a scaling may be, the builder says in better words than its annotation.
    given = {name: value for name, value in locals().items() if name != "scaling"}
    check_arguments(convert_file, given, ArtifactError)
    check_aspect(aspect)
    for name in ("input_shape", "include_top", "weights", "classifier_activation"):
        if name in arguments:
            raise ModelError(f"convert_file has no argument {name!r}: it follows from the others.")
    side = input_size if isinstance(input_size, tuple) else (input_size, input_size)
    model = build_foreign(
        read_weights(path, model=model_key),
        builder,
        labels=labels,
        publisher=publisher,
        input_shape=(*side, 3),
        scaling=scaling,
        classifier_activation=output_activation,
        **arguments,
    )
    lineage = replace(model.cxrzoo.lineage, versions=versions())
    model.cxrzoo = replace(model.cxrzoo, aspect=aspect, lineage=lineage)
    return model
