"""The report that lies beside a model: as strict as its description."""

from cxrzoo.errors import ConfigError
from cxrzoo.evaluation import Report
from cxrzoo.evaluation.report.schema import report_of
from cxrzoo.pretrained import Artifact
from cxrzoo.pretrained.source import REPORT_FILE
from cxrzoo.strict_json import MAX_BYTES, parse_object

__all__ = ["read_report"]


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
    return report_of(Report, parse_object(raw, source=source, error=ConfigError))
