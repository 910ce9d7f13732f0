"""A CSV, plain or gzipped, as named columns of text, and the CSV of files that were set aside.

Cells may be parted by commas, semicolons or tabs, as spreadsheets of different countries save them, in
UTF-8 or UTF-16; where commas do not part cells, ``0,5`` is the number 0.5.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeVar

from cxrzoo.data.csv_rows import Rows, SharedCells, opened_rows
from cxrzoo.errors import DataError, TableError
from cxrzoo.files import write_whole
from cxrzoo.nearest import listed, with_nearest
from cxrzoo.text import for_csv, from_csv, shown
from cxrzoo.typed import check_arguments

_T = TypeVar("_T")

_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")

_ROWS_AT_ONCE: Final = 2**13
_CHARACTERS_AT_ONCE: Final = 2**22
"""Of rows that are read before their cells are looked at."""


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV.

    Raises:
        DataNotFoundError: there is no such file.
        TableError: the file is empty or no CSV.
    """
    with opened_rows(path) as rows:
        return _header(path, rows)


def read_columns(path: Path, columns: Sequence[str]) -> dict[str, list[str]]:
    """Read the named columns of a CSV, each a list of as many strings as there are rows.

    Cells are stripped of surrounding blanks; rows without any cell filled in are left out, as are
    empty cells after the last column.

    Raises:
        DataNotFoundError: there is no such file.
        TableError: the file is empty or no CSV, lacks columns or rows, or a row has not as many
            cells as the header.
    """
    with opened_rows(path) as rows:
        header = _header(path, rows)
        decimal_comma = rows.delimiter != ","
        indices = [header.index(name) for name in _present(path, header, columns)]
        pick = itemgetter(*indices, indices[0])  # one index more: itemgetter(i) alone has no tuple
        cells: list[list[str]] = [[] for _ in indices]
        some: list[tuple[str, ...]] = []
        shared, kept = SharedCells(path), 0

        def read(cell: str) -> str:
            text = cell.strip()
            if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
                text = text.replace(",", ".")
            return from_csv(text)

        def keep() -> None:
            for column, of_column in zip(cells, zip(*some, strict=True), strict=False):
                column.extend(shared.of(of_column, read))
            some.clear()

        for row in rows:
            if len(row) != len(header) and not _of_length(path, rows, row, len(header)):
                continue
            picked = pick(row)
            if not any(map(str.strip, picked)) and not any(map(str.strip, row)):
                continue
            some.append(picked)
            if len(some) == _ROWS_AT_ONCE or rows.characters - kept > _CHARACTERS_AT_ONCE:
                keep()
                kept = rows.characters
        keep()
    if not cells[0]:
        raise TableError(f"{path} has a header and no rows")
    return dict(zip(columns, cells, strict=True))


def _of_length(path: Path, rows: Rows, row: list[str], n: int) -> bool:
    """Cut off empty cells behind the ``n``-th; return False of a row in which all are empty."""
    if len(row) > n and not any(map(str.strip, row[n:])):
        del row[n:]
    if len(row) == n:
        return True
    if any(map(str.strip, row)):
        raise TableError(
            f"{path}, line {rows.line_num}: expected {n} cells as in the header, got {len(row)}"
        )
    return False


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
    check_arguments(write_quarantine, locals())
    failures = list(failures)
    pairs: list[Any] = failures
    for one in pairs:
        if not (isinstance(one, tuple | list) and [type(part) for part in one] == [str, str]):
            raise DataError(f"failures must be pairs of text (image, reason); got {shown(one)}")
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("image", "reason"))
    rows.writerows(map(for_csv, failure) for failure in failures)
    return write_whole(path, text.getvalue())


def _header(path: Path, rows: Rows) -> list[str]:
    header = [name.strip() for name in next(iter(rows), [])]
    while header and not header[-1]:  # columns that a spreadsheet saved empty
        del header[-1]
    if not header:
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
