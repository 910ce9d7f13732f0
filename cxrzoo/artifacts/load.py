"""From a published model to a ``keras.Model``, to its report, or to a directory of one's own."""

from pathlib import Path

import keras

from cxrzoo.artifacts.directory import new_directory, replaceable
from cxrzoo.artifacts.selfcheck import require_golden
from cxrzoo.errors import ArtifactError, ConfigError
from cxrzoo.evaluation.report.report import Report, report_of
from cxrzoo.files import write_whole
from cxrzoo.models import build_artifact
from cxrzoo.pretrained import Artifact, open_artifact
from cxrzoo.pretrained.source import CARD_FILE, GOLDEN_FILE, REPORT_FILE
from cxrzoo.strict_json import MAX_BYTES, parse_object
from cxrzoo.typed import check_arguments


def from_pretrained(
    uri: str | Path, *, token: str | None = None, verify: bool = False
) -> keras.Model:
    """Load a published model: the architecture from its description, the weights from its tensors.

    Only ``cxrzoo.json``, ``model.safetensors`` and, to verify, ``golden.safetensors`` are read; none
    can hold code. The load is all or nothing.

    Args:
        uri: a name of the catalog such as ``"nih-mini"``, ``"hf://org/name@revision"``, or a
            directory that :func:`cxrzoo.save_pretrained` wrote. Catalog files are held to pinned
            hashes at every load.
        token: for private and gated repositories of the Hugging Face Hub.
        verify: also compute its golden vectors here, and refuse a model that gives others.

    Returns:
        A plain ``keras.Model`` whose ``cxrzoo`` attribute is its :class:`~cxrzoo.pretrained.ModelConfig`.

    Raises:
        ArtifactNotFoundError: there is no such model, or one of its files is missing.
        HubError: the Hub refused, or cannot be reached.
        IntegrityError: a file is not what was pinned, or the golden vectors come out otherwise.
        ConfigError: ``cxrzoo.json`` breaks its format.
        TensorError: a tensor is missing, extra, misshapen, of the wrong type or not finite.
        ModelError: the description makes no model.
    """
    check_arguments(from_pretrained, locals(), ArtifactError)
    artifact = open_artifact(uri, token=token)
    model = build_artifact(artifact)
    if verify:
        require_golden(model, artifact)
    return model


def read_report(artifact: Artifact) -> Report | None:
    """Return a model's report, or None if it has none.

    Raises:
        ConfigError: ``report.json`` is larger than 4 MiB or no strict JSON object.
        EvaluationError: it is no report.
        IntegrityError: it is not what was pinned.
    """
    if REPORT_FILE not in artifact.files:
        return None
    raw = artifact.read(REPORT_FILE, MAX_BYTES)
    source = f"{artifact.uri}: {REPORT_FILE}"
    return report_of(parse_object(raw, source=source, error=ConfigError))


def pull(uri: str, directory: str | Path, *, token: str | None = None) -> Artifact:
    """Copy a published model into a directory, after it was loaded and checked.

    Args:
        uri: a name of the catalog, or ``"hf://org/name@revision"``.
        directory: where to; the files of an earlier model there are replaced as a whole. What else is
            in it, such as a folder ``.git``, stays.
        token: for private and gated repositories.

    Returns:
        What was copied, and from which commit. Keras's own files are left where they are: nothing
        has checked them.

    Raises:
        CxrZooError: it cannot be had, or does not load, or does not reproduce its golden vectors; the
            directory is then as it was.
    """
    check_arguments(pull, locals(), ArtifactError)
    replaceable(Path(directory).expanduser())  # before anything is fetched
    artifact = open_artifact(uri, token=token, documents=True)
    model = build_artifact(artifact)
    if GOLDEN_FILE in artifact.files:
        require_golden(model, artifact)
    read_report(artifact)
    with new_directory(directory, card=CARD_FILE in artifact.files) as beside:
        for name in artifact.files:
            write_whole(beside / name, artifact.read(name))
    return artifact
