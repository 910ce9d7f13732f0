"""A CSV, plain or gzipped, as named columns of text, and the CSV of files that were set aside."""

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from cxrzoo.errors import DataNotFoundError, TableError
from cxrzoo.files import write_whole
from cxrzoo.nearest import listed, with_nearest

_T = TypeVar("_T")


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV.

    Raises:
        DataNotFoundError: there is no such file.
        TableError: the file is empty or no CSV.
    """
    with _opened(path) as rows:
        return _header(path, rows)


def read_columns(path: Path, columns: Sequence[str]) -> dict[str, list[str]]:
    """Read the named columns of a CSV, each a list of as many strings as there are rows.

    Cells are stripped of surrounding blanks; blank lines are left out.

    Raises:
        DataNotFoundError: there is no such file.
        TableError: the file is empty or no CSV, lacks columns or rows, or a row has not as many
            cells as the header.
    """
    with _opened(path) as rows:
        header = _header(path, rows)
        indices = [header.index(name) for name in _present(path, header, columns)]
        pick = itemgetter(*indices, indices[0])  # one index more: itemgetter(i) alone has no tuple
        cells: list[list[str]] = [[] for _ in indices]
        seen: dict[str, str] = {}  # equal cells share one string: a million rows stay small
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise TableError(
                    f"{path}, line {rows.line_num}: expected {len(header)} cells as in the header, "
                    f"got {len(row)}"
                )
            for column, cell in zip(cells, pick(row), strict=False):
                text = cell.strip()
                column.append(seen.setdefault(text, text))
    if not cells[0]:
        raise TableError(f"{path} has a header and no rows")
    return dict(zip(columns, cells, strict=True))


def each_once(cells: Sequence[str], read: Callable[[str], _T]) -> list[_T]:
    """Return what ``read`` makes of each cell; equal cells, of which tables are full, are read once."""
    values = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return [values[cell] for cell in cells]


def refuse_repeats(path: Path, column: str, cells: Sequence[str]) -> None:
    """Raise a TableError if a cell of this column stands in it twice."""
    extra = len(cells) - len(set(cells))
    if extra:
        name, times = Counter(cells).most_common(1)[0]
        raise TableError(
            f"{path}: {extra:,} of {len(cells):,} rows repeat an image named before in column "
            f"{column!r} ({name!r} stands there {times} times); one row an image is expected"
        )


def write_quarantine(path: str | PathLike[str], failures: Sequence[tuple[str, str]]) -> Path:
    """Write the CSV of images that were set aside: columns ``image`` and ``reason``, one row each.

    It is written whole or not at all, and with no failures it holds the header alone, so that a list
    of an earlier run never stands for this one.

    Args:
        path: where to write it; this is returned.
        failures: an ``(image, reason)`` for each.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("image", "reason"))
    rows.writerows(failures)
    return write_whole(path, text.getvalue())


def _header(path: Path, rows: Any) -> list[str]:
    header = [name.strip() for name in next(rows, [])]
    if not any(header):
        raise TableError(f"{path} is empty; a CSV with a header line was expected")
    return header


def _present(path: Path, header: list[str], columns: Sequence[str]) -> Sequence[str]:
    absent = [name for name in columns if name not in header]
    if absent:
        raise TableError(
            f"{path} has no column {with_nearest(absent, header)}; it has "
            f"{listed([*filter(None, header)])}"
        )
    if repeated := [name for name in columns if header.count(name) > 1]:
        raise TableError(f"{path} has more than one column {repeated[0]!r}; rename one of them")
    return columns


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Yield the rows of a CSV; whatever is wrong with its bytes becomes a TableError."""
    if not path.is_file():
        raise DataNotFoundError(f"no such file: {path}")
    try:
        # utf-8-sig: what spreadsheets save starts with a byte order mark.
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix.lower() == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as stream:
            yield csv.reader(stream)
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 text: {error}") from error
    except (csv.Error, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise TableError(f"{path} cannot be read as a CSV: {error}") from error
