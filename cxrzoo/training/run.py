"""One training run: from records to a saved, measured model in a directory."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import keras
from rich.console import Console

from cxrzoo.artifacts import from_pretrained, save_pretrained
from cxrzoo.artifacts.save import versions
from cxrzoo.data import ImageDataset, Records, cached_pack, concat
from cxrzoo.errors import MissingExtraError, TrainingError
from cxrzoo.evaluation import Report, plot_roc
from cxrzoo.files import write_whole
from cxrzoo.inference import evaluate
from cxrzoo.models import is_backbone_file
from cxrzoo.opened import given_path
from cxrzoo.pretrained import Lineage, also_trained_on
from cxrzoo.training.callbacks import BEST_WEIGHTS, callback_preset
from cxrzoo.training.devices import Devices
from cxrzoo.training.distribute import (
    Distribute,
    SharedValidation,
    open_devices,
    together,
    writable,
    written_by,
)
from cxrzoo.training.folder import (
    RUN_FILE,
    RunFolder,
    describe_run,
    find_run_folder,
    run_folder_for_training,
    written_in,
)
from cxrzoo.training.history import read_history
from cxrzoo.training.parts import batches_of, check_parts
from cxrzoo.training.progress import Progressing, StopOnNaN, say
from cxrzoo.training.recipe import Recipe, find_recipe
from cxrzoo.training.start import best_model, start_model
from cxrzoo.training.state import EpochState
from cxrzoo.typed import check_arguments, check_fields


@dataclass(frozen=True)
class Run:
    """A finished training run.

    Attributes:
        directory: its folder: ``run.json``, ``history.csv``, ``report.json``, ``report.md``,
            ``roc.png`` (with matplotlib) and the best model in ``model/``.
        recipe: how it was trained.
        history: figures of each epoch, in order.
        model: the best model by validation AUC.
        report: that model's figures on the validation part, which it was chosen on.
    """

    directory: Path
    recipe: Recipe
    history: tuple[Mapping[str, float], ...]
    model: keras.Model
    report: Report

    def __post_init__(self) -> None:
        check_fields(self, TrainingError)


def train(
    recipe: Recipe | str,
    train: Records,
    validation: Records,
    output: str | Path,
    resume: bool = True,  # noqa: FBT001, FBT002 - the fixed public signature
    *,
    seed: int = 0,
    split: str | None = None,
    allow_leakage: bool = False,
    cache: str | Path | None = None,
    distribute: Distribute | None = None,
    console: Console | None = None,
) -> Run:
    """Train a model by a recipe and leave it, measured, in a directory.

    A run that was killed and is started again with the same arguments goes on after its last
    finished epoch, with the order and augmentation that epoch would have had; a finished one is
    read and given back. While a run lasts, its directory is locked.

    Args:
        recipe: one of ``cxrzoo.recipes`` by name, or one of your own.
        train: images to learn from.
        validation: images to choose the best epoch on; same labels, other patients.
        output: the run's directory, new, empty, or of the same run.
        resume: False refuses a directory that holds this run already.
        seed: of initial weights, order, augmentation and dropout.
        split: name of the split, for the model's lineage and the report.
        allow_leakage: train although patients or files stand on both sides.
        cache: a directory for the decoded images of both parts (:func:`cxrzoo.pack`); a pack that
            holds them already is used. The pixels, and so the run, are the same with and without.
        distribute: ``"devices"`` for all devices of this host (JAX, TensorFlow), ``"processes"`` for
            all devices of several processes that make the same call (JAX); each batch is divided
            among them. The output is then on a file system that all processes see.
        console: where progress goes; standard error by default.

    Raises:
        LabelError: the two parts have different labels.
        LeakageError: patients or files stand on both sides.
        TrainingError: the output holds something else or cannot be written (what is finished is kept),
            another process trains in it, the loss became NaN, the backend has no such
            ``distribute``, or another process ended.
    """
    check_arguments(_train, locals(), TrainingError)
    recipe = find_recipe(recipe) if isinstance(recipe, str) else recipe
    check_parts(train, validation, allow_leakage=allow_leakage)
    output = given_path(output, TrainingError)
    devices = open_devices(distribute)
    console = console or Console(stderr=True, quiet=not devices.first)
    task = _Task(
        *(recipe, train, validation, devices, console), seed=seed, split=split, cache=cache
    )
    with together(devices), written_in(output), ExitStack() as held:
        folder, model = _begin(task, output, held, resume=resume)
        if folder.finished:
            say(console, f"{output} holds this run, finished; nothing is left to do.")
        else:
            model = _train_in(task, folder, model)
            devices.wait("trained")  # nobody reads the state any more
            if devices.first:
                _finish(task, folder, model)
            devices.wait("end")
    return Run(
        directory=output,
        recipe=recipe,
        history=read_history(folder.history),
        model=from_pretrained(folder.model),
        report=Report.from_json(folder.report),
    )


_train = train  # for where ``train`` is the training part


@dataclass(frozen=True, slots=True)
class _Task:
    """What one call of :func:`train` asks for; its names are that function's."""

    recipe: Recipe
    train: Records
    validation: Records
    devices: Devices
    console: Console
    seed: int
    split: str | None
    cache: str | Path | None


