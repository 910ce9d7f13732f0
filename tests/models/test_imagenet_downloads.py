"""``weights="imagenet"`` of every backbone, from a server of this machine that has Keras's files.

No published file can be opened here. Each is made by ``keras.applications``' own class, with random
weights and statistics of BatchNorm, in the HDF5 layout that Keras publishes. Keras's own code asks for it
at Keras's own address and loads it; of all that, the connection goes to this machine, and the pinned hash
is that of the file. What our network then computes is compared with Keras's own and its own
``preprocess_input``.
"""

import hashlib
import http.client
import http.server
import os
import threading
import urllib.request
from functools import partial
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import applications
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

import cxrzoo
from cxrzoo.images import read_image
from cxrzoo.models import entry, list_models, model_tensors
from cxrzoo.models.backbone import ImageNet

CACHE = Path(os.environ["KERAS_HOME"]) / "models"
SIDE = 64
KERAS = {
    "convnext_tiny_cxr": (applications.ConvNeXtTiny, applications.convnext),
    "densenet121_cxr": (applications.DenseNet121, applications.densenet),
    "efficientnet_v2_b0_cxr": (applications.EfficientNetV2B0, applications.efficientnet_v2),
    "efficientnet_v2_b1_cxr": (applications.EfficientNetV2B1, applications.efficientnet_v2),
    "efficientnet_v2_b2_cxr": (applications.EfficientNetV2B2, applications.efficientnet_v2),
    "efficientnet_v2_b3_cxr": (applications.EfficientNetV2B3, applications.efficientnet_v2),
    "efficientnet_v2_s_cxr": (applications.EfficientNetV2S, applications.efficientnet_v2),
    "mobilenet_cxr": (applications.MobileNet, applications.mobilenet),
    "mobilenet_v2_cxr": (applications.MobileNetV2, applications.mobilenet_v2),
    "mobilenet_v3_large_cxr": (applications.MobileNetV3Large, applications.mobilenet_v3),
    "mobilenet_v3_small_cxr": (applications.MobileNetV3Small, applications.mobilenet_v3),
    "resnet50_cxr": (applications.ResNet50, applications.resnet),
    "vgg16_cxr": (applications.VGG16, applications.vgg16),
}
# Keras pins none of these.
WITHOUT_HASH = {"mobilenet_cxr", "mobilenet_v2_cxr"}
QUICK = {"mobilenet_v3_small_cxr", "vgg16_cxr"}
WIDTHS = [
    ("mobilenet_v2_cxr", alpha, size)
    for alpha, size in ((0.35, 96), (0.5, 128), (0.75, 160), (1.3, 192), (1.4, 224))
] + [("mobilenet_v3_small_cxr", 0.75, 224), ("mobilenet_v3_large_cxr", 0.75, 224)]


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder whose files Keras gets, by name, when it asks for its own; and the paths it asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            asked.append(path)
            return str(tmp_path / Path(path).name)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    class ToThisMachine(urllib.request.HTTPSHandler):
        def https_open(self, request):
            to = partial(http.client.HTTPConnection, port=server.server_port)
            return self.do_open(lambda _, **options: to("127.0.0.1", **options), request)

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), ToThisMachine())
    urllib.request.install_opener(opener)
    validate, pinned = file_utils.validate_file, []

    def with_the_files_own_hash(path, file_hash, **options):
        pinned.append(file_hash)
        own = hashlib.md5((tmp_path / Path(path).name).read_bytes()).hexdigest()  # noqa: S324
        return validate(path, own, **options)

    monkeypatch.setattr(file_utils, "validate_file", with_the_files_own_hash)
    yield tmp_path, asked, pinned
    urllib.request.install_opener(None)
    server.shutdown()
    server.server_close()
    for path in CACHE.glob("*"):
        path.unlink()


