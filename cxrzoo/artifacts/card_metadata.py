"""The head of a model card: what the Hugging Face Hub indexes, as its YAML."""

import re
from math import isfinite
from typing import Final

from cxrzoo.evaluation import Average, Report
from cxrzoo.pretrained import ModelConfig

__all__ = ["card_metadata", "hub_licence"]

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


def card_metadata(config: ModelConfig, report: Report | None, *, name: str) -> str:
    """Gives the YAML that stands between the dashes at the head of a card."""
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
    """Gives the Hub's own spelling of an SPDX identifier, or ``other`` and a name."""
    plain = re.sub(r"-(only|or-later)$", "", spdx.lower())
    return (plain, None) if plain in _HUB_LICENCES else ("other", _slug(spdx))


def _metrics(report: Report) -> list[tuple[str, str, float]]:
    """Type, title and value of every figure that is defined, macro first."""
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
