"""OpenVINO: a graph (``.xml``) and its weights (``.bin``), mended where Keras's ways there leave it slow.

OpenVINO computes channels first. Its converter for TensorFlow moves the transposes around each layer
until they cancel; its PyTorch converter and Keras's own OpenVINO backend leave them where they are, and a
MobileNet then takes three times as long. OpenVINO offers no such pass to Python. Keras's backend also
traces a model with one image, and a flattening layer then takes no more than that.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.interface import INPUT, OUTPUT, export_by_keras, metadata

IN_FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32"}
"""Compile with this. By itself OpenVINO computes in bfloat16 on processors that can, and scores then
differ in the second decimal."""

# fmt: off
_BY_ELEMENT: Final = frozenset({
    "Abs", "Add", "Ceiling", "Clamp", "Convert", "Divide", "Elu", "Erf", "Exp", "FakeQuantize",
    "Floor", "FloorMod", "Gelu", "HSigmoid", "HSwish", "HardSigmoid", "Log", "Maximum",
    "Minimum", "Mish", "Mod", "Multiply", "Negative", "PRelu", "Power", "Relu", "Round", "Selu",
    "Sigmoid", "Sign", "SoftPlus", "SoftSign", "Sqrt", "SquaredDifference", "Subtract", "Swish",
    "Tanh"
})
# fmt: on
"""Operations that work element by element, whatever the order of the axes."""
_OF_ONE_INPUT: Final = frozenset(
    {"Clamp", "Convert", "Elu", "HardSigmoid", "PRelu", "Selu", "Swish"}
)
"""Those of them whose other inputs are no arrays beside the first."""
_REDUCING: Final = frozenset({"ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"})


def runtime() -> Any:
    """Return the module ``openvino``, without its telemetry.

    Its converter would otherwise tell its makers of every conversion, unasked. What a hospital computes
    is nobody's business; a program that imported OpenVINO itself before has made its own choice.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # None: not to be had
    return import_module("openvino")


def converted(model: keras.Model) -> Any:
    """Return the model as an ``openvino.Model``, weights in float32, of any batch."""
    core = runtime().Core()
    core.set_property({"ENABLE_MMAP": False})  # the file is gone before the model is
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        export_by_keras(model, path, "openvino")
        graph = core.read_model(path)
    # Where PyTorch traced the model, the input has neither name nor shape.
    graph.inputs[0].tensor.set_names({INPUT})
    graph.inputs[0].get_node().set_friendly_name(INPUT)
    graph.outputs[0].tensor.set_names({OUTPUT})
    # TensorFlow's export lists every swish within the model as an output too, and each would be kept.
    for result in graph.get_results()[1:]:
        graph.remove_result(result)
    graph.reshape([-1, *model.input_shape[1:]])
    _free_batch(graph)
    sink_transposes(graph)
    return graph


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path`` and the ``.bin`` beside it, with the card as runtime information."""
    graph = converted(model)
    for key, value in metadata(card).items():
        graph.set_rt_info(value, ["cxrzoo", key])
    runtime().save_model(graph, path, compress_to_fp16=False)


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by the OpenVINO runtime on the processor, in float32."""
    core = runtime().Core()
    core.set_property({"ENABLE_MMAP": False})
    compiled = core.compile_model(core.read_model(path), "CPU", IN_FLOAT32)
    return np.array(compiled(pixels)[0], np.float32)


def _free_batch(graph: Any) -> None:
    """Let reshapes that were traced with one image take any number; the graph's inputs do already."""
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Reshape":
            shape = _constant(node.input_value(1))
            sizes = list(node.input_value(0).get_partial_shape())
            any_batch = sizes and sizes[0].is_dynamic
            if any_batch and shape is not None and shape[0] == 1 and (shape > 0).all():
                _give(node, 1, np.array([-1, *shape[1:]], np.int64))
    graph.validate_nodes_and_infer_types()


def sink_transposes(graph: Any) -> None:
    """Move each transpose behind what follows it, where that changes nothing; two that meet vanish.

    The ``openvino.Model`` is changed in place and computes what it did. An operation that is not known
    here keeps the transposes before it.
    """
    passes = import_module("openvino.passes")
    folding = passes.Manager()
    folding.register_pass(passes.ConstantFolding())  # weights that are cast are no constants yet
    folding.run_passes(graph)
    for node in graph.get_ordered_ops():
        axes = next((found for value in node.input_values() if (found := _axes(value))), None)
        if axes is not None:
            _exchange(node, axes)
    graph.validate_nodes_and_infer_types()


