"""A file of weights becomes a model: whole DenseNet121s, and every way in which that does not go."""

import hashlib
import io
import json

import densenet_state
import h5py
import keras
import numpy as np
import pytest
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.artifacts import selfcheck
from cxrzoo.convert import read_weights
from cxrzoo.convert.fit import plan_by_map
from cxrzoo.errors import (
    ArtifactError,
    ArtifactNotFoundError,
    CxrZooError,
    ModelError,
    TensorError,
    UnknownModelError,
)
from cxrzoo.images import read_image
from cxrzoo.models import entry, model_tensors

SIDE = 64
LABELS = ["Mass", "", "Edema", "Nodule"]
IMAGENET = (np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]))


@pytest.fixture(scope="module")
def states():
    """State dicts of a grey DenseNet121, with torchxrayvision's thresholds, and of one for RGB."""
    grey = densenet_state.random_state(1, 4)
    grey["features.conv0.weight"] /= 1024  # pixels are from -1024 to 1024
    grey["op_threshs"] = np.array([0.25, 0.5, np.nan, 0.75], "float32")
    return {"grey": grey, "rgb": densenet_state.random_state(3, 3, seed=1)}


@pytest.fixture(scope="module")
def converted(states, tmp_path_factory):
    """The grey network, converted and saved."""
    folder = tmp_path_factory.mktemp("grey")
    save_file(states["grey"], folder / "grey.safetensors")
    model = cxrzoo.convert_file(
        folder / "grey.safetensors",
        "densenet121_cxr",
        labels=LABELS,
        input_size=SIDE,
        scaling="torchxrayvision",
        aspect="crop",
    )
    cxrzoo.save_pretrained(model, folder / "model")
    return folder


@pytest.fixture
def images(sample_files):
    def read(channels):
        return np.stack(
            [read_image(path, (SIDE, SIDE), channels, "crop") for path in sample_files[:3]]
        )

    return read


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_grey_densenet121_gives_the_publishers_scores(states, converted, images, score):
    model = cxrzoo.from_pretrained(converted / "model", verify=True)
    pixels = images(1)
    scaled = (2 * (pixels.transpose(0, 3, 1, 2) / 255) - 1) * 1024
    theirs = sigmoid(densenet_state.logits(states["grey"], scaled))[:, [0, 2, 3]]
    assert theirs.std(axis=0).min() > 1e-3
    np.testing.assert_allclose(score(model, pixels), theirs, atol=2e-5)


def test_a_densenet121_for_rgb_gives_the_publishers_logits(states, tmp_path, images, score):
    save_file(states["rgb"], tmp_path / "rgb.safetensors")
    model = cxrzoo.convert_file(
        tmp_path / "rgb.safetensors",
        "densenet121_cxr",
        labels=["a", "b", "c"],
        input_size=SIDE,
        output_activation=None,
    )
    assert model.input_shape == (None, SIDE, SIDE, 3)
    pixels = images(3)
    mean, deviation = IMAGENET
    scaled = ((pixels / 255 - mean) / deviation).transpose(0, 3, 1, 2)
    theirs = densenet_state.logits(states["rgb"], scaled)
    assert theirs.std(axis=0).min() > 1e-2
    np.testing.assert_allclose(score(model, pixels), theirs, atol=1e-4)


def test_the_description_says_where_the_weights_come_from(converted):
    description = json.loads((converted / "model" / "cxrzoo.json").read_text())
    digest = hashlib.sha256((converted / "grey.safetensors").read_bytes()).hexdigest()
    origin = description["lineage"]["started_from"]
    assert origin.startswith("grey.safetensors")
    assert digest in origin
    assert description["lineage"]["versions"]["cxrzoo"] == cxrzoo.__version__
    assert description["labels"] == ["Mass", "Edema", "Nodule"]
    assert description["arguments"]["scaling"] == "torchxrayvision"
    assert description["arguments"]["input_shape"] == [SIDE, SIDE, 1]
    assert description["aspect"] == "crop"
    assert description["thresholds"] == {"Mass": 0.25, "Nodule": 0.75}
    assert selfcheck(converted / "model").passed


