"""``cxrzoo evaluate``: a model on images, or a predictions file of any origin."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from cxrzoo.cli.cases import CasesAsked
from cxrzoo.cli.options import DataArguments, data_options, goes_with, refuse
from cxrzoo.cli.terminal import say
from cxrzoo.errors import LabelError, LeakageError, MissingExtraError
from cxrzoo.files import write_whole
from cxrzoo.heatmaps.methods import METHODS

if TYPE_CHECKING:
    from cxrzoo.data import ExpertReads, Records
    from cxrzoo.evaluation import ExpertReport, MetadataBaseline, Report, Thresholds
    from cxrzoo.heatmaps.methods import Method
    from cxrzoo.inference import Scorer

# Of no use with --predictions: what names images, and what a model is needed for.
_OF_IMAGES: Final = (
    "data", "dataset", "dataset_option", "csv", "sample", "images", "label_column", "labels", "split",
)  # fmt: skip
_OF_MODELS: Final = ("choose_thresholds", "target", "strict")


@click.command()
@click.option(
    "--model",
    "-m",
    metavar="MODEL",
    help="A release, hf://org/name or a directory, measured on images.",
)
@data_options()
@click.option(
    "--part",
    type=click.Choice(["test", "validation", "train", "all"]),
    default="test",
    help="Part of the split that is measured; 'all' splits nothing.",
)
@click.option(
    "--choose-thresholds",
    type=click.Choice(["youden", "sensitivity", "specificity", "ppv"]),
    help="Choose decision thresholds on the validation part.",
)
@click.option("--target", type=float, help="What --choose-thresholds has to reach, as 0.9.")
@click.option("--batch-size", type=click.IntRange(1), default=64, help="Images at a time.")
@click.option(
    "--strict", is_flag=True, help="Refuse to measure a model on patients that it was trained on."
)
@click.option("--predictions", metavar="FILE", help="A CSV of scores, measured instead of a model.")
@click.option("--truth", metavar="FILE", help="With --predictions: NIH's CSV, or one of 0 and 1.")
@click.option(
    "--derive-no-finding",
    is_flag=True,
    help="With --predictions: where they lack 'No Finding', take 1 minus the highest finding.",
)
@click.option(
    "--groups",
    type=click.Choice(["patient", "image"]),
    default="patient",
    help="What the intervals resample.",
)
@click.option("--bootstrap", type=click.IntRange(0), default=1000, help="Replicates.")
@click.option("--seed", default=0, help="Seed of the replicates.")
@click.option(
    "--interval",
    type=click.Choice(["bootstrap", "delong"]),
    default="bootstrap",
    help="Interval of each label's AUC.",
)
@click.option(
    "--experts",
    metavar="DIR",
    help="Folder with the tables of the five radiologists: sets the model beside them on their images.",
)
@click.option(
    "--cases",
    type=click.IntRange(1, 50),
    metavar="N",
    help="With --output: cases.html, for each label the N highest-scored negatives, lowest-scored and "
    "surest positives, by file name and score.",
)
@click.option(
    "--case-images",
    is_flag=True,
    help="With --cases: embed the pictures and their heat maps in cases.html.",
)
@click.option(
    "--case-method",
    type=click.Choice(list(METHODS)),
    help="With --case-images: how heat maps are made; default: grad-cam.",
)
@click.option(
    "--output",
    "-o",
    metavar="DIR",
    help="Write report.json, .csv, .md, .html and roc.png here, and with --experts experts.*.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    *,
    source: DataArguments,
    model: str | None,
    predictions: str | None,
    truth: str | None,
    derive_no_finding: bool,
    groups: Literal["patient", "image"],
    bootstrap: int,
    seed: int,
    interval: Literal["bootstrap", "delong"],
    experts: str | None,
    cases: int | None,
    case_images: bool,
    case_method: "Method | None",
    output: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure a model on images, or a predictions file: exact AUCs with intervals beside baselines."""
    measured: dict[str, Any] = {"n_bootstrap": bootstrap, "seed": seed, "interval": interval}
    if (model is None) == (predictions is None):
        raise click.UsageError("name what is measured: --model DIR or --predictions FILE.")
    asked = CasesAsked(cases, case_images, case_method)
    if model is not None:
        own = {"--truth": truth, "--derive-no-finding": derive_no_finding}
        refuse(
            *goes_with("--predictions", [name for name, value in own.items() if value]),
            *asked.misused(output),
        )
        reads = None if experts is None else _reads(experts)
        report = _of_model(model, source, asked, groups=groups, measured=measured, **options)
    else:
        of_model = source.given(*_OF_IMAGES)
        of_model += [f"--{name.replace('_', '-')}" for name in _OF_MODELS if options[name]]
        of_model += ["--case-images"] if case_images else []
        needs = ["--predictions needs --truth FILE"] if truth is None else []
        refuse(*needs, *goes_with("--model", of_model), *asked.misused(output))
        reads = None if experts is None else _reads(experts)
        from cxrzoo.evaluation import evaluate_predictions

        report = evaluate_predictions(
            str(predictions),
            str(truth),
            groups=groups,
            derive_no_finding=derive_no_finding,
            image_column=source.image_column,
            patient_column=source.patient_column,
            cell_values=source.cell_values(),
            **measured,
        )
    beside = None if reads is None else _beside(report, reads, n_bootstrap=bootstrap, seed=seed)
    if output is not None:
        write_report(report, Path(output))
        if beside is not None:
            _write_beside(beside, Path(output))
        asked.write(report, Path(output))
    if as_json:
        content = json.loads(report.to_json())
        if beside is not None:
            content["experts"] = json.loads(beside.to_json())
        say(json.dumps(content, indent=2))
    else:
        say(report.to_markdown())
        if beside is not None:
            say("\n" + beside.to_markdown(details=False))


