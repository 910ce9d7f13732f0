from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrzoo.export.openvino import sink_transposes

openvino = pytest.importorskip("openvino")
ops = pytest.importorskip("openvino.opset13")

MODELS = (
    "cxrzoo.from_pretrained('nih-mini')",
    "cxrzoo.mobilenet_cxr(input_shape=(64, 96, 3), alpha=0.25, hidden_activation='leaky_relu')",
    "cxrzoo.mobilenet_cxr(input_shape=(64, 64, 1), alpha=0.25, include_top=False)",
    "cxrzoo.mobilenet_cxr(input_shape=(64, 64, 1), alpha=0.25, include_top=False, pooling='max')",
    "cxrzoo.cnn_test1(input_shape=(32, 40, 1), filters=(3, 4), hidden_units=8)",
    "cxrzoo.cnn_test2(input_shape=(32, 32, 1), filters=(3, 4), classifier_activation='sigmoid')",
)


def computed(graph, pixels):
    compiled = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(compiled(pixels)[0])


def transposes(graph):
    return sum(node.get_type_name() == "Transpose" for node in graph.get_ops())


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "openvino"])
def test_a_graph_of_any_backend_has_few_transposes_and_takes_any_number_of_images(
    backend, run_python
):
    if backend != "openvino" and find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    run_python(
        "import warnings; warnings.simplefilter('ignore')\n"
        "import keras, numpy as np, cxrzoo\n"
        "from cxrzoo.export.openvino import IN_FLOAT32, converted, runtime\n"
        f"for model in ({', '.join(MODELS)}):\n"
        "    graph = converted(model)\n"
        "    kinds = [node.get_type_name() for node in graph.get_ops()]\n"
        "    limit = 2 if 'mobilenet' in model.cxrzoo.builder else 6\n"
        "    assert kinds.count('Transpose') <= limit, (model.name, kinds)\n"
        "    compiled = runtime().Core().compile_model(graph, 'CPU', IN_FLOAT32)\n"
        "    for n in (1, 3):\n"
        "        shape = (n, *model.input_shape[1:])\n"
        "        pixels = np.random.default_rng(n).integers(0, 256, shape).astype('float32')\n"
        "        expected = keras.ops.convert_to_numpy(model(pixels, training=False))\n"
        "        np.testing.assert_allclose(compiled(pixels)[0], expected, atol=1e-4)",
        KERAS_BACKEND=backend,
    )


@st.composite
def chains(draw):
    """Operations one after another on four axes, transposes among them, with their constants."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = (
        "transpose",
        "relu",
        "clamp",
        "subtract",
        "multiply",
        "divide",
        "pad",
        "norm",
        "softmax",
        "swish",
        "add both",
        "concat",
    )
    steps = [
        kind
        for pair in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8))
        for kind in ("transpose", pair)
    ]
    return steps, draw(st.sampled_from((None, "mean", "mean kept", "max"))), random


def branched(x, shape, step, random):
    """Two branches, each behind a transpose of its own; at times one of them is not known."""
    order = np.array([0, *(random.permutation(3) + 1)])
    known = ops.relu if random.random() < 0.7 else lambda one: ops.softmax(one, 1)
    branches = [
        ops.transpose(branch(ops.transpose(x, order)), np.argsort(order))
        for branch in (ops.tanh, known)
    ]
    axis = int(random.integers(1, 4))
    if step == "add both" or shape[axis] >= 40:
        return ops.add(*branches), shape
    shape = [3 * size if place == axis else size for place, size in enumerate(shape)]
    return ops.concat([x, *branches], axis), shape


def graph_of(steps, end, random):
    pixels = ops.parameter([-1, 4, 5, 3], np.float32)
    x, shape = pixels, [2, 4, 5, 3]
    for step in steps:
        if step == "transpose":
            order = [0, *(random.permutation(3) + 1)]
            x, shape = ops.transpose(x, np.array(order)), [shape[axis] for axis in order]
        elif step in ("subtract", "multiply", "divide"):
            # A number, one for each channel, or one for each pixel; before or behind.
            rank = random.integers(0, 4)
            sizes = [size if random.random() < 0.6 else 1 for size in shape[len(shape) - rank :]]
            constant = ops.constant(random.uniform(0.5, 2, sizes).astype(np.float32))
            behind = step != "divide" and random.random() < 0.3  # no division by what is near 0
            x = getattr(ops, step)(*((constant, x) if behind else (x, constant)))
        elif step == "pad":
            begin, end_ = (np.array([0, *random.integers(0, 2, 3)]) for _ in range(2))
            x = ops.pad(x, begin, end_, "constant", np.float32(0.5))
            shape = [int(a + b + c) for a, b, c in zip(shape, begin, end_, strict=True)]
        elif step == "norm":
            numbers = [random.uniform(0.5, 2, shape[1]).astype(np.float32) for _ in range(4)]
            x = ops.batch_norm_inference(x, *numbers, 1e-3)
        elif step == "swish":
            x = ops.swish(x)
        elif step in ("add both", "concat"):
            x, shape = branched(x, shape, step, random)
        elif step == "softmax":
            x = ops.softmax(x, int(random.integers(1, 4)))
        else:
            x = ops.relu(x) if step == "relu" else ops.clamp(x, -1.0, 2.0)
    if end:
        axes = np.sort(random.permutation(3)[: random.integers(1, 4)] + 1)
        reduce = ops.reduce_max if end == "max" else ops.reduce_mean
        x = reduce(x, axes, end == "mean kept")
    return openvino.Model([x], [pixels])


@given(chains())
@settings(max_examples=150)
def test_moving_transposes_changes_nothing(chain):
    graph = graph_of(*chain)
    pixels = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype(np.float32)
    expected, before = computed(graph, pixels), transposes(graph)
    sink_transposes(graph)
    np.testing.assert_allclose(computed(graph, pixels), expected, rtol=1e-4, atol=1e-5)
    if not {"add both", "concat"} & set(chain[0]):
        assert transposes(graph) <= before


def test_transposes_between_what_is_known_all_vanish():
    pixels = ops.parameter([-1, 4, 5, 3], np.float32)
    first = ops.transpose(pixels, np.array([0, 3, 1, 2]))
    scaled = ops.multiply(ops.relu(first), ops.constant(np.ones((3, 1, 1), np.float32)))
    graph = openvino.Model([ops.relu(ops.transpose(scaled, np.array([0, 2, 3, 1])))], [pixels])
    sink_transposes(graph)
    assert transposes(graph) == 0


def test_a_transpose_that_two_read_stays():
    pixels = ops.parameter([-1, 4, 5, 3], np.float32)
    shared = ops.transpose(pixels, np.array([0, 3, 1, 2]))
    graph = openvino.Model([ops.add(ops.relu(shared), ops.softmax(shared, 1))], [pixels])
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype(np.float32)
    expected = computed(graph, x)
    sink_transposes(graph)
    np.testing.assert_allclose(computed(graph, x), expected, atol=1e-6)
