"""Images that could not be read, as a list that a person can work through."""

import csv
import io
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from cxrzoo.files import write_whole


def write_quarantine(path: str | PathLike[str], failures: Sequence[tuple[str, str]]) -> Path:
    """Write the CSV of images that were set aside: columns ``image`` and ``reason``, one row each.

    It is written whole or not at all, and with no failures it holds the header alone, so that a list
    of an earlier run never stands for this one.

    Args:
        path: where to write it.
        failures: an ``(image, reason)`` for each.

    Returns:
        The file that was written.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("image", "reason"))
    rows.writerows(failures)
    return write_whole(path, text.getvalue())
