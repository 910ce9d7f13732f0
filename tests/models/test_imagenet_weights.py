"""``weights="imagenet"`` without a network: files lie where Keras's cache looks for them.

The files are written as Keras publishes them (its legacy HDF5 layout). Their values are random;
what is asked is that they arrive where they should.
"""

import os
import urllib.request
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.errors import ModelError, WeightsUnavailableError
from cxrzoo.models import model_tensors

CACHE = Path(os.environ["KERAS_HOME"]) / "models"
SPELLED = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}


def keras_file(alpha, size):
    return CACHE / f"mobilenet_{SPELLED[alpha]}_{size}_tf_no_top.h5"


@pytest.fixture(scope="module")
def backbones(batch_norm):
    """Random weights by layer and alpha; BatchNorm's are drawn too, for its defaults hide mistakes."""
    drawn = {}

    def draw(alpha):
        if alpha not in drawn:
            random = np.random.default_rng(7)
            model = keras.applications.MobileNet(
                input_shape=(32, 32, 3), alpha=alpha, include_top=False, weights=None
            )
            drawn[alpha] = {}
            for layer in model.layers:
                values = layer.get_weights()
                if isinstance(layer, keras.layers.BatchNormalization):
                    values = batch_norm(random, values[0].shape)
                if values:
                    names = [weight.name for weight in layer.weights]
                    drawn[alpha][layer.name] = list(zip(names, values, strict=True))
        return drawn[alpha]

    return draw


@pytest.fixture(autouse=True)
def empty_cache():
    CACHE.mkdir(parents=True, exist_ok=True)
    yield
    for path in CACHE.iterdir():
        path.unlink()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Every download ends at once, at a closed port of this machine."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    urllib.request.install_opener(None)  # one that knows the proxies is made at the next request
    yield
    urllib.request.install_opener(None)


@pytest.fixture
def publish(backbones):
    """Puts a weights file into Keras's cache; its first kernel is filled with a mark, if one is given."""

    def write(alpha, size, mark=None):
        layers = dict(backbones(alpha))
        if mark is not None:
            layers["conv1"] = [("kernel", np.full_like(layers["conv1"][0][1], mark))]
        with h5py.File(keras_file(alpha, size), "w") as file:
            file.attrs["layer_names"] = [name.encode() for name in layers]
            file.attrs["backend"] = b"tensorflow"
            for layer, weights in layers.items():
                group = file.create_group(layer)
                names = [f"{layer}/{name}:0" for name, _ in weights]
                group.attrs["weight_names"] = [name.encode() for name in names]
                for name, (_, value) in zip(names, weights, strict=True):
                    group.create_dataset(name, data=value)

    return write


def first_kernel(model):
    return model_tensors(model)["conv1/kernel"]


@pytest.mark.parametrize(("alpha", "size"), [(0.25, 128), (0.5, 160), (0.75, 192), (1.0, 224)])
def test_every_width_finds_its_file(small, publish, backbones, alpha, size):
    publish(alpha, size)
    model = small("mobilenet_cxr", alpha=alpha, input_shape=(size, size, 3), weights="imagenet")
    found = model_tensors(model)
    for layer, weights in backbones(alpha).items():
        for name, value in weights:
            np.testing.assert_array_equal(found[f"{layer}/{name}"], value, strict=True)
    assert model.cxrzoo.lineage.started_from == "imagenet"


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((128, 128, 1), 128),
        ((160, 160, 1), 160),
        ((192, 192, 1), 192),
        ((224, 224, 1), 224),
        ((96, 96, 1), 224),
        ((160, 128, 1), 224),
    ],
)
def test_a_size_takes_its_own_file_and_224_where_there_is_none(small, publish, shape, size):
    for published in (128, 160, 192, 224):
        publish(0.25, published, mark=published)
    model = small("mobilenet_cxr", input_shape=shape, weights="imagenet")
    np.testing.assert_array_equal(first_kernel(model), 3 * size)


def test_one_grey_channel_equals_feeding_keras_the_grey_image_three_times(
    small, score, publish, pixels
):
    publish(0.25, 128)
    keras_own = keras.applications.MobileNet(
        input_shape=(128, 128, 3), alpha=0.25, include_top=False, weights="imagenet"
    )
    grey = pixels((128, 128, 1))
    thrice = np.repeat(grey, 3, axis=3)
    scaled = keras.applications.mobilenet.preprocess_input(thrice.copy())
    # Right after the kernel that was summed, and at the end: random layers amplify rounding.
    for layer, tolerance in (("conv1_relu", 1e-5), (keras_own.layers[-1].name, 2e-3)):
        upto = keras.Model(keras_own.input, keras_own.get_layer(layer).output)
        expected = score(upto, scaled)
        assert np.abs(expected[0] - expected[1]).max() > 0.5
        for channels, images in ((1, grey), (3, thrice)):
            model = small(
                "mobilenet_cxr",
                input_shape=(128, 128, channels),
                include_top=False,
                weights="imagenet",
            )
            found = score(keras.Model(model.input, model.get_layer(layer).output), images)
            np.testing.assert_allclose(found, expected, atol=tolerance)


def test_the_head_is_not_of_imagenet(small, publish):
    publish(0.25, 224)
    model = small("mobilenet_cxr", weights="imagenet")
    assert model.cxrzoo.labels == ("Mass", "Edema", "No Finding")
    assert model.output_shape == (None, 3)


@pytest.mark.parametrize(("alpha", "size"), [(0.25, 128), (1.0, 224)])
def test_without_file_and_network_the_error_names_the_file_and_its_folder(small, alpha, size):
    with pytest.raises(WeightsUnavailableError) as caught:
        small("mobilenet_cxr", alpha=alpha, input_shape=(size, size, 1), weights="imagenet")
    message = str(caught.value)
    assert keras_file(alpha, size).name in message
    assert "KERAS_HOME" in message
    assert "weights=None" in message
    assert isinstance(caught.value, OSError)


def test_a_broken_file_is_an_error_that_names_it(small):
    keras_file(0.25, 224).write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    with pytest.raises(WeightsUnavailableError, match="mobilenet_2_5_224_tf_no_top"):
        small("mobilenet_cxr", weights="imagenet")


def test_a_width_without_weights_is_refused_with_those_there_are(small):
    with pytest.raises(
        ModelError, match=r"exist for alpha 0\.25, 0\.5, 0\.75, 1\.0; received 0\.3"
    ):
        small("mobilenet_cxr", alpha=0.3, weights="imagenet")


def test_nothing_is_downloaded_unless_asked_for(small):
    small("mobilenet_cxr")
    cxrzoo.create_model("mobilenet_cxr", input_shape=(32, 32, 1), alpha=0.25, weights=None)
    assert not list(CACHE.iterdir())