def test_other_spellings_lead_to_the_same_tensors(states):
    backbone = entry("densenet121_cxr")
    targets = set(model_names())
    by_map = backbone.publishers["torchvision"]
    plain = {
        step.targets: step.sources for step in plan_by_map(by_map, states["rgb"], targets).steps
    }
    spellings = {
        "module.{}": lambda name: f"module.{name}",
        "arnoweng": lambda name: (
            "module.densenet121." + dotted(name).replace("classifier.", "classifier.0.")
        ),
        "classifier.0": lambda name: name.replace("classifier.", "classifier.0."),
    }
    for spelt in spellings.values():
        plan = plan_by_map(by_map, [spelt(name) for name in states["rgb"]], targets)
        assert plan.over == plan.missing == ()
        found = {step.targets: step.sources for step in plan.steps}
        assert found == {
            to: tuple(spelt(source) for source in sources) for to, sources in plain.items()
        }


def dotted(name):
    """As torchvision 0.2 spelt it: denselayer1.norm.1.weight."""
    for part in ("norm1", "norm2", "conv1", "conv2"):
        name = (
            name.replace(f".{part}.", f".{part[:-1]}.{part[-1]}.") if "denselayer" in name else name
        )
    return name


def model_names():
    from cxrzoo.models.builder import describe, planned  # noqa: PLC0415 - two names of one test

    backbone = entry("densenet121_cxr")
    return planned(backbone, describe(backbone, backbone.defaults))


# Error paths on a small network, whose names are Keras's own.


@pytest.fixture
def small_file(small, tmp_path):
    """A small MobileNet's tensors as a safetensors file, changed."""

    def write(changes=None, **given):
        model = small("mobilenet_cxr", hidden_units=None, **given)
        tensors = {name: np.ascontiguousarray(one) for name, one in model_tensors(model).items()}
        for name, one in (changes or {}).items():
            if one is None:
                del tensors[name]
            else:
                tensors[name] = one
        save_file(tensors, tmp_path / "small.safetensors")
        return tmp_path / "small.safetensors", model

    return write


OPTIONS = {"labels": ["a", "b", "c"], "input_size": 32, "alpha": 0.25, "hidden_units": None}


def test_names_of_keras_need_no_map(small_file, pixels, score):
    path, model = small_file()
    again = cxrzoo.convert_file(path, "mobilenet_cxr", **OPTIONS)
    np.testing.assert_allclose(score(again, pixels()), score(model, pixels()), atol=1e-6)


def test_keras_2_hdf5_weights(small_file, tmp_path, pixels, score):
    _, model = small_file()
    raw = io.BytesIO()
    with h5py.File(raw, "w") as file:
        tensors = model_tensors(model)
        file.attrs["layer_names"] = np.array([b"there are some"])
        for name, value in tensors.items():
            layer, _, variable = name.rpartition("/")
            spelt = (
                "depthwise_kernel"
                if layer.startswith("conv_dw") and variable == "kernel"
                else variable
            )
            file.create_dataset(f"{layer}/{layer}/{spelt}:0", data=value)
    (tmp_path / "weights.h5").write_bytes(raw.getvalue())
    again = cxrzoo.convert_file(tmp_path / "weights.h5", "mobilenet_cxr", **OPTIONS)
    np.testing.assert_allclose(score(again, pixels()), score(model, pixels()), atol=1e-6)


