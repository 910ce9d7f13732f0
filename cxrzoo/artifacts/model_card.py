"""The model card: README.md of a published model, in the Hugging Face Hub's own form.

Every figure in it comes from the report and from the description; none is typed.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Final

from cxrzoo.evaluation import Average, Report
from cxrzoo.pretrained import Lineage, ModelConfig
from cxrzoo.text import for_markdown

# Those of https://huggingface.co/docs/hub/repositories-licenses that are an SPDX identifier in lower
# case and fit weights; every other licence is 'other' and has a name there.
_HUB_LICENCES: Final = (
    *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "mpl-2.0", "cc0-1.0", "unlicense"),
    *("gpl-2.0", "gpl-3.0", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "eupl-1.2"),
    *("cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0"),
    *("cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0"),
    *("cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0"),
    *("cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"),
)

_USE = """## Use

```python
from cxrzoo import from_pretrained
model = from_pretrained("{address}")
```

`model` is a plain `keras.Model` for TensorFlow, JAX or PyTorch. It takes grey values from 0 to 255 of
shape `(batch, {shape})` and scales them itself; in training, images of another shape were
{made_fit}. `model.cxrzoo` has its labels and its lineage.
`cxrzoo selfcheck {address}` computes its golden vectors on your machine."""

_WITHOUT = """Without cxrzoo: `keras.saving.load_model("{address}")` gives the same model. (Keras then
deserialises a configuration and an HDF5 file; cxrzoo reads JSON and safetensors only.)"""

_MADE_FIT = {
    "stretch": "stretched to it",
    "pad": "centred on black, as large as fits",
    "crop": "cropped to it",
}

_INTENDED = """## Intended use

Research and teaching on chest X-rays: comparing models, transfer, and studying how they fail.
**Not a medical device.** Not for diagnosis, triage, a second reading or anything else in the care of a
patient. Nobody has tested it for that."""

_LIMITS = """## Limits

- Scores rank images; they are no probabilities of disease where prevalence differs from that of
  the training data.
- Labels that were mined from reports are wrong at times, and the model learned that too.
- It knows frontal chest X-rays like those it was trained on. Other hospitals, devices and patients are
  outside, and so is any finding that is not among its labels. It scores images that are no chest X-rays.
- It can read the view, the age or a tube in place of a finding. Measure it on your own data, by
  patient."""

_GOLDEN = """## Golden vectors

`golden.safetensors` holds a few X-rays, made smaller, of
[NIH ChestX-ray14](https://nihcc.app.box.com/v/ChestXray-NIHCC) (Wang et al., "ChestX-ray8: Hospital-scale
Chest X-ray Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax
Diseases", CVPR 2017), and what this model gives them. The NIH Clinical Center provided the data."""


def model_card(config: ModelConfig, report: Report | None, *, address: str) -> str:
    """Return README.md of a model that is published.

    Args:
        config: its description.
        report: its evaluation; without one the card says that there is none.
        address: what ``from_pretrained`` takes: ``"hf://organisation/name"``, or the name of weights that
            ship in the package.
    """
    name = address.rpartition("/")[2]
    head = (
        f"# {name}\n\n"
        f"`{config.builder}` of cxrzoo: a Keras 3 model that gives a chest X-ray one score for each of "
        f"{len(config.labels)} labels: {for_markdown(', '.join(config.labels))}."
    )
    blocks = [
        f"---\n{_metadata(config, report, name=name).strip()}\n---",
        head,
        _USE.format(
            address=address,
            shape=", ".join(map(str, config.image_spec.shape)),
            made_fit=_MADE_FIT[config.aspect],
        ),
        *([_WITHOUT.format(address=address)] if address.startswith("hf://") else []),
        _INTENDED,
        _LIMITS,
        "## Training\n\n" + _table(_facts(config.lineage)),
        "## Evaluation\n\n" + _evaluation(report),
        _GOLDEN,
        f"## Licence\n\n{for_markdown(str(config.licence))}, for the weights.",
    ]
    return "\n\n".join(blocks) + "\n"


def _metadata(config: ModelConfig, report: Report | None, *, name: str) -> str:
    """Return what the Hub indexes: the YAML that stands between the dashes at the head of a card."""
    from huggingface_hub import EvalResult, ModelCardData  # noqa: PLC0415 - only to publish

    licence, licence_name = hub_licence(config.licence or "")
    data = config.lineage.data
    results = []
    if report is not None:
        for metric, title, value in _metrics(report):
            results.append(
                EvalResult(
                    task_type="image-classification",
                    dataset_type=_slug(report.data or "unnamed"),
                    dataset_name=report.data or "unnamed",
                    dataset_config=report.split,
                    dataset_split=report.part,
                    metric_type=metric,
                    metric_name=title,
                    metric_value=value,
                )
            )
    metadata = ModelCardData(
        license=licence,
        license_name=licence_name,
        library_name="keras",
        pipeline_tag="image-classification",
        tags=["cxrzoo", "chest-x-ray", "medical", "multi-label", config.builder],
        datasets=[_slug(data)] if data else None,
        metrics=["roc_auc"] if results else None,
        model_name=name if results else None,
        eval_results=results or None,
    )
    return str(metadata.to_yaml())


def hub_licence(spdx: str) -> tuple[str, str | None]:
    """Return the Hub's own spelling of an SPDX identifier, or ``other`` and a name."""
    plain = re.sub(r"-(only|or-later)$", "", spdx.lower())
    return (plain, None) if plain in _HUB_LICENCES else ("other", _slug(spdx))


def _metrics(report: Report) -> list[tuple[str, str, float]]:
    """Return type, title and value of every figure that is defined, macro first."""
    averages: list[tuple[str, Average | None]] = [
        ("macro", report.macro),
        ("macro, 14 findings", report.macro_findings),
        ("micro", report.micro),
    ]
    found = []
    for title, average in averages:
        if average is not None:
            found.append(("roc_auc", f"ROC AUC ({title})", average.roc_auc))
            found.append(
                ("average_precision", f"average precision ({title})", average.average_precision)
            )
    found += [("roc_auc", f"ROC AUC ({row.label})", row.roc_auc) for row in report.rows]
    return [metric for metric in found if isfinite(metric[2])]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "unnamed"


def _evaluation(report: Report | None) -> str:
    if report is None:
        return "Nobody has measured this model yet, or the report was not published with it."
    return (
        f"{report.to_markdown(details=False).strip()}\n\n"
        "`report.json` has all figures, with those by view, sex and age where the data have them."
    )


def _facts(lineage: Lineage) -> Iterator[tuple[str, str]]:
    for title, value in (
        ("recipe", lineage.recipe),
        ("started from", lineage.started_from),
        ("data", lineage.data),
        ("split", lineage.split),
        ("images", lineage.images),
        ("patients", lineage.patients),
        ("seed", lineage.seed),
        ("epochs run", lineage.epochs),
        ("epoch that was kept", lineage.best_epoch),
        ("backend", lineage.backend),
    ):
        if value is not None:
            yield title, f"{value:,}" if title in {"images", "patients"} else str(value)
    for patients in lineage.trained_on:
        yield "hash of a patient set", f"`{patients.salt.hex()}` ({len(patients):,} patients)"
    if lineage.versions:
        yield "versions", ", ".join(f"{name} {value}" for name, value in lineage.versions.items())


def _table(facts: Iterator[tuple[str, str]]) -> str:
    rows = [f"| {title} | {for_markdown(' '.join(value.split()))} |" for title, value in facts]
    if not rows:
        return "The description says nothing of how these weights came to be."
    return "\n".join(["| | |", "| --- | --- |", *rows])
