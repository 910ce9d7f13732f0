import json
from importlib.util import find_spec

import keras
import numpy as np
import pytest

from cxrzoo.errors import DataError, MissingExtraError, ModelError
from cxrzoo.images import read_image
from cxrzoo.inference import predict_files
from cxrzoo.inference.choice import engine_here
from cxrzoo.inference.engines import make_engine

OPENVINO = find_spec("openvino") is not None


@pytest.fixture(scope="module")
def model(small):
    return small("mobilenet_cxr")


def test_the_keras_engine_gives_the_scores_of_the_model(model, score, sample_files, same_scores):
    found = predict_files(model, sample_files, engine="keras").scores
    pixels = np.stack([read_image(path, (32, 32)) for path in sample_files])
    same_scores(found, score(model, pixels))
    assert np.ptp(found, axis=0).max() > 1e-3


def test_many_files_are_scored_as_few_are(model, sample_files, same_scores):
    pixels = np.stack([read_image(path, (32, 32)) for path in sample_files])
    few, many = (make_engine(model, engine_here("keras", n))(pixels) for n in (1, 100_000))
    same_scores(many, few)
    assert np.ptp(few, axis=0).max() > 1e-3


def test_an_engine_that_does_not_exist_is_refused(model, sample_files):
    with pytest.raises(
        DataError, match="engine must be one of auto, keras, openvino, got 'tensorrt'"
    ):
        predict_files(model, sample_files, engine="tensorrt")


@pytest.mark.skipif(OPENVINO, reason="OpenVINO is installed")
def test_without_openvino_the_extra_is_named(model, sample_files):
    with pytest.raises(MissingExtraError, match=r"pip install 'cxrzoo\[openvino\]'"):
        predict_files(model, sample_files, engine="openvino")


@pytest.mark.skipif(not OPENVINO, reason="needs the extra openvino")
def test_openvino_gives_the_same_scores_in_float32(model, sample_files, same_scores):
    if keras.backend.backend() == "jax":
        with pytest.raises(ModelError, match="KERAS_BACKEND=tensorflow"):
            predict_files(model, sample_files, engine="openvino")
        return
    found = predict_files(model, sample_files, batch_size=4, engine="openvino").scores
    expected = predict_files(model, sample_files, batch_size=4, engine="keras").scores
    same_scores(found, expected)


@pytest.mark.skipif(not OPENVINO, reason="needs the extra openvino")
@pytest.mark.skipif(
    keras.backend.backend() not in ("tensorflow", "torch"), reason="nothing is converted"
)
def test_converting_a_model_tells_nobody(run_python):
    run_python(
        "import sys, cxrzoo\n"
        "from cxrzoo.export.openvino import converted\n"
        "converted(cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(2, 2), hidden_units=4))\n"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )


PREDICTS = (
    "import json, sys\n"
    "sys.argv = ['cxrzoo', 'predict', *{files!r}, '--json', *{options!r}]\n"
    "from cxrzoo.cli import main\n"
    "try:\n"
    "    main()\n"
    "except SystemExit as end:\n"
    "    assert not end.code, end.code\n"
    "import keras\n"
    "assert keras.backend.backend() == {backend!r}\n"
    "assert ('tensorflow' in sys.modules) == {tensorflow!r}"
)


def scores_of_the_command(run_python, monkeypatch, files, *options, backend, asked=None):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if asked:
        monkeypatch.setenv("KERAS_BACKEND", asked)
    code = PREDICTS.format(
        files=files, options=options, backend=backend, tensorflow=backend == "tensorflow"
    )
    return np.array([row["scores"] for row in json.loads(run_python(code))["predictions"]])


@pytest.mark.skipif(not OPENVINO, reason="needs the extra openvino")
def test_with_openvino_the_command_needs_no_tensorflow_unless_it_is_asked_for(
    run_python, monkeypatch, sample_files, same_scores
):
    arguments = (run_python, monkeypatch, sample_files)
    expected = scores_of_the_command(*arguments, "--engine", "keras", backend="tensorflow")
    assert np.ptp(expected, axis=0).max() > 0.1
    for options in ((), ("--engine", "openvino")):
        same_scores(scores_of_the_command(*arguments, *options, backend="openvino"), expected)
        found = scores_of_the_command(
            *arguments, *options, backend="tensorflow", asked="tensorflow"
        )
        same_scores(found, expected)


@pytest.mark.skipif(OPENVINO, reason="OpenVINO is installed")
def test_without_openvino_the_command_computes_on_keras_own_backend(
    run_python, monkeypatch, sample_files
):
    scores_of_the_command(run_python, monkeypatch, sample_files[:1], backend="tensorflow")
