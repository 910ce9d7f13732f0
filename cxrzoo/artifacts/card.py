"""The model card: README.md of a published model, in the Hugging Face Hub's own form.

Every figure in it comes from the report and from the description; none is typed.
"""

from collections.abc import Iterator

from cxrzoo.artifacts.card_metadata import card_metadata
from cxrzoo.evaluation import Report
from cxrzoo.pretrained import Lineage, ModelConfig

__all__ = ["model_card"]

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
    """Gives README.md of a model that is published.

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
        f"{len(config.labels)} labels: {', '.join(config.labels)}."
    )
    blocks = [
        f"---\n{card_metadata(config, report, name=name).strip()}\n---",
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
        f"## Licence\n\n{config.licence}, for the weights.",
    ]
    return "\n\n".join(blocks) + "\n"


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
    rows = [f"| {title} | {_cell(value)} |" for title, value in facts]
    if not rows:
        return "The description says nothing of how these weights came to be."
    return "\n".join(["| | |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
