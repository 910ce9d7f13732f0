"""Each method against its definition, computed in another way, and backend against backend."""

import keras
import numpy as np
import pytest

from cxrzoo import save_pretrained
from cxrzoo.errors import CxrZooError, DataError, ImageError, LabelError, ModelError
from cxrzoo.heatmaps import METHODS, Explainer, explain
from cxrzoo.heatmaps.methods import weighed
from cxrzoo.inference import Scorer

LABELS = ("Mass", "Edema", "No Finding")


def test_grad_cam_of_a_linear_head_is_cam(seeing, planted_object):
    model = seeing()
    given, _ = planted_object.draw(np.random.default_rng(1), np.ones(6, int), (160, 160, 1))
    cam, grad = (Explainer(model, method).explain(given).values for method in ("cam", "grad-cam"))
    np.testing.assert_allclose(cam, grad * cam.shape[2] * cam.shape[3], rtol=1e-3, atol=1e-5)


def test_all_labels_at_once_are_each_alone(small, pixels):
    model = small("cnn_test1")
    given = pixels(model.input_shape[1:]).astype(np.uint8)
    for method in ("grad-cam", "grad-cam++", "layer-cam", "integrated-gradients"):
        together = Explainer(model, method, steps=2).explain(given)
        for j, label in enumerate(LABELS):
            alone = Explainer(model, method, steps=2, labels=label).explain(given)
            np.testing.assert_allclose(
                together.values[:, j], alone.values[:, 0], rtol=1e-3, atol=1e-5
            )


def test_integrated_gradients_sum_up_to_the_difference_from_black(small, pixels):
    from cxrzoo.heatmaps.network import Cut  # noqa: PLC0415 - beside what it is for
    from cxrzoo.heatmaps.path import integrated_gradients  # noqa: PLC0415 - as above

    model = small("cnn_test1", classifier_activation=None)
    given = pixels()
    cut = Cut(model, model.inputs[0])
    added = integrated_gradients(cut, given, [0, 2], 64).sum((2, 3))
    outputs = [
        keras.ops.convert_to_numpy(model(one, training=False))[:, [0, 2]]
        for one in (given, np.zeros_like(given))
    ]
    np.testing.assert_allclose(added, outputs[0] - outputs[1], rtol=0.02, atol=1e-3)


def test_integrated_gradients_are_of_the_middles_of_steps(small, pixels):
    """Of a network whose slopes change along the way; without biases those of a CNN do not."""
    from cxrzoo.heatmaps.network import Cut  # noqa: PLC0415 - beside what it is for
    from cxrzoo.heatmaps.path import integrated_gradients  # noqa: PLC0415 - as above

    model = small("vit_small_cxr")
    given = pixels(model.input_shape[1:])
    cut = Cut(model, model.inputs[0])
    slopes = sum(cut.slopes([given * at], [0, 2])[1] for at in (0.125, 0.375, 0.625, 0.875))
    expected = (slopes / 4 * given[:, None]).sum(-1)
    found = integrated_gradients(cut, given, [0, 2], 4)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_gradients_are_those_of_small_steps(small, pixels):
    """Of feature maps, also of tokens beside a residual that is held."""
    from cxrzoo.heatmaps.network import Cut  # noqa: PLC0415 - beside what it is for
    from cxrzoo.models.features import feature_tensors  # noqa: PLC0415 - as above

    # No hidden layer: where a step crosses a ReLU's 0, no slope is right.
    for name, more in (
        ("cnn_test1", {"hidden_units": None}),
        ("vit_small_cxr", {"global_pool": "token", "hidden_units": None}),
    ):
        model = small(name, **more)
        tensors = feature_tensors(model, "test")
        cut = Cut(model, tensors[max(tensors)][0])
        below = cut.below(pixels(model.input_shape[1:]))
        _, slopes = cut.slopes(below, [1])
        step = 1e-2 * np.sign(slopes[:, 0])  # uphill everywhere: nothing cancels out
        ahead, behind = (
            cut.vectors([below[0] + sign * step, *below[1:]]) @ cut.head.kernel[:, 1]
            for sign in (1, -1)
        )
        expected = (slopes[:, 0] * step).reshape(len(step), -1).sum(1)
        np.testing.assert_allclose((ahead - behind) / 2, expected, rtol=0.05)


