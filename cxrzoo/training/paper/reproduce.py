"""The paper's rows, run on a data set and measured on its test part.

Source of the figures: Brako and Moncrief, section 4. Each row and seed is an ordinary run of
:func:`~cxrzoo.training.run.train` in a folder of its own, so that a stopped reproduction goes on where
it was, and what is finished is not trained again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from rich.console import Console

from cxrzoo.artifacts import save_pretrained
from cxrzoo.artifacts.save import versions
from cxrzoo.budget import MAX_FILE_BYTES
from cxrzoo.data import Records, Split, cached_pack, concat
from cxrzoo.errors import DivergedError, TrainingError, WeightsUnavailableError
from cxrzoo.evaluation import Report
from cxrzoo.files import write_whole
from cxrzoo.inference import evaluate
from cxrzoo.lazy import renamed_arguments
from cxrzoo.models import create_model, is_backbone_file
from cxrzoo.opened import given_path, read_file
from cxrzoo.sizes import LARGEST_SEED, check_whole
from cxrzoo.text import shown
from cxrzoo.training.folder import fingerprint, holds_something
from cxrzoo.training.paper.rows import PAPER_ROWS
from cxrzoo.training.paper.table import Outcome, Part, Reproduction
from cxrzoo.training.parts import batches_of
from cxrzoo.training.progress import say
from cxrzoo.training.recipe import Recipe, find_recipe
from cxrzoo.training.run import Run, train
from cxrzoo.typed import check_arguments, require_kind

_RESULT: Final = "reproduce.json"


@renamed_arguments(trunk="backbone")
def reproduce_paper(
    parts: Split,
    output: str | Path,
    *,
    rows: Sequence[str] = PAPER_ROWS,
    seeds: Sequence[int] = (0, 1, 2),
    backbone: str = "imagenet",
    image_size: int = 224,
    cache: str | Path | None = None,
    console: Console | None = None,
) -> Reproduction:
    """Run the paper's rows, seed by seed, and measure each on the test part.

    Learning rates, epochs, batch size and dropout are the paper's. ``reproduce.json`` and
    ``reproduce.md`` are written after every run, so a stopped reproduction leaves the table so far;
    the same call goes on.

    Args:
        parts: a split of the data. Where patients stand in two parts, as in ``split("paper")``, the
            result says how many.
        output: a directory that is new, empty, or of an earlier reproduction.
        rows: names of :data:`PAPER_ROWS`.
        seeds: each row is run once a seed.
        backbone: what the MobileNet rows start from: ``"imagenet"`` as in the paper, ``"none"`` (random
            weights), a backbone's ``"FILE.safetensors"``, or a published model such as ``"nih-mini"``,
            whose backbone is taken and whose head is not.
        image_size: side of the input in pixels; the paper's is 224.
        cache: a directory for the decoded images (:func:`cxrzoo.pack`).
        console: where progress goes; standard error by default.

    Raises:
        TrainingError: a row is none of the paper's, or the output holds something else.
        WeightsUnavailableError: the ImageNet weights cannot be had.
    """
    check_arguments(reproduce_paper, locals(), TrainingError)
    output = given_path(output, TrainingError)
    recipes = [_recipe(row, image_size) for row in dict.fromkeys(_rows(rows))]
    seeds = tuple(seeds)
    for seed in seeds:
        check_whole("seeds", seed, 0, most=LARGEST_SEED, error=TrainingError)
    seeds = tuple(dict.fromkeys(int(seed) for seed in seeds))
    if not recipes or not seeds:
        raise TrainingError(
            "rows and seeds must name one each at the least; there is nothing to run."
        )
    for part in ("train", "validation", "test"):
        if not len(getattr(parts, part)):
            raise TrainingError(f"the {part} part is empty; the rows need all three parts.")
    _refuse_other(output)
    start = _start(recipes, backbone)
    if not (output / _RESULT).exists():  # the table so far stays until there is a new one
        write_whole(output / _RESULT, "{}\n")
    weights = start.weights
    if start.headless is not None:
        # A reproduction that was begun when backbones were called trunks goes on from its own folder.
        begun = (output / "trunk").is_dir()
        weights = str(output / ("trunk" if begun else "backbone"))
        if not Path(weights).exists():
            save_pretrained(start.headless, weights)
    console = console or Console(stderr=True)
    result = _describe(parts, recipes, seeds=seeds, started_from=start.name)
    if cache is not None:  # one pack of all three parts, of which every run takes its own
        every = concat(parts.train, parts.validation, parts.test)
        cached_pack(every, cache, image_spec=recipes[0].image_spec)
    planned = [(recipe, seed) for seed in seeds for recipe in recipes]
    for count, (recipe, seed) in enumerate(planned, 1):
        say(console, f"{recipe.name}, seed {seed} ({count} of {len(planned)})")
        chosen = recipe if recipe.weights is None else replace(recipe, weights=weights)
        directory = output / recipe.name / f"seed-{seed}"
        outcome = _outcome(chosen, parts, directory, seed=seed, cache=cache, console=console)
        result = replace(result, outcomes=(*result.outcomes, outcome))
        write_whole(output / "reproduce.md", result.to_markdown())
        write_whole(output / _RESULT, result.to_json())
    return result


def _rows(rows: Sequence[str]) -> list[str]:
    listed = list(rows)
    for row in listed:
        require_kind("rows", row, str, f"some of {', '.join(PAPER_ROWS)}", TrainingError)
    return listed


def _recipe(row: str, image_size: int) -> Recipe:
    if row not in PAPER_ROWS:
        raise TrainingError(
            f"there is no row {shown(row)} in the paper; there are {', '.join(PAPER_ROWS)}."
        )
    return replace(find_recipe(row), image_size=image_size)


def _refuse_other(output: Path) -> None:
    if not (output / _RESULT).exists() and holds_something(output, _RESULT):
        raise TrainingError(
            f"{output} exists and holds no reproduction; it is left as it is. "
            "Choose an output directory that is new or empty."
        )


@dataclass(frozen=True, slots=True)
class _Start:
    """What the MobileNet rows start from: its name in words, and weights or a model without a head."""

    name: str | None = None
    weights: str | None = None
    headless: keras.Model | None = None


def _start(recipes: Sequence[Recipe], backbone: str) -> _Start:
    """Find what the MobileNet rows start from, so that a wrong name ends before any training."""
    pretrained = [recipe for recipe in recipes if recipe.weights is not None]
    if not pretrained:
        return _Start()
    if backbone == "none":
        return _Start("random weights")
    recipe = pretrained[0]
    shape = recipe.image_spec.shape
    bare = backbone != "imagenet" and not is_backbone_file(backbone)
    arguments: dict[str, Any] = {"include_top": False} if bare else {}
    try:
        model = create_model(recipe.builder, input_shape=shape, weights=backbone, **arguments)
    except WeightsUnavailableError as error:
        raise WeightsUnavailableError(
            f"{error.marked} The MobileNet rows can start from something else: name it with --backbone, "
            "a FILE.safetensors of MobileNet's weights, nih-mini or none."
        ) from error
    if bare:
        name = Path(backbone).name if Path(backbone).is_dir() else backbone
        return _Start(f"the backbone of {name}", headless=model)
    return _Start(model.cxrzoo.lineage.started_from, weights=backbone)


def _describe(
    parts: Split, recipes: Sequence[Recipe], *, seeds: tuple[int, ...], started_from: str | None
) -> Reproduction:
    recipe = recipes[0]
    return Reproduction(
        data=parts.train.name,
        split=parts.name,
        split_seed=parts.seed,
        parts={name: _part(getattr(parts, name)) for name in ("train", "validation", "test")},
        leaking_test_images=parts.train.leakage(parts.test).images,
        started_from=started_from,
        seeds=seeds,
        image_size=recipe.image_size,
        batch_size=recipe.batch_size,
        steps=ceil(len(parts.train) / recipe.batch_size),
        backend=keras.backend.backend(),
        versions=versions(),
        rows=tuple(recipe.name for recipe in recipes),
    )


def _part(records: Records) -> Part:
    known = None if records.patients is None else len(set(records.patients) - {None})
    return Part(images=len(records), patients=known)


def _outcome(
    recipe: Recipe,
    parts: Split,
    directory: Path,
    *,
    seed: int,
    cache: str | Path | None,
    console: Console,
) -> Outcome:
    planned = Outcome(row=recipe.name, seed=seed)
    try:
        run = train(
            recipe,
            parts.train,
            parts.validation,
            directory,
            seed=seed,
            split=parts.name,
            allow_leakage=True,  # the table says how many test images leak
            cache=cache,
            console=console,
        )
    except DivergedError as error:
        return replace(planned, failure=str(error).partition(":")[0])
    measured = _measured(run, parts, directory / "test.json", cache)
    report = Report.from_json(json.dumps(measured["report"]))
    lineage = run.model.cxrzoo.lineage
    return replace(
        planned,
        epochs=lineage.epochs,
        best_epoch=lineage.best_epoch,
        loss=tuple(epoch["loss"] for epoch in run.history),
        val_auc=tuple(epoch["val_auc"] for epoch in run.history),
        accuracy=report.accuracy,
        all_negative_accuracy=report.all_negative_accuracy,
        macro_auc=report.macro.roc_auc,
        macro_auc_low=report.macro.roc_auc_interval.low,
        macro_auc_high=report.macro.roc_auc_interval.high,
        above_half=measured["above_half"] if "above_half" in measured else measured["said_yes"],
        labels_measured=len(report.macro.labels),
        undefined=report.undefined,
        constant=measured["constant"],
    )


def _measured(run: Run, parts: Split, path: Path, cache: str | Path | None) -> dict[str, Any]:
    """Return the test part's report and what else its scores show; kept in a file."""
    part = {"images": len(parts.test), "sha256": fingerprint(parts.test)}
    if path.exists():
        found: dict[str, Any] = json.loads(read_file(path, MAX_FILE_BYTES, TrainingError))
        if found["part"] == part:
            return found
    batches = batches_of(parts.test, run.recipe, cache)
    report = evaluate(run.model, batches, name=run.recipe.name, split=parts.name, part="test")
    y_score = report.require_scored().y_score
    constant = {
        label: float(scores[0])
        for label, scores in zip(report.labels, y_score.T, strict=True)
        if np.ptp(scores) == 0
    }
    found = {
        "part": part,
        "report": json.loads(report.to_json()),
        "above_half": float(np.mean(y_score > 0.5)),
        "constant": constant,
    }
    write_whole(path, json.dumps(found, indent=2) + "\n")
    return found