def trained(network, images):
    """Draws what a fresh network has as zeros and ones; its BatchNorms see the images."""
    random = np.random.default_rng(7)
    for variable in network.trainable_variables:
        if variable.name != "kernel":  # the layer scale's 1e-6 too
            drawn = random.uniform(0.6, 1.4, variable.shape)
            center = 0 if variable.name in {"beta", "bias"} else 1
            variable.assign(drawn - 1 + center)
    norms = [one for one in network.layers if isinstance(one, keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    if norms:
        network(images, training=True)
    return network


def publish(folder, network, name):
    with h5py.File(folder / name, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)


def pixels():
    """Two real X-rays, and images of which red, green and blue differ: (4, SIDE, SIDE, 3)."""
    grey = [
        read_image(path, (SIDE, SIDE), 1, "stretch") for path in cxrzoo.load_sample().images[:2]
    ]
    colours = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3))
    return np.concatenate([np.repeat(grey, 3, axis=3), colours]).astype("float32")


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[] if one in QUICK else [pytest.mark.wide]) for one in KERAS]
)
def test_a_grey_and_a_colour_model_compute_what_keras_does(served, score, name):
    folder, asked, pinned = served
    kind, module = KERAS[name]
    backbone = entry(name)
    file = backbone.imagenet.file(backbone.own(backbone.defaults), backbone.imagenet.sizes[-1])
    images = pixels()
    scaled = module.preprocess_input(images.copy())
    theirs = trained(kind(include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)), scaled)
    publish(folder, theirs, file)
    expected = score(theirs, scaled)
    size = np.abs(expected).max()
    assert np.abs(expected[0] - expected[1]).max() > 0.05 * size
    for channels, given, wanted in ((3, images, expected), (1, images[:2, ..., :1], expected[:2])):
        model = backbone.builder(
            input_shape=(SIDE, SIDE, channels), include_top=False, weights="imagenet"
        )
        np.testing.assert_allclose(score(model, given), wanted, rtol=0, atol=1e-3 * size)
    assert [Path(path).name for path in asked] == [file]  # the second time it lay in Keras's cache
    assert bool(pinned) == (name not in WITHOUT_HASH)
    assert model.cxrzoo.lineage.started_from == "imagenet"


@pytest.mark.parametrize(("name", "alpha", "size"), WIDTHS)
@pytest.mark.wide
def test_every_width_and_size_finds_its_file(served, name, alpha, size):
    folder, asked, _ = served
    backbone = entry(name)
    file = backbone.imagenet.file({"alpha": alpha, "padding": "same"}, size)
    network = KERAS[name][0](
        include_top=False, weights=None, alpha=alpha, input_shape=(size, size, 3)
    )
    publish(folder, trained(network, np.zeros((1, size, size, 3), "float32")), file)
    model = backbone.builder(alpha=alpha, input_shape=(size, size, 3), weights="imagenet")
    assert [Path(path).name for path in asked] == [file]
    found, theirs = model_tensors(model), model_tensors(network)
    for tensor, value in theirs.items():
        np.testing.assert_array_equal(found[tensor], value)


def test_a_file_that_is_not_the_pinned_one_is_refused(served, monkeypatch):
    folder, *_ = served
    monkeypatch.undo()  # Keras's own hash
    kind = KERAS["mobilenet_v3_small_cxr"][0]
    publish(folder, kind(include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)),
            "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5")  # fmt: skip
    with pytest.raises(cxrzoo.errors.WeightsUnavailableError, match="Incomplete or corrupted"):
        cxrzoo.mobilenet_v3_small_cxr(input_shape=(SIDE, SIDE, 1), weights="imagenet")


def test_weights_of_another_padding_are_refused():
    with pytest.raises(
        cxrzoo.errors.ModelError, match="exist for padding same; received symmetric"
    ):
        cxrzoo.mobilenet_v2_cxr(padding="symmetric", weights="imagenet")


def test_every_backbone_with_weights_of_keras_is_compared():
    published = {name for name in list_models() if isinstance(entry(name).imagenet, ImageNet)}
    assert published == set(KERAS)