def test_weighing_is_as_published():
    """Written out, place by place: Selvaraju 2017, Chattopadhay 2018, Jiang 2021."""
    random = np.random.default_rng(3)
    maps = random.uniform(0, 1, (1, 3, 4, 5)).astype(np.float32)
    slopes = random.normal(size=(1, 2, 3, 4, 5)).astype(np.float32)
    for j in range(2):
        a, g = maps[0].astype(float), slopes[0, j].astype(float)
        grad_cam = sum(g[..., c].mean() * a[..., c] for c in range(5))
        layer_cam = sum(np.maximum(g[..., c], 0) * a[..., c] for c in range(5))
        plus = np.zeros((3, 4))
        for c in range(5):
            alpha = g[..., c] ** 2 / (2 * g[..., c] ** 2 + a[..., c].sum() * g[..., c] ** 3 + 1e-6)
            plus += (alpha * np.maximum(g[..., c], 0)).sum() * a[..., c]
        for method, expected in (
            ("grad-cam", grad_cam),
            ("layer-cam", layer_cam),
            ("grad-cam++", plus),
        ):
            found = weighed(method, maps, slopes)[0, j]
            np.testing.assert_allclose(found, np.maximum(expected, 0), rtol=2e-3, atol=1e-5)


def test_occlusion_is_the_mean_fall_of_the_score(small, pixels):
    model = small("cnn_test1")
    given = pixels().astype(np.uint8)
    found = Explainer(model, "occlusion", window=16, engine="keras").explain(given)
    scorer = Scorer(model, "keras")
    starts = (0, 8, 16)
    for one, values in zip(given, found.values, strict=True):
        total, times = np.zeros((3, 32, 32)), np.zeros((32, 32))
        for top in starts:
            for left in starts:
                covered = one.copy()
                covered[top : top + 16, left : left + 16] = round(float(one.mean()))
                fall = scorer.score(one) - scorer.score(covered)
                total[:, top : top + 16, left : left + 16] += fall[:, None, None]
                times[top : top + 16, left : left + 16] += 1
        np.testing.assert_allclose(values, np.maximum(total / times, 0), atol=1e-5)


def test_attention_rollout_is_the_product_of_attentions_and_their_shortcuts(small, pixels):
    """Abnar & Zuidema 2020, equation 1: half of each step goes beside the attention."""
    for pool in ("token", "avg"):
        model = small("vit_small_cxr", global_pool=pool, depth=2)
        given = pixels(model.input_shape[1:]).astype(np.uint8)
        found = Explainer(model, "attention-rollout").explain(given)
        flow = np.eye(5)
        for layer in model.layers:
            if not isinstance(layer, keras.layers.MultiHeadAttention):
                continue
            tokens = keras.Model(model.input, keras.tree.flatten(layer.input)[0])(
                given.astype("float32")
            )
            _, scores = layer(tokens, tokens, return_attention_scores=True)
            mean = keras.ops.convert_to_numpy(scores).mean(1)
            flow = (mean / 2 + np.eye(5) / 2) @ flow
        expected = flow[:, 0, 1:] if pool == "token" else flow[:, 1:, 1:].mean(1)
        np.testing.assert_allclose(found.values[:, 1].reshape(-1, 4), expected, rtol=1e-4)
        np.testing.assert_array_equal(found.values[:, 0], found.values[:, 1])


