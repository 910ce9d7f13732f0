"""A published model as a directory of one's own."""

from pathlib import Path

from cxrzoo.artifacts.directory import new_directory
from cxrzoo.artifacts.load import read_report
from cxrzoo.artifacts.selfcheck import require_golden
from cxrzoo.models import build_artifact
from cxrzoo.pretrained import Artifact, open_artifact
from cxrzoo.pretrained.source import GOLDEN_FILE

__all__ = ["pull"]


def pull(uri: str, directory: str | Path, *, token: str | None = None) -> Artifact:
    """Copy a published model into a directory, after it was loaded and checked.

    Args:
        uri: a name of the catalog, or ``"hf://org/name@revision"``.
        directory: where to; an earlier model there is replaced as a whole.
        token: for private and gated repositories.

    Returns:
        What was copied, and from which commit. Keras's own files are left where they are: nothing
        has checked them.

    Raises:
        CxrZooError: it cannot be had, or does not load, or does not reproduce its golden vectors; the
            directory is then as it was.
    """
    artifact = open_artifact(uri, token=token, documents=True)
    model = build_artifact(artifact)
    if GOLDEN_FILE in artifact.files:
        require_golden(model, artifact)
    read_report(artifact)
    with new_directory(directory) as beside:
        for name in artifact.files:
            (beside / name).write_bytes(artifact.read(name))
    return artifact
