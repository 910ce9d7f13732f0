"""From a model, or its directory, to a repository of the Hugging Face Hub."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import keras

from cxrzoo.artifacts.load import read_report
from cxrzoo.artifacts.model_card import model_card
from cxrzoo.artifacts.save import save_pretrained
from cxrzoo.artifacts.selfcheck import require_golden
from cxrzoo.errors import ArtifactError, either
from cxrzoo.evaluation import Report
from cxrzoo.files import write_whole
from cxrzoo.models import build_artifact, building_in
from cxrzoo.opened import given_path
from cxrzoo.pretrained import ModelConfig, config_of, config_to_json, open_artifact
from cxrzoo.pretrained.hub_address import HubAddress
from cxrzoo.pretrained.source import CARD_FILE, CONFIG_FILE, KNOWN_FILES
from cxrzoo.strict_json import dump
from cxrzoo.typed import check_arguments, check_fields

_VARYING: Final = frozenset({"date_saved", "shared_object_id"})
"""What Keras writes anew each time: the date, and memory addresses that it reads a model without."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A model that was published.

    Attributes:
        uri: the address that will always mean these files: ``hf://organisation/name@commit``.
        commit: the commit.
        catalog_entry: what the catalog would say of it, by name; None without a report.
    """

    uri: str
    commit: str
    catalog_entry: Mapping[str, Any] | None

    def __post_init__(self) -> None:
        check_fields(self, ArtifactError)


def push_to_hub(
    model_or_directory: keras.Model | str | Path,
    repo_id: str,
    *,
    token: str | None = None,
    private: bool = False,
    revision: str | None = None,
    tag: str | None = None,
    licence: str | None = None,
) -> Publication:
    """Publish a model as one commit of a repository, which is created if need be.

    Published are the files of the format and nothing else that the directory may hold: what cxrzoo
    reads, what ``keras.saving.load_model("hf://...")`` reads, the report and the model card. A card
    (README.md) that lies in the directory is taken as it is; else one is written. Before anything is
    sent the model is loaded from these files and held against its golden vectors.

    Args:
        model_or_directory: a model of the zoo, or what :func:`cxrzoo.save_pretrained` wrote. Only a
            directory has a report.
        repo_id: ``organisation/name``.
        token: with the right to write; None uses the login that the Hub's client knows.
        private: create the repository private; one that exists must be private already.
        revision: the branch to commit to, created if need be; None is ``main``.
        tag: a new tag for the commit.
        licence: SPDX identifier of the weights' licence; None takes the one of the description.

    Returns:
        Its address and its catalog entry.

    Raises:
        ArtifactError: the model has no labels or no licence, or is not of the zoo.
        IntegrityError: it does not reproduce its golden vectors.
        HubError: the Hub refused, cannot be reached, or another publisher was faster.
    """
    check_arguments(push_to_hub, locals(), ArtifactError)
    HubAddress(repo_id, revision)
    with tempfile.TemporaryDirectory(prefix="cxrzoo-push-") as temporary:
        if isinstance(model_or_directory, keras.Model):
            described = config_of(model_or_directory, "push_to_hub", error=ArtifactError)
            _require_publishable(described, licence)
            source = save_pretrained(model_or_directory, Path(temporary) / "saved")
        else:
            source = given_path(model_or_directory, ArtifactError)
        stage = Path(temporary) / "stage"
        config, report = _staged(source, stage, repo_id=repo_id, licence=licence)
        # The Hub's client is slow to import, and not needed for what may be refused before.
        from cxrzoo.pretrained.hub_publish import publish_directory  # noqa: PLC0415

        published = publish_directory(
            stage, repo_id, token=token, private=private, revision=revision, tag=tag
        )
    hashes = {file.name: (file.sha256, file.size) for file in published.files}
    return Publication(
        uri=published.uri,
        commit=published.commit,
        catalog_entry=_catalog_entry(config, report, repo_id, published.commit, hashes),
    )


def _staged(
    source: Path, stage: Path, *, repo_id: str, licence: str | None
) -> tuple[ModelConfig, Report | None]:
    """Lay out, in a new folder, exactly what is published of a saved model, checked."""
    stage.mkdir()
    saved = open_artifact(source.resolve())
    config = _require_publishable(saved.config, licence)
    for name in saved.files:
        (stage / name).write_bytes(saved.read(name))
    write_whole(stage / CONFIG_FILE, dump(config_to_json(config)))
    report = read_report(saved)
    artifact = replace(open_artifact(stage), uri=str(source))
    with building_in("float32"):
        model = build_artifact(artifact)
    require_golden(model, artifact)
    _write_keras_files(model, stage)
    if CARD_FILE not in saved.files:
        write_whole(stage / CARD_FILE, model_card(config, report, address=f"hf://{repo_id}"))
    return config, report


def _write_keras_files(model: keras.Model, directory: Path) -> None:
    """Write what ``keras.saving.load_model("hf://...")`` reads; the same model gives the same bytes."""
    keras.saving.save_model(model, directory, zipped=False)
    for path in (directory / "config.json", directory / "metadata.json"):
        content = json.loads(path.read_text("utf-8"), object_hook=_without_varying)
        write_whole(path, json.dumps(content) + "\n")


def _without_varying(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _VARYING}


def _require_publishable(described: ModelConfig, licence: str | None) -> ModelConfig:
    if licence is not None:
        try:
            described = replace(described, licence=licence)
        except ValueError as error:
            raise ArtifactError(f"{error}.") from None
    if not described.labels:
        raise ArtifactError(
            "a model without labels is not published: nobody could tell what its outputs mean. Give it "
            f"a head{either(' with cxrzoo.replace_head(model, labels)', '')}."
        )
    if described.licence is None:
        raise ArtifactError(
            "a model without a licence is not published: nobody may use it. Name one by its SPDX "
            "identifier: "
            + either(
                "push_to_hub(..., licence='CC-BY-4.0'), or cxrzoo push --licence CC-BY-4.0",
                "as in --licence CC-BY-4.0",
            )
            + "."
        )
    return described


def _catalog_entry(
    config: ModelConfig,
    report: Report | None,
    repo_id: str,
    commit: str,
    files: Mapping[str, tuple[str, int]],
) -> Mapping[str, Any] | None:
    if report is None:
        return None
    interval = report.macro.roc_auc_interval
    pinned = [name for name in KNOWN_FILES if name in files]
    images = config.lineage.images
    entry = {
        "builder": config.builder,
        "repository": repo_id,
        "commit": commit,
        "sha256": {name: files[name][0] for name in pinned},
        "size": sum(files[name][1] for name in pinned),
        "data": (config.lineage.data or "unknown") + (f", {images:,} images" if images else ""),
        "split": ", ".join(filter(None, (report.split, report.part))) or "unknown",
        "macro_auc": round(report.macro.roc_auc, 4),
        "macro_auc_interval": [round(interval.low, 4), round(interval.high, 4)],
        "licence": config.licence,
    }
    return {repo_id.rpartition("/")[2]: entry}
