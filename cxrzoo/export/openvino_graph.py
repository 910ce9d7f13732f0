"""OpenVINO graphs, mended where the ways into OpenVINO leave them slow or bound to one image.

OpenVINO computes channels first. Its converter for TensorFlow moves the transposes around each layer
until they cancel; its PyTorch converter and Keras's own OpenVINO backend leave them where they are, and a
MobileNet then takes three times as long. OpenVINO offers no such pass to Python. Keras's backend also
traces a model with one image, and a flattening layer then takes no more than that.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["free_batch", "sink_transposes"]

_BY_ELEMENT: Final = {"Clamp", "Convert", "Elu", "Relu", "Sigmoid", "Tanh"}
_BY_ELEMENT_WITH_CONSTANT: Final = {"Add", "Divide", "Multiply", "Subtract"}


def free_batch(graph: Any) -> None:
    """Lets reshapes that were traced with one image take any number.

    Args:
        graph: an ``openvino.Model`` whose inputs have a batch of any size; changed in place.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Reshape":
            shape = _constant(node.input_value(1))
            sizes = list(node.input_value(0).get_partial_shape())
            any_batch = sizes and sizes[0].is_dynamic
            if any_batch and shape is not None and shape[0] == 1 and (shape > 0).all():
                _give(node, 1, np.array([-1, *shape[1:]], np.int64))
    graph.validate_nodes_and_infer_types()


def sink_transposes(graph: Any) -> None:
    """Moves each transpose behind what follows it, where that changes nothing; two that meet vanish.

    Args:
        graph: an ``openvino.Model``, changed in place. It computes what it did. An operation that is
            not known here keeps the transposes before it.
    """
    from openvino.passes import ConstantFolding, Manager  # noqa: PLC0415 - an optional dependency

    folding = Manager()
    folding.register_pass(ConstantFolding())  # weights that are cast are no constants yet
    folding.run_passes(graph)
    for node in graph.get_ordered_ops():
        for place, value in enumerate(node.input_values()):
            axes = _axes(value.get_node())
            if axes is not None and len(value.get_target_inputs()) == 1:
                _exchange(node, place, axes)
                break
    graph.validate_nodes_and_infer_types()


def _axes(node: Any) -> list[int] | None:
    """Gives the axis that each axis of a transpose is; None of any other node."""
    if node.get_type_name() != "Transpose":
        return None
    order = _constant(node.input_value(1))
    return None if order is None else [int(axis) for axis in order]


def _exchange(node: Any, place: int, axes: list[int]) -> None:
    """Lets a node take what the transpose before it takes, and transposes what it gives instead."""
    kind = node.get_type_name()
    source = node.input_value(place).get_node().input_value(0)
    readers = node.output(0).get_target_inputs()
    if kind == "Transpose":
        if (then := _axes(node)) is not None:
            _hand_on(readers, _transposed(source, [axes[axis] for axis in then]))
    elif kind == "ReduceMean":
        _reduce(node, source, axes)
    elif kind in _BY_ELEMENT or _untransposed(node, place, axes):
        node.input(place).replace_source_output(source)
        _hand_on(readers, _transposed(node.output(0), axes))


def _reduce(node: Any, source: Any, axes: list[int]) -> None:
    """Takes a mean over the axes that they were before, if what is left keeps its order."""
    over = _constant(node.input_value(1))
    if over is None or node.get_attributes()["keep_dims"]:
        return
    before = [axes[axis] for axis in over.reshape(-1)]
    left = [axis for axis in axes if axis not in before]
    if left == sorted(left):
        node.input(0).replace_source_output(source)
        _give(node, 1, np.array(before))


def _untransposed(node: Any, place: int, axes: list[int]) -> bool:
    """Puts a node's constants, one number an axis or an element, into the order before; False if none."""
    kind = node.get_type_name()
    back = np.argsort(axes)
    if kind in _BY_ELEMENT_WITH_CONSTANT:
        constant = _constant(node.input_value(1 - place))
        if constant is None or constant.ndim > len(axes):
            return False
        full = constant.reshape((1,) * (len(axes) - constant.ndim) + constant.shape)
        _give(node, 1 - place, full.transpose(back))
        return True
    if kind == "Pad":
        begin, end = (_constant(node.input_value(at)) for at in (1, 2))
        if begin is None or end is None:
            return False
        _give(node, 1, begin[back])
        _give(node, 2, end[back])
        return True
    # It works on axis 1, wherever the axes after that one are.
    return kind == "BatchNormInference" and axes[:2] == [0, 1]


def _constant(value: Any) -> NDArray[Any] | None:
    node = value.get_node()
    return np.array(node.data) if node.get_type_name() == "Constant" else None


def _give(node: Any, place: int, constant: NDArray[Any]) -> None:
    from openvino import opset13  # noqa: PLC0415

    made = opset13.constant(np.ascontiguousarray(constant))
    node.input(place).replace_source_output(made.output(0))


def _hand_on(readers: Any, value: Any) -> None:
    for reader in readers:
        reader.replace_source_output(value)


def _transposed(value: Any, axes: list[int]) -> Any:
    """Gives the value with its axes in this order: itself, if that is the order it has."""
    from openvino import opset13  # noqa: PLC0415

    if axes == sorted(axes):
        return value
    return opset13.transpose(value, np.array(axes, np.int64)).output(0)