def _begin(
    task: _Task, output: Path, held: ExitStack, *, resume: bool
) -> tuple[RunFolder, keras.Model | None]:
    """Open and hold the run's folder; a new run's model is built first: one that fails leaves nothing."""
    recipe, devices = task.recipe, task.devices
    described = describe_run(
        *(recipe, task.train, task.validation), seed=task.seed, devices=devices.count
    )
    keras.utils.set_random_seed(task.seed)
    found = find_run_folder(output, described, resume=resume)
    devices.wait("start")
    with devices.scope():
        model = start_model(recipe, task.train) if found is None else None

    def open_and_hold() -> None:
        held.enter_context(run_folder_for_training(output, described, resume=resume))

    written_by(devices, output / RUN_FILE, open_and_hold)
    folder = find_run_folder(output, described, resume=True)
    assert folder is not None  # noqa: S101 - it is there
    return folder, model


def _train_in(task: _Task, folder: RunFolder, model: keras.Model | None) -> keras.Model:
    """Train, or go on training, until the folder has the best epoch's weights."""
    recipe, devices = task.recipe, task.devices
    if task.cache is not None:
        both = concat(task.train, task.validation)
        cached_pack(both, task.cache, image_spec=recipe.image_spec)
    with devices.scope(), writable(devices, folder.scratch) as scratch:
        model = model or start_model(recipe, task.train)
        batches = batches_of(
            *(task.train, recipe, task.cache),
            shard=devices.shard,
            shuffle=True,
            seed=task.seed,
            augment=recipe.augment,
        )
        chosen_on = (
            batches_of(task.validation, recipe, task.cache)
            if devices.count == 1
            else SharedValidation(devices, task.validation, recipe, task.cache)
        )
        preset = callback_preset(
            *(recipe.callbacks, scratch, chosen_on),
            history=folder.history if devices.first else None,  # the others' is in their scratch
            plateau=recipe.schedule == "plateau",
        )
        path = folder.scratch / "state.safetensors"
        state = EpochState(path, batches, preset, task.seed, writes=devices.first)
        stopped = state.restore(model)
        if state.history.rows:
            say(
                task.console,
                f"going on after epoch {len(state.history.rows)} of {folder.directory}",
            )
        if len(state.history.rows) < recipe.epochs and not stopped:
            _fit(task, model, batches, chosen_on, preset=preset, state=state)
    return model


def _fit(
    task: _Task,
    model: keras.Model,
    batches: ImageDataset,
    chosen_on: ImageDataset | SharedValidation,
    *,
    preset: list[keras.callbacks.Callback],
    state: EpochState,
) -> None:
    """Fit from the epoch that the state has come to."""
    progress = Progressing(task.console, task.recipe.epochs)
    try:
        model.fit(
            batches,
            initial_epoch=len(state.history.rows),
            epochs=task.recipe.epochs,
            callbacks=[StopOnNaN(), *preset, progress, state],
            shuffle=False,  # the data set shuffles, seeded; Keras would shuffle again, unseeded
            verbose=0,
        )
    except Exception as error:
        # TensorFlow wraps what its input pipeline raises, trace and all.
        for dataset in (batches, chosen_on):
            if dataset.failure is not None:
                raise dataset.failure from error
        raise
    finally:
        progress.close()


def _finish(task: _Task, folder: RunFolder, trained: keras.Model) -> None:
    """Measure the best epoch's model, write everything that a run leaves, and say that it is finished."""
    recipe = task.recipe
    model = best_model(trained, folder.scratch / BEST_WEIGHTS)
    report = evaluate(
        model,
        batches_of(task.validation, recipe, task.cache),
        name=recipe.name,
        split=task.split,
        part="validation",
    )
    model.cxrzoo = replace(model.cxrzoo, lineage=_lineage(task, folder, model))
    save_pretrained(model, folder.model, report)
    write_whole(folder.directory / "report.md", report.to_markdown())
    report.to_json(folder.report)
    try:
        plot_roc(report, folder.directory / "roc.png")
    except MissingExtraError as error:
        say(task.console, f"no roc.png: {error}")
    folder.write_description(finished=True)
    shutil.rmtree(folder.scratch, ignore_errors=True)


def _lineage(task: _Task, folder: RunFolder, model: keras.Model) -> Lineage:
    train, history = task.train, read_history(folder.history)
    best = max(range(len(history)), key=lambda index: history[index]["val_auc"])
    return Lineage(
        recipe=task.recipe.name,
        started_from=_started_from(task.recipe.weights, model),
        data=train.name,
        split=task.split,
        images=len(train),
        patients=None if train.patients is None else len(set(train.patients) - {None}),
        seed=task.seed,
        epochs=len(history),
        best_epoch=best + 1,
        backend=keras.backend.backend(),
        versions=versions(),
        trained_on=also_trained_on(model.cxrzoo.lineage.trained_on, train.patients),
    )


def _started_from(weights: str | None, model: keras.Model) -> str | None:
    """Name what a run started from; of a path the last name only, for the rest is private."""
    if is_backbone_file(weights):
        name: str | None = model.cxrzoo.lineage.started_from
        return name
    return Path(weights).name if weights is not None and Path(weights).is_dir() else weights
