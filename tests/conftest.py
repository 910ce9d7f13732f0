"""What the tests of every floor share.

Keras gets a home of its own, so that no test reads or writes the user's cache and settings; and so do
temporary files, which processes that are killed leave behind.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import settings

# A busy machine is no defect: examples have no time limit.
settings.register_profile("cxrzoo", deadline=None)
settings.load_profile("cxrzoo")

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())  # what failed stays there
TEMPORARY = Path(tempfile.mkdtemp(prefix="cxrzoo-tests-"))
atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)
os.environ["TMPDIR"] = tempfile.tempdir = str(TEMPORARY)
KERAS_HOME = TEMPORARY / "keras"
KERAS_HOME.mkdir()
# Before Keras is imported: it reads both then and never again.
os.environ["KERAS_HOME"] = str(KERAS_HOME)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SMALL = {
    "input_shape": (32, 32, 1),
    "labels": ("Mass", "Edema", "No Finding"),
    "hidden_units": 8,
    "classifier_activation": "sigmoid",
}


def pytest_addoption(parser):
    parser.addoption(
        "--model", action="append", help="of the tests that hold for every model, those of this one"
    )


# Networks that differ from one of the others in numbers alone; swept by the wide tests.
SIBLINGS = (
    *(f"efficientnet_v2_{size}_cxr" for size in ("b1", "b2", "b3", "s")),
    *(f"efficientnet_lite{number}_cxr" for number in (1, 2)),
    "mobilenet_v3_large_cxr",
    "vit_base_cxr",
)


def pytest_generate_tests(metafunc):
    """A test that takes ``model_name`` holds for every registered model.

    For a deep network, which has no small form, most of them are wide tests: the quick suite runs those
    marked ``deep``. For a sibling of another network all of them are.
    """
    if "model_name" in metafunc.fixturenames:
        from cxrzoo.models import list_models  # noqa: PLC0415 - only where Keras is needed

        asked = metafunc.config.getoption("model")
        listed = asked or [name for name in list_models() if name not in SIBLINGS]
        for_all = asked or metafunc.definition.get_closest_marker("deep") is not None
        metafunc.parametrize(
            "model_name",
            [
                name if for_all or _is_small(name) else pytest.param(name, marks=pytest.mark.wide)
                for name in listed
            ]
            + [pytest.param(name, marks=pytest.mark.wide) for name in SIBLINGS if not asked],
        )


def _is_small(name):
    """Whether a model can be made so small that every test of it is quick."""
    from cxrzoo.models import entry  # noqa: PLC0415 - only where Keras is needed

    return bool(entry(name).small or entry(name).flatten)


def pytest_collection_modifyitems(config, items):
    if config.getoption("model"):
        items[:] = [item for item in items if "model_name" in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="session")
def is_small():
    """Says of a model's name whether it can be made so small that every test of it is quick."""
    return _is_small


@pytest.fixture(scope="session")
def small(batch_norm):
    """Builds a registered model by name, as small as its backbone says that it can be."""
    import keras  # noqa: PLC0415 - only where Keras is needed

    from cxrzoo.models import entry  # noqa: PLC0415 - only where Keras is needed
    from cxrzoo.models.head import is_head  # noqa: PLC0415 - as above
    from cxrzoo.models.tensors import assign_tensors, model_tensors, tensor_shapes  # noqa: PLC0415

    kept = {}
    seeded = set()
    most = 400_000_000  # bytes; what was made first goes first

    def build(model, /, **given):
        if model not in seeded:  # the same weights in every run of a test, whichever ran before it
            keras.utils.set_random_seed(crc32(model.encode()))
            seeded.add(model)
        built = entry(model).builder(**_small_arguments(model, given))
        if given.get("weights"):
            return built
        # A deep backbone takes seconds to bring to life: once for its tensors. The head is always fresh.
        shapes = {name: one for name, one in tensor_shapes(built).items() if not is_head(name)}
        key = (model, *shapes.items())
        if key not in kept:
            alive = model_tensors(_alive(built, batch_norm))
            kept[key] = {name: alive[name] for name in shapes}
            while (
                len(kept) > 1
                and sum(v.nbytes for one in kept.values() for v in one.values()) > most
            ):
                del kept[next(iter(kept))]
        assign_tensors(built, {**model_tensors(built), **kept[key]})
        return built

    return build


@pytest.fixture(scope="session")
def untrained():
    """Builds a registered model as ``small`` does, with its first weights: for who computes nothing."""
    from cxrzoo.models import entry  # noqa: PLC0415 - only where Keras is needed

    def build(model, /, **given):
        return entry(model).builder(**_small_arguments(model, given))

    return build


