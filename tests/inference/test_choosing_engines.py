import pytest

from cxrzoo.errors import DataError, MissingExtraError
from cxrzoo.inference.choice import Choice, choose_engine

KERAS, FOLDED, OPENVINO = Choice("keras"), Choice("keras", folded=True), Choice("openvino")
BUILT_BY_IT = Choice("openvino", backend="openvino")


@pytest.mark.parametrize(
    ("asked", "n", "installed", "backend", "expected"),
    [
        # Keras is not imported and nobody asked for a backend: cxrzoo predict.
        ("auto", None, True, None, BUILT_BY_IT),
        ("auto", 1, True, None, BUILT_BY_IT),
        ("openvino", None, True, None, BUILT_BY_IT),
        ("keras", None, True, None, KERAS),
        ("auto", None, False, None, KERAS),
        # Keras is there: OpenVINO pays where the images are many.
        ("auto", None, True, "tensorflow", KERAS),
        ("auto", 499, True, "tensorflow", KERAS),
        ("auto", 500, True, "tensorflow", OPENVINO),
        ("auto", 500, True, "torch", OPENVINO),
        ("auto", 100_000, True, "jax", KERAS),
        ("auto", 999, False, "tensorflow", KERAS),
        ("auto", 1_000, False, "tensorflow", FOLDED),
        ("keras", 999, True, "torch", KERAS),
        ("keras", 1_000, True, "torch", FOLDED),
        ("keras", 100_000, True, "jax", KERAS),
        ("openvino", 1, True, "tensorflow", OPENVINO),
        ("openvino", 1, True, "jax", OPENVINO),
        # On its OpenVINO backend Keras itself may compute in bfloat16.
        ("keras", 1, True, "openvino", OPENVINO),
        ("auto", 1, True, "openvino", OPENVINO),
    ],
)
def test_what_computes(asked, n, installed, backend, expected):
    assert choose_engine(asked, n, installed=installed, backend=backend) == expected


@pytest.mark.parametrize(("asked", "expected"), [("auto", KERAS), ("openvino", OPENVINO)])
def test_an_older_keras_lacks_layers_on_its_openvino_backend(asked, expected):
    assert choose_engine(asked, installed=True, backend=None, keras=(3, 12)) == expected


def test_what_is_not_there_is_refused():
    with pytest.raises(DataError, match=r"'keras' or 'openvino'; .* 'tpu'"):
        choose_engine("tpu", installed=True, backend=None)
    for backend in (None, "tensorflow", "jax"):
        with pytest.raises(MissingExtraError, match=r"pip install 'cxrzoo\[openvino\]'"):
            choose_engine("openvino", installed=False, backend=backend)