@pytest.mark.parametrize("pool", ["token", "avg"])
def test_gradients_of_a_vision_transformer_are_taken_before_its_last_attention(small, pixels, pool):
    """After it each token holds something of every patch."""
    from cxrzoo.heatmaps.network import Cut  # noqa: PLC0415 - beside what it is for

    model = small("vit_small_cxr", global_pool=pool, depth=2, hidden_units=None)
    given = pixels(model.input_shape[1:]).astype(np.uint8)
    last = [one for one in model.layers if isinstance(one, keras.layers.MultiHeadAttention)][-1]
    cut = Cut(model, keras.tree.flatten(last.input)[0])
    below = cut.below(given.astype(np.float32))
    _, slopes = cut.slopes(below, [0])
    maps, slopes = (
        one[..., 1:, :].reshape(len(one), *more, -1)
        for one, more in ((below[0], (2, 2)), (slopes, (1, 2, 2)))
    )
    expected = weighed("grad-cam", maps, slopes)
    for stride in (None, 16):
        found = Explainer(model, "grad-cam", labels="Mass", stride=stride).explain(given)
        np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-7)


OTHER = """
import cxrzoo, numpy
from cxrzoo.heatmaps import Explainer
for folder in FOLDERS:
    model = cxrzoo.from_pretrained(folder)
    pixels = numpy.load(folder + "/pixels.npy")
    found = {}
    for method in METHODS:
        try:
            found[method] = Explainer(model, method, steps=4, engine="keras").explain(pixels).values
        except cxrzoo.errors.ModelError:
            pass
    numpy.savez(folder + "/maps.npz", **found)
"""


def test_tensorflow_gives_the_same_maps(small, pixels, tmp_path, run_python):
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow is the backend here")
    folders = []
    for name, more in (
        ("vit_small_cxr", {"global_pool": "token"}),
        ("cnn_test1", {}),
    ):
        model = small(name, **more)
        folders.append(str(tmp_path / name))
        save_pretrained(model, folders[-1])
        np.save(f"{folders[-1]}/pixels.npy", pixels(model.input_shape[1:]).astype(np.uint8))
    given = f"FOLDERS, METHODS = {folders!r}, {list(METHODS)!r}"
    run_python(given + OTHER, KERAS_BACKEND="tensorflow")
    from cxrzoo import from_pretrained  # noqa: PLC0415 - what the other process opened

    compared = 0
    for folder in folders:
        model = from_pretrained(folder)
        given = np.load(f"{folder}/pixels.npy")
        with np.load(f"{folder}/maps.npz") as held:
            for method in held.files:
                found = Explainer(model, method, steps=4, engine="keras").explain(given).values
                size = max(np.abs(held[method]).max(), 1e-6)
                # The pixels' gradients jump where one of many ReLUs is at 0, by rounding alone.
                atol = 0.05 if method == "integrated-gradients" else 5e-3
                np.testing.assert_allclose(found / size, held[method] / size, atol=atol)
                if method == "integrated-gradients":
                    assert np.corrcoef(found.ravel(), held[method].ravel())[0, 1] > 0.999
                compared += 1
    assert compared == 11  # 6 methods of a Vision Transformer, and 5 of a head that flattens


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"method": "gradcam"}, DataError, "method must be one of cam"),
        ({"labels": ["Masss"]}, LabelError, "Mass"),
        ({"stride": 5}, DataError, "stride must be one of"),
        ({"window": 33, "method": "occlusion"}, DataError, "window must be"),
        ({"steps": 0}, DataError, "steps must be"),
        ({"batch_size": 0}, DataError, "batch_size must be"),
        ({"method": "grad-cam", "engine": "openvino"}, DataError, "occlusion"),
        ({"method": "cam"}, ModelError, "head_flatten"),
        ({"method": "attention-rollout"}, ModelError, "Vision Transformer"),
        ({"images": np.zeros((2, 32, 32, 1))}, DataError, "uint8"),
        ({"images": np.zeros((2, 31, 32, 1), np.uint8)}, DataError, "32, 32, 1"),
        ({"images": []}, DataError, "there are none"),
        ({"images": [3]}, DataError, "images must be"),
        ({"images": "no.png"}, ImageError, "no.png"),
        ({"images": b"abc"}, ImageError, r"bytes\[0\]"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(untrained, given, kind, said):
    arguments = {"images": np.zeros((1, 32, 32, 1), np.uint8), **given}
    with pytest.raises(kind, match=said) as caught:
        explain(untrained("cnn_test1"), **arguments)
    assert isinstance(caught.value, CxrZooError)
    assert "\n" not in str(caught.value)