def test_a_file_without_a_classifier_becomes_a_model_without_its_top(small_file, pixels, score):
    path, model = small_file(include_top=False, pooling="avg")
    again = cxrzoo.convert_file(path, "mobilenet_cxr", **{**OPTIONS, "labels": None}, pooling="avg")
    assert again.cxrzoo.labels == ()
    np.testing.assert_allclose(score(again, pixels()), score(model, pixels()), atol=1e-6)
    with pytest.raises(ModelError, match=r"has no classifier, .*leave them out .*replace_head"):
        cxrzoo.convert_file(path, "mobilenet_cxr", **OPTIONS)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"labels": ["a", "b"]}, ModelError, "classifier of 3 outputs, and 2 labels were given"),
        ({"labels": None}, ModelError, "classifier of 3 outputs: pass labels"),
        ({"labels": "abc"}, ArtifactError, "labels must be a list of names or None, got 'abc'"),
        ({"labels": ["a", "a", "b"]}, ModelError, "'a' stands there twice"),
        ({"labels": ["", "", ""]}, ModelError, "labels must hold 1 to"),
        ({"publisher": "torchvison"}, ModelError, "knows no names of 'torchvison'"),
        ({"scaling": "imagnet"}, ModelError, "scaling must be"),
        ({"scaling": (1, (0, 1))}, ModelError, "scaling must be"),
        ({"scaling": "imagenet"}, ModelError, "takes one channel, which cannot be scaled"),
        ({"output_activation": "tanh"}, ModelError, "classifier_activation must be"),
        ({"input_size": 8}, ModelError, "input_shape must be"),
        ({"input_shape": (32, 32, 1)}, ModelError, "has no argument 'input_shape'"),
        ({"aspect": "squash"}, CxrZooError, "aspect must be one of"),
        ({"nonsense": 1}, ModelError, "has no argument 'nonsense'"),
        ({"alpha": 0.5}, TensorError, "have other shapes than the network's: .* with other arguments"),
        ({"model_key": "net"}, TensorError, "nothing stands under 'net'"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_with_the_file(small_file, options, error, said):
    path, _ = small_file()
    with pytest.raises(error, match=said):
        cxrzoo.convert_file(path, "mobilenet_cxr", **{**OPTIONS, **options})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conv1_bn/gamma": None}, r"0 tensor\(s\) in it .* 1 tensor\(s\) \('conv1_bn/gamma'\)"),
        ({"ema/decay": np.ones(1, "f4")}, r"1 tensor\(s\) \('ema/decay'\) in it have no place"),
        ({"conv1/kernel": None}, "lacks conv1/kernel, the kernel that takes the image"),
        ({"conv1/kernel": np.ones((3, 3, 2, 8), "f4")}, "one channel or three was expected"),
        ({"predictions/bias": None}, "a classifier without a bias"),
        ({"conv1_bn/gamma": np.full(8, np.inf, "f4")}, "not finite"),
    ],
)
def test_tensors_that_are_not_those_of_the_network(small_file, changes, said):
    path, _ = small_file(changes)
    with pytest.raises(TensorError, match=said):
        cxrzoo.convert_file(path, "mobilenet_cxr", **OPTIONS)


def test_a_file_of_another_network_or_none_says_so(small_file, states, tmp_path):
    path, _ = small_file()
    with pytest.raises(UnknownModelError, match="mobilenet_cxr"):
        cxrzoo.convert_file(path, "mobilenet", **OPTIONS)
    with pytest.raises(ArtifactNotFoundError):
        cxrzoo.convert_file(tmp_path / "none.pt", "mobilenet_cxr", **OPTIONS)
    save_file(states["rgb"], tmp_path / "rgb.safetensors")
    with pytest.raises(TensorError, match="no tensor of mobilenet_cxr by the names of keras"):
        cxrzoo.convert_file(tmp_path / "rgb.safetensors", "mobilenet_cxr", **OPTIONS)


def test_thresholds_of_another_number_than_the_outputs_are_refused(states, tmp_path):
    wrong = {**states["grey"], "op_threshs": np.ones(3, "float32")}
    save_file(wrong, tmp_path / "wrong.safetensors")
    with pytest.raises(
        TensorError, match=r"'op_threshs' has the shape \(3,\); one threshold for each of 4"
    ):
        cxrzoo.convert_file(
            tmp_path / "wrong.safetensors", "densenet121_cxr", labels=LABELS, scaling="unit"
        )  # fmt: skip


def test_without_pytorch_the_command_converts_what_it_wrote(written, tmp_path, run_keras):
    """PyTorch cannot be imported there; a file that fits no network says so."""
    backend = keras.backend.backend()
    printed = run_keras(
        "import sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] == 'torch': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "from cxrzoo.cli import main\n"
        "for arguments in (['--inspect'], ['--as', 'mobilenet_cxr', '--labels', 'a', '--output', 'x']):\n"
        f"    try: main(['convert', {str(written / 'module_legacy.pt')!r}, *arguments])\n"
        "    except SystemExit as end: print(end.code)\n",
        KERAS_BACKEND="tensorflow" if backend == "torch" else backend,
    )
    assert "conv.weight" in printed
    assert printed.split("\n")[-2] == "2"
    assert read_weights(written / "module_legacy.pt").sha256 in printed
