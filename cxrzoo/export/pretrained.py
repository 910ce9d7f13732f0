"""From a published model to a file of another runtime."""

from pathlib import Path

from cxrzoo.export.write import Exported, export_model
from cxrzoo.models import build_artifact, building_in
from cxrzoo.pretrained import open_artifact
from cxrzoo.pretrained.source import GOLDEN_FILE

__all__ = ["export_pretrained"]


def export_pretrained(
    uri: str | Path,
    path: str | Path,
    *,
    format: str,  # noqa: A002 - as export_model has it
    token: str | None = None,
) -> Exported:
    """Export a published model, held to the golden vectors it was published with.

    A model without them is held to what it computes here, as :func:`cxrzoo.export_model` does.

    Args:
        uri: as :func:`cxrzoo.from_pretrained` takes it.
        path: as :func:`cxrzoo.export_model` takes it.
        format: as :func:`cxrzoo.export_model` takes it.
        token: for private and gated repositories.

    Raises:
        CxrZooError: the model cannot be loaded or cannot be exported.
    """
    artifact = open_artifact(uri, token=token)
    with building_in("float32"):
        model = build_artifact(artifact)
    golden = None
    if GOLDEN_FILE in artifact.files:
        golden = artifact.golden(tuple(model.input_shape[1:]), tuple(model.output_shape[1:]))
    return export_model(model, path, format=format, golden=golden)
