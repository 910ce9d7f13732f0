"""A run on several devices is the run on one: same batches, same losses, one writer.

Each backend has a way of its own, and each of them is tested where it is the backend of the tests.
On JAX two processes with two virtual devices each; on TensorFlow two logical devices; on PyTorch two
processes of the example.
"""

import csv
import re
import socket
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from forked import Process
from rich.console import Console

import cxrzoo
from cxrzoo.errors import TrainingError

BACKEND = keras.backend.backend()
HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"

# Without dropout, whose masks differ between PyTorch's processes; without BatchNorm, which TensorFlow
# and PyTorch take on each device alone.
RECIPE = cxrzoo.Recipe(
    "tiny",
    "cnn_test1",
    0.01,
    4,
    {"filters": (4, 4), "hidden_units": 8, "dropout": 0.0},
    image_size=32,
    batch_size=32,
    augment="light",
    callbacks="modern",
    schedule="plateau" if BACKEND == "torch" else "cosine",  # PyTorch's example has one rate
)
SEED = 3
# Sums of float32 in another order: differences of 3e-7 were seen.
TOLERANCE = 1e-5
# Scores that differ in the last bit may change places: of a label with two positives among the 35
# validation images, two such pairs are 2 / (2 * 33) of its AUC, a fourteenth of that of the mean.
TWO_PAIRS = 2.5e-3

RUN = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from test_several_devices import QUIET, RECIPE, SEED, sample
import cxrzoo
if sys.argv[2] == "processes":
    from cxrzoo.training import distribute_jax
    distribute_jax.HEARTBEAT_SECONDS = 10
cxrzoo.train(
    RECIPE, *sample(), sys.argv[1], seed=SEED, distribute=sys.argv[2], console=QUIET
)
"""
RUN_TENSORFLOW = f"""
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import sys
sys.path.insert(0, {str(HERE)!r})
import numpy as np
from test_several_devices import step_of_sgd
with tf.distribute.MirroredStrategy().scope():
    np.savez(sys.argv[1] + ".npz", *step_of_sgd())
{RUN}"""
RUN_TORCH = f"""
import sys
sys.path[:0] = [{str(HERE)!r}, {str(EXAMPLES)!r}]
from pathlib import Path
from dataclasses import replace
from test_several_devices import RECIPE, SEED, sample
from train_ddp import train_together
train_together(replace(RECIPE, epochs=200), *sample(), Path(sys.argv[1]), seed=SEED)
"""
QUIET = Console(quiet=True)


def sample():
    """A last batch of 12 images, and 35 to validate on, which no two devices divide."""
    parts = cxrzoo.load_sample().split("official")
    return parts.train[:140], parts.validation


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return cxrzoo.train(
        RECIPE, *sample(), tmp_path_factory.mktemp("alone") / "run", seed=SEED, console=QUIET
    )


def start(code, output, *arguments, **environment):
    return Process(
        code,
        output,
        *arguments,
        folder=output.parent,
        quiet=True,
        KERAS_BACKEND=BACKEND,
        **environment,
    )


def start_two(output):
    """Starts two processes that find one another on this host."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    if BACKEND == "torch":
        world = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
        return [start(RUN_TORCH, output, **world, RANK=str(i)) for i in (0, 1)]
    world = {
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": f"127.0.0.1:{port}",
        "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    }
    return [
        start(RUN, output, "processes", **world, KERAS_DISTRIBUTION_PROCESS_ID=str(i))
        for i in (0, 1)
    ]


def finish(*processes):
    for process in processes:
        process.finish(timeout=300)


def history(output):
    with (output / "history.csv").open(newline="") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def run_on_jax(output):
    """Two processes, of which one is killed; then both again, to the end."""
    first, second = start_two(output)
    said = _kill_after_an_epoch(first, second, output)
    finish(*start_two(output))
    return said


def run_on_tensorflow(output):
    finish(start(RUN_TENSORFLOW, output, "devices"))


def run_on_torch(output):
    """Two processes, of which one is killed; the example does not go on."""
    first, second = start_two(output)
    return _kill_after_an_epoch(first, second, output, epochs=3)


def _kill_after_an_epoch(first, second, output, epochs=1):
    """Kills one process; gives what the other one said before it ended by itself, with an error."""
    while not (output / "history.csv").exists() or len(history(output)) < epochs:
        assert first.poll() is None, first.said + first.wrong
        time.sleep(0.01)
    second.kill()
    first.wait(timeout=300)
    assert first.returncode != 0
    return first.said + first.wrong


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    output = tmp_path_factory.mktemp("several") / "run"
    run = {"jax": run_on_jax, "tensorflow": run_on_tensorflow, "torch": run_on_torch}[BACKEND]
    return output, run(output)


def test_several_devices_give_the_losses_and_the_validation_auc_of_one(alone, several):
    rows = history(several[0])
    assert len(rows) >= 3
    for row, expected in zip(rows, alone.history, strict=False):
        assert row["loss"] == pytest.approx(expected["loss"], abs=TOLERANCE)
        assert row["val_auc"] == pytest.approx(expected["val_auc"], abs=TWO_PAIRS)


def test_the_model_that_is_left_is_the_best_epochs(several):
    best = max(row["val_auc"] for row in history(several[0]))
    validation = sample()[1].dataset(image_size=32)
    report = cxrzoo.evaluate(cxrzoo.from_pretrained(several[0] / "model"), validation)
    assert report.macro.roc_auc == pytest.approx(best, abs=TWO_PAIRS)


if BACKEND != "tensorflow":  # whose devices are of one process: there is no other that could die

    def test_a_process_that_dies_ends_the_other_with_an_error(several):
        # JAX's collectives mostly break off at once; where they wait, its heartbeat ends them.
        expected = {
            "jax": "start all of them again|another task died",
            "torch": "Connection (closed|reset) by peer",
        }
        assert re.search(expected[BACKEND], several[1])


def test_what_the_backend_has_not_is_refused_before_anything_is_written(tmp_path):
    wrong, what = {
        "jax": ("gpus", "devices, processes"),
        "tensorflow": ("processes", "KERAS_BACKEND=jax"),
        "torch": ("devices", r"examples/train_ddp\.py"),
    }[BACKEND]
    with pytest.raises(TrainingError, match=what):
        cxrzoo.train(RECIPE, *sample(), tmp_path / "run", distribute=wrong, console=QUIET)
    assert not (tmp_path / "run").exists()


def step_of_sgd():
    """Weights after a step of plain SGD: Adam would hide gradients that are twice too large."""
    train, _ = sample()
    keras.utils.set_random_seed(SEED)
    model = cxrzoo.create_model(
        RECIPE.builder, **RECIPE.arguments, input_shape=(32, 32, 1), labels=train.labels
    )
    model.compile(keras.optimizers.SGD(0.1), cxrzoo.training.masked_binary_crossentropy)
    model.fit(train[:32].dataset(image_size=32, batch_size=32), verbose=0)
    return model.get_weights()


if BACKEND == "tensorflow":  # whose replicas' gradients of a scalar loss Keras adds up

    def test_a_step_on_two_devices_is_as_long_as_on_one(several):
        with np.load(f"{several[0]}.npz") as on_two:
            for name, weights in zip(on_two.files, step_of_sgd(), strict=True):
                np.testing.assert_allclose(on_two[name], weights, atol=TOLERANCE)
