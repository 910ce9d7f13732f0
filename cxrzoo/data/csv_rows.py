"""The rows of a CSV, plain or gzipped, as far as they are within what one file may cost."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sys import getsizeof
from typing import Any, Final

from cxrzoo.budget import (
    MAX_ROW_CHARACTERS,
    MAX_TABLE_BYTES,
    TABLE_BYTES,
    TABLE_BYTES_A_BYTE,
)
from cxrzoo.errors import DataError, DataNotFoundError, TableError, either
from cxrzoo.opened import open_file

_MARK: Final = 8
"""Bytes that tell what kind of file this is."""

_WORKBOOKS: Final = {
    b"PK\x03\x04": "a workbook (.xlsx or .ods) or other archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"PAR1": "a Parquet file",
}
"""What people name where a CSV is expected, by how it starts."""

_CELL_BYTES: Final = 8
"""Of a cell that shares its string."""

_MOST_SHARED: Final = 2**20
"""Strings that cells share; a table of as many different ones gains nothing by more."""

_DELIMITERS: Final = ",;\t"


class SharedCells:
    """Equal cells as one string, so that a million rows stay small, until they take too much memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = TABLE_BYTES + TABLE_BYTES_A_BYTE * path.stat().st_size
        self._seen: dict[str, str] = {}

    def of(self, cells: Sequence[str], read: Callable[[str], str]) -> Iterator[str]:
        """Give what ``read`` makes of some cells of a column; equal ones become one string."""
        found: dict[str, str] = {}
        different = dict.fromkeys(cells)
        share = len(different) * 2 <= len(cells)  # names of images differ from each other
        seen = self._seen
        self._left -= _CELL_BYTES * len(cells)
        for cell in different:
            text = read(cell)
            known = seen.get(text)
            if known is None:
                known = text
                self._left -= getsizeof(text)
                if share and len(seen) < _MOST_SHARED:
                    seen[text] = text
            found[cell] = known
        if self._left < 0:
            raise TableError(
                f"{self._path} holds more cells than a table whose file is as small may: "
                f"they would take more than {TABLE_BYTES >> 20} MiB and {TABLE_BYTES_A_BYTE} times "
                "the file's size in memory"
            )
        return map(found.__getitem__, cells)


class _Bounded(io.BufferedIOBase):
    """The bytes of a CSV, inflated if it is gzipped, as far as they are within the budget."""

    def __init__(self, path: Path, raw: Any) -> None:
        self._path, self._raw, self._read = path, raw, 0

    def readable(self) -> bool:
        """Return True: this is what a text wrapper asks."""
        return True

    def seekable(self) -> bool:
        """Return True: the first line is read twice."""
        return True

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Go back to a place in the file."""
        self._read = int(self._raw.seek(place, whence))
        return self._read

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._read

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        return self._counted(self._raw.read(size))

    def read1(self, size: int = -1, /) -> bytes:
        """Return some of the next bytes."""
        return self._counted(self._raw.read1(size))

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        if self._read > MAX_TABLE_BYTES:
            raise TableError(
                f"{self._path} is larger than the {MAX_TABLE_BYTES:,} bytes that are read of a table, "
                "inflated if it is gzipped; split it"
            )
        return data


def _long_row(path: Path) -> TableError:
    return TableError(
        f"{path} has a row of more than {MAX_ROW_CHARACTERS:,} characters, the most that is read; a "
        "CSV with a line an image was expected"
    )


class Rows:
    """The rows of a CSV, none of them larger than the budget.

    Attributes:
        delimiter: between cells.
        characters: how many were read so far.
    """

    def __init__(self, path: Path, text: io.TextIOWrapper, delimiter: str) -> None:
        self._path, self._size, self.characters = path, 0, 0
        self._rows = csv.reader(self._lines(text), delimiter=delimiter)
        self.delimiter = delimiter

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        """Give the lines, none of them without an end."""
        while line := text.readline(MAX_ROW_CHARACTERS + 1):
            self._size += len(line)
            self.characters += len(line)
            if self._size > MAX_ROW_CHARACTERS:  # of one, or of those that quotation marks join
                raise _long_row(self._path)
            yield line

    @property
    def line_num(self) -> int:
        """Lines read so far."""
        return self._rows.line_num

    def __iter__(self) -> Iterator[list[str]]:
        for row in self._rows:
            self._size = 0
            yield row


@contextmanager
def opened_rows(path: Path) -> Iterator[Rows]:
    """Yield the rows of a CSV; whatever is wrong with its bytes becomes a TableError.

    Raises:
        DataNotFoundError: there is no such file.
        TableError: it is no regular file, no CSV, or too large.
    """
    try:
        with ExitStack() as held:
            file: Any = held.enter_context(open_file(path, TableError, DataNotFoundError))
            if path.suffix.lower() == ".gz":
                file = held.enter_context(gzip.GzipFile(fileobj=file))
            raw: Any = _Bounded(path, file)
            start = raw.read(_MARK)
            raw.seek(0)
            # utf-8-sig: what spreadsheets save starts with a byte order mark.
            utf16 = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            _refuse_workbook(path, start)
            with io.TextIOWrapper(
                raw, encoding="utf-16" if utf16 else "utf-8-sig", newline=""
            ) as text:
                yield Rows(path, text, _delimiter(path, text))
    except DataError:
        raise
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path} is not UTF-8 text: {error}. Save it as 'CSV UTF-8' in the spreadsheet"
        ) from error
    except (csv.Error, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise TableError(f"{path} cannot be read as a CSV: {error}") from error
    except OSError as error:
        raise TableError(f"{path} cannot be read ({error.strerror or error})") from None


def _refuse_workbook(path: Path, start: bytes) -> None:
    for mark, kind in _WORKBOOKS.items():
        if start.startswith(mark):
            reader = "parquet" if mark == b"PAR1" else "excel"
            raise TableError(
                f"{path} is {kind}; a CSV was expected. Save the sheet as 'CSV UTF-8'"
                + either(f", or pandas.read_{reader}(...).to_csv(..., index=False)", "")
            )


def _delimiter(path: Path, text: io.TextIOWrapper) -> str:
    """Return what parts the cells of the first line, and leave the text behind a line that says so."""
    line = text.readline(MAX_ROW_CHARACTERS + 1)
    if len(line) > MAX_ROW_CHARACTERS:
        raise _long_row(path)
    stated = line.strip().strip('"').lower()
    if stated.startswith("sep=") and len(line.strip().strip('"')) == len("sep=,"):
        return line.strip().strip('"')[-1]  # as Excel writes it
    text.seek(0)
    # max() takes the first of equals: a comma, unless another one parts the line into more cells.
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([line], delimiter=one), [])))