def _axes(value: Any) -> list[int] | None:
    """Return the axis that each axis of a transpose is; None of any other value."""
    node = value.get_node()
    if node.get_type_name() != "Transpose":
        return None
    order = _constant(node.input_value(1))
    return None if order is None else [int(axis) for axis in order]


def _exchange(node: Any, axes: list[int]) -> None:
    """Let a node take what the transposes before it take, and transpose what it gives instead."""
    kind = node.get_type_name()
    readers = node.output(0).get_target_inputs()
    if kind == "Transpose":
        if (then := _axes(node.output(0))) is not None:
            _hand_on(readers, _transposed(_before(node, 0), [axes[axis] for axis in then]))
    elif kind in _REDUCING:
        _reduce(node, axes)
    elif _untransposed(node, axes):
        _hand_on(readers, _transposed(node.output(0), axes))


def _before(node: Any, place: int) -> Any:
    """Return what the transpose at an input takes."""
    return node.input_value(place).get_node().input_value(0)


def _reduce(node: Any, axes: list[int]) -> None:
    """Reduce over the axes that they were before, and put what is left into its order."""
    over = _constant(node.input_value(1))
    if over is None:
        return
    readers = node.output(0).get_target_inputs()
    before = [axes[axis] for axis in over.reshape(-1)]
    left = axes if node.get_attributes()["keep_dims"] else [a for a in axes if a not in before]
    node.input(0).replace_source_output(_before(node, 0))
    _give(node, 1, np.array(before))
    ranked = sorted(left)
    _hand_on(readers, _transposed(node.output(0), [ranked.index(axis) for axis in left]))


def _untransposed(node: Any, axes: list[int]) -> bool:
    """Put all of a node's inputs into the order before; False, with nothing changed, if that fails."""
    kind = node.get_type_name()
    back = np.argsort(axes)
    if kind == "Concat":
        places = range(len(node.input_values()))
    elif kind in _BY_ELEMENT:
        places = range(1 if kind in _OF_ONE_INPUT else len(node.input_values()))
    elif kind == "Pad" or (kind == "BatchNormInference" and axes[:2] == [0, 1]):
        places = range(1)  # BatchNorm works on axis 1, wherever the axes after that one are
    else:
        return False
    instead = [_input_before(node.input_value(place), axes, back) for place in places]
    if any(value is None for value in instead):
        return False
    if kind == "PRelu" and np.prod(node.input_value(1).get_shape()) != 1:
        return False  # its slopes are by axis 1
    if kind == "Pad":
        begin, end = (_constant(node.input_value(at)) for at in (1, 2))
        if begin is None or end is None:
            return False
        _give(node, 1, begin[back])
        _give(node, 2, end[back])
    if kind == "Concat":
        node.set_attribute("axis", axes[node.get_attributes()["axis"]])
    for place, value in zip(places, instead, strict=True):
        node.input(place).replace_source_output(value)
    node.validate_and_infer_types()
    return True


def _input_before(value: Any, axes: list[int], back: NDArray[Any]) -> Any:
    """Return an input in the order before: a transpose's source, a constant, or what is small anyway."""
    if _axes(value) == axes:
        return value.get_node().input_value(0)
    if _one_number_a_channel(value, len(axes)):
        return _transposed(value, back.tolist())
    constant = _constant(value)
    if constant is None or constant.ndim > len(axes):
        return None
    full = constant.reshape((1,) * (len(axes) - constant.ndim) + constant.shape)
    return _made(full.transpose(back))


def _one_number_a_channel(value: Any, rank: int) -> bool:
    """Return whether a value has one number a channel, as the gate of a squeeze-and-excite block."""
    sizes = list(value.get_partial_shape()) if value.get_partial_shape().rank.is_static else []
    large = [size for size in sizes[1:] if size.is_dynamic or size.get_length() != 1]
    constant = value.get_node().get_type_name() == "Constant"
    return len(sizes) == rank and len(large) <= 1 and not constant


def _constant(value: Any) -> NDArray[Any] | None:
    node = value.get_node()
    return np.array(node.data) if node.get_type_name() == "Constant" else None


def _made(constant: NDArray[Any]) -> Any:
    opset13 = import_module("openvino.opset13")
    return opset13.constant(np.ascontiguousarray(constant)).output(0)


def _give(node: Any, place: int, constant: NDArray[Any]) -> None:
    node.input(place).replace_source_output(_made(constant))


def _hand_on(readers: Any, value: Any) -> None:
    for reader in readers:
        reader.replace_source_output(value)


def _transposed(value: Any, axes: list[int]) -> Any:
    """Return the value with its axes in this order: itself, if that is the order it has."""
    opset13 = import_module("openvino.opset13")
    if axes == sorted(axes):
        return value
    return opset13.transpose(value, np.array(axes, np.int64)).output(0)
