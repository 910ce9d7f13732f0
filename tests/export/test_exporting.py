"""What holds of every export. A SavedModel needs no extra; the others are tried where theirs is."""

import json
from dataclasses import replace
from importlib.util import find_spec

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.artifacts.selfcheck import golden_vectors
from cxrzoo.errors import ArtifactError, IntegrityError, MissingExtraError
from cxrzoo.export import FORMATS
from cxrzoo.pretrained.golden import parse_golden

BACKEND = keras.backend.backend()
# Keras cannot write these here: benchmarks/parity/export_table.py tries every cell.
WRITES = {
    "tf_saved_model": ("tensorflow", "jax"),
    "onnx": ("tensorflow", "torch"),  # on JAX with one package more
    "openvino": ("tensorflow", "torch", "openvino"),
    "litert": ("tensorflow",),
}


@pytest.fixture(scope="module")
def model(small):
    return small("mobilenet_cxr")


@pytest.fixture(scope="module")
def golden(model):
    return parse_golden(
        golden_vectors(model), input_shape=(32, 32, 1), output_shape=(3,), source="the model"
    )


def _path(folder, name):
    return folder / f"model{FORMATS[name].suffix}"


def _needs(name, backend=BACKEND):
    absent = [one for one in FORMATS[name].packages if find_spec(one) is None]
    if name == "onnx" and backend == "tensorflow" and find_spec("tf2onnx") is None:
        absent.append("tf2onnx")
    if absent:
        pytest.skip(f"{', '.join(absent)} not installed")


@pytest.mark.parametrize("name", FORMATS)
def test_the_formats_own_runtime_gives_the_models_scores_for_any_number_of_images(
    name, model, golden, tmp_path
):
    _needs(name)
    path = _path(tmp_path, name)
    if BACKEND not in WRITES[name]:
        with pytest.raises((ArtifactError, MissingExtraError), match="KERAS_BACKEND=tensorflow"):
            cxrzoo.export_model(model, path, format=name)
        assert list(tmp_path.iterdir()) == []
        return
    exported = cxrzoo.export_model(model, path, format=name)
    assert (exported.path, exported.format, exported.backend) == (path, name, BACKEND)
    assert exported.difference <= 1e-4
    pixels = golden.inputs[[0, 2, 1, 0, 3]].astype(np.float32)
    found = FORMATS[name].run(path, pixels)
    np.testing.assert_allclose(found, golden.outputs[[0, 2, 1, 0, 3]], atol=1e-4)
    assert np.ptp(golden.outputs, axis=0).max() > 1e-3
    card = json.loads(exported.labels.read_text())
    assert card["labels"] == list(model.cxrzoo.labels)
    assert card["input"]["shape"] == [None, 32, 32, 1]
    written = {one.name for one in tmp_path.iterdir()}
    assert written <= {path.name, "model.bin", "model.labels.json"}


def test_labels_are_in_the_metadata_of_the_file(small, tmp_path):
    read = {"onnx": _onnx_metadata, "openvino": _openvino_metadata, "litert": _litert_metadata}
    tried = [
        name
        for name in read
        if BACKEND in WRITES[name]
        and not [one for one in (*FORMATS[name].packages, "tf2onnx") if find_spec(one) is None]
    ]
    if not tried:
        pytest.skip("no runtime is installed")
    for name in tried:
        path = _path(tmp_path, name)
        cxrzoo.export_model(small("cnn_test1"), path, format=name)
        assert json.loads(read[name](path)) == ["Mass", "Edema", "No Finding"]


def _onnx_metadata(path):
    import onnxruntime  # noqa: PLC0415 - only where it is installed

    return onnxruntime.InferenceSession(str(path)).get_modelmeta().custom_metadata_map["labels"]


def _openvino_metadata(path):
    import openvino  # noqa: PLC0415 - as above

    return openvino.Core().read_model(path).get_rt_info(["cxrzoo", "labels"]).astype(str)


def _litert_metadata(path):
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415 - as above

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    buffers = {entry.name.decode(): entry.buffer for entry in model.metadata}
    return bytes(model.buffers[buffers["cxrzoo.labels"]].data).decode()


@pytest.mark.skipif(BACKEND not in WRITES["tf_saved_model"], reason="not to be written here")
def test_other_outputs_than_the_golden_ones_leave_what_was_there(small, tmp_path):
    model, path = small("cnn_test1"), tmp_path / "served"
    cxrzoo.export_model(model, path, format="tf_saved_model")
    before = (path / "saved_model.pb").read_bytes()
    golden = parse_golden(
        golden_vectors(model), input_shape=(32, 32, 1), output_shape=(3,), source="the model"
    )
    for outputs in (golden.outputs + 0.01, np.full_like(golden.outputs, np.nan)):
        wrong = replace(golden, outputs=outputs.astype(np.float32))
        with pytest.raises(IntegrityError, match=r"is not written: .* max \|difference\|"):
            cxrzoo.export_model(model, path, format="tf_saved_model", golden=wrong)
    assert (path / "saved_model.pb").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["served"]


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.extra])
def test_a_package_that_is_not_installed_is_named_with_its_extra(name, model, tmp_path):
    if all(find_spec(one) for one in FORMATS[name].packages):
        pytest.skip("installed here")
    with pytest.raises(MissingExtraError, match=rf"pip install 'cxrzoo\[{name}\]'"):
        cxrzoo.export_model(model, _path(tmp_path, name), format=name)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_exported_is_refused(model, small, tmp_path):
    with pytest.raises(ArtifactError, match="format must be one of onnx, openvino"):
        cxrzoo.export_model(model, tmp_path / "m", format="coreml")
    own = tmp_path / "own"
    own.mkdir()
    (own / "thesis.txt").write_text("mine")
    with pytest.raises(ArtifactError, match="holds something else than a SavedModel"):
        cxrzoo.export_model(model, own, format="tf_saved_model")
    assert (own / "thesis.txt").read_text() == "mine"
    stranger = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ArtifactError, match="a model that cxrzoo built"):
        cxrzoo.export_model(stranger, tmp_path / "m", format="tf_saved_model")
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = small("cnn_test1")
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(ArtifactError, match="computes in float32"):
        cxrzoo.export_model(mixed, tmp_path / "m", format="tf_saved_model")


def test_an_exact_gelu_is_written_too(small, score, pixels, tmp_path):
    _needs("onnx")
    if BACKEND not in WRITES["onnx"]:
        pytest.skip("Keras does not write ONNX on this backend")
    model = small("vit_small_cxr")
    cxrzoo.export_model(model, tmp_path / "model.onnx", format="onnx")
    found = FORMATS["onnx"].run(tmp_path / "model.onnx", pixels())
    np.testing.assert_allclose(found, score(model, pixels()), atol=1e-5)