def write_report(report: "Report", directory: Path) -> None:
    """Write a report in every form; without matplotlib the plot is left out, with a line."""
    report.to_json(directory / "report.json")
    report.to_csv(directory / "report.csv")
    write_whole(directory / "report.md", report.to_markdown())
    from cxrzoo.evaluation import plot_roc, write_html

    write_html(report, directory / "report.html")
    try:
        plot_roc(report, directory / "roc.png")
    except MissingExtraError as error:
        say(f"no roc.png: {error}", err=True)


def _reads(folder: str) -> "ExpertReads":
    from cxrzoo.data import read_expert_reads

    return read_expert_reads(folder)


def _beside(report: "Report", reads: "ExpertReads", **options: Any) -> "ExpertReport":
    from cxrzoo.evaluation import expert_report

    return expert_report(report, reads, **options)


def _write_beside(report: "ExpertReport", directory: Path) -> None:
    """Write a report on radiologists as experts.json, .md and .html."""
    from cxrzoo.evaluation import write_expert_html

    report.to_json(directory / "experts.json")
    write_whole(directory / "experts.md", report.to_markdown())
    write_expert_html(report, directory / "experts.html")


def _of_model(
    model: str,
    source: DataArguments,
    asked: CasesAsked,
    *,
    groups: str,
    measured: dict[str, Any],
    part: str,
    choose_thresholds: Literal["youden", "sensitivity", "specificity", "ppv"] | None,
    target: float | None,
    batch_size: int,
    strict: bool,
) -> "Report":
    records = source.read()
    parts = None
    if part != "all":
        parts = source.part(records)
        records = getattr(parts, part)
    from cxrzoo.cli.keras_quietly import import_keras
    from cxrzoo.inference import Scorer, evaluate
    from cxrzoo.inference.evaluating import leakage_message, trained_on

    scorer = Scorer(model, "keras")
    shared, left_out = _shared_labels(scorer, records)
    config, patients = scorer.config, records.patients
    import_keras()
    if strict and patients is not None and (seen := trained_on(scorer.model, patients)):
        raise LeakageError(leakage_message(seen, patients)).of(seen)
    asked.prepare(scorer.model, shared, records)
    if choose_thresholds is not None:
        if parts is None or part == "validation":
            raise click.UsageError("thresholds are chosen on the validation part: measure another.")
        batches = _batches(scorer, parts.validation.relabel(shared), batch_size)
        measured["thresholds"] = _thresholds(scorer, batches, choose_thresholds, target)
    if parts is not None and part != "train":
        measured["metadata_baseline"] = _metadata_baseline(parts.train.relabel(shared))
    report = evaluate(
        scorer,
        _batches(scorer, records.relabel(shared), batch_size),
        groups=range(len(records)) if groups == "image" else None,
        name=config.lineage.recipe or config.builder,
        split=None if parts is None else parts.name,
        part=part,
        **measured,
    )
    return replace(report, unmatched_truth=left_out)


def _shared_labels(scorer: "Scorer", records: "Records") -> tuple[list[str], tuple[str, ...]]:
    """Return the model's labels that the data have, in its order, and those that only the data have."""
    from cxrzoo.labels import match_labels

    found = match_labels(scorer.labels, records.labels, where=repr(records.name))
    if not found:
        raise LabelError(
            f"{records.name!r} and the model have no label in common: the data have "
            f"{', '.join(records.labels)}; the model has {', '.join(scorer.labels)}"
        )
    return list(found), tuple(name for name in records.labels if name not in found.values())


def _thresholds(scorer: "Scorer", batches: Any, method: Any, target: float | None) -> "Thresholds":
    from cxrzoo.evaluation import choose_thresholds
    from cxrzoo.inference import evaluate

    scored = evaluate(scorer, batches, n_bootstrap=0).require_scored()
    return choose_thresholds(
        scored.y_true,
        scored.y_score,
        labels=scored.labels,
        part="validation",
        method=method,
        target=target,
    )


def _metadata_baseline(train: "Records") -> "MetadataBaseline | None":
    from cxrzoo.evaluation import fit_metadata_baseline

    if not set(train.metadata) & {"age", "sex", "view"}:
        return None
    return fit_metadata_baseline(train.metadata, train.targets, labels=train.labels)


def _batches(scorer: "Scorer", records: "Records", batch_size: int) -> Any:
    return records.dataset(image_spec=scorer.image_spec, batch_size=batch_size)