def _small_arguments(model, given):
    """A small form's arguments; an input that is no whole number of patches is made larger."""
    from cxrzoo.models import entry  # noqa: PLC0415 - only where Keras is needed

    arguments = {**SMALL, **entry(model).small, **given}
    try:
        shape = entry(model).kind("input_shape").check(arguments["input_shape"])
    except (TypeError, ValueError):
        return arguments  # the builder says what is wrong
    return {**arguments, "input_shape": entry(model).nearest_shapes(shape)[-1]}


def _alive(model, batch_norm):
    """Lets the images' differences through to the scores.

    A fresh BatchNorm divides by 1 where the activations are far smaller: after 27 of them every image has
    the same scores, and a test that compares scores would see nothing. Here each has the statistics of
    what reaches it, as after training, and scales and shifts of its own.
    """
    import keras  # noqa: PLC0415 - only where Keras is needed

    random = np.random.default_rng(7)
    norms = [one for one in model.layers if isinstance(one, keras.layers.BatchNormalization)]
    if not norms:
        return model
    for layer in norms:
        gamma, beta, *_ = batch_norm(random, layer.moving_mean.shape)
        if layer.scale:
            layer.gamma.assign(gamma)
        if layer.center:
            layer.beta.assign(beta)
    momentum = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    # Of such images as ``pixels`` draws; those of others would leave a deep network's outputs far from 0.
    model(random.integers(0, 128, (16, *model.input_shape[1:])).astype("float32"), training=True)
    for layer, before in zip(norms, momentum, strict=True):
        layer.momentum = before
    return model


@pytest.fixture(scope="session")
def batch_norm():
    """Draws gamma, beta, mean and variance that keep a signal's size about as it is."""

    def draw(random, shape):
        return [
            random.uniform(0.8, 1.2, shape).astype("float32"),
            random.normal(0, 0.2, shape).astype("float32"),
            random.normal(0, 0.05, shape).astype("float32"),
            random.uniform(0.02, 0.05, shape).astype("float32"),
        ]

    return draw


@pytest.fixture(scope="session")
def score():
    """Gives a model's outputs as NumPy, in inference mode."""
    import keras  # noqa: PLC0415 - only where Keras is needed

    def outputs(model, pixels):
        return keras.ops.convert_to_numpy(model(pixels, training=False))

    return outputs


@pytest.fixture(scope="session")
def same_scores():
    """Asserts that two ways through the same network give the same scores, within rounding.

    Another kernel, batch size or processor rounds differently. Moving the scaled pixels by one unit
    in the last place moved a MobileNet's scores by up to 1.1e-5 (60 random networks) and by 2.2e-5
    on another processor; one wrong grey level, the least error looked for, by 2e-4 and more.
    """

    def check(found, expected):
        np.testing.assert_allclose(found, expected, atol=1e-4)

    return check


@pytest.fixture
def pixels(request):
    """Gives two images of random whole grey values, such as every numeric type can hold.

    They are 32 x 32, or for a test of every model as near to it as the model takes.
    """
    shape = SMALL["input_shape"]
    if "model_name" in request.fixturenames:
        from cxrzoo.models import entry  # noqa: PLC0415 - only where Keras is needed

        shape = entry(request.getfixturevalue("model_name")).nearest_shapes(shape)[-1]

    def draw(shape=shape, n=2):
        return np.random.default_rng(0).integers(0, 128, (n, *shape)).astype(np.float32)

    return draw


@pytest.fixture(scope="session")
def sample_files():
    """Paths of real X-rays of the embedded sample."""
    from cxrzoo import load_sample  # noqa: PLC0415 - only where Pillow is needed

    return [str(path) for path in load_sample().images[:6]]


@pytest.fixture
def run_python(tmp_path):
    """Runs Python code in a new process, in an empty folder, and gives what it printed."""

    def run(code, *, importable=True, **environment):
        import cxrzoo  # noqa: PLC0415 - a test of what importing it does comes first

        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if importable:
            inherited["PYTHONPATH"] = str(Path(cxrzoo.__file__).parent.parent)
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=empty,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def run_keras(tmp_path):
    """Runs Python code in a new process that has imported Keras; otherwise as ``run_python``."""
    from forked import Process  # noqa: PLC0415 - only where Keras is needed

    def run(code, *arguments, importable=True, **environment):
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        return Process(
            code, *arguments, folder=empty, importable=importable, **environment
        ).finish()

    return run
