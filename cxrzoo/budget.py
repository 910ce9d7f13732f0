"""What one file may cost, whoever sent it.

Nothing that reads pictures or tables has limits of its own. What is beyond these is refused with an error
that says so, before memory is taken for it; threads and processes each work on a file of their own.
The page "The security model" has what was measured.
"""

from typing import Final

MAX_FILE_BYTES: Final = 2**28
"""Of a picture's file; the largest radiographs take some 2**25 uncompressed."""

MAX_PIXELS: Final = 2**26
"""No radiograph is larger (mammography reaches some 2**24)."""

MAX_EDGE: Final = 65_535
"""Of a picture, in pixels: JPEG and DICOM can hold no longer one."""

BYTES_A_PIXEL: Final = 24
"""Working memory while a picture is read, checked and resized: 1.5 GiB for ``MAX_PIXELS``."""

MAX_HEADER_BYTES: Final = 2**24
"""Of a DICOM file beside its pixels, where it has to be inflated."""

MAX_INFLATED_BYTES: Final = 2 * MAX_PIXELS + MAX_HEADER_BYTES
"""Of a deflated DICOM data set: pixels of 16 bits, and a header."""

MAX_ELEMENT_BYTES: Final = 2**18
"""Of an element of a DICOM header: a LUT of 65,536 entries takes half of it."""

MAX_HEADER_READS: Final = 2**18
"""Steps in which a DICOM header is read; each makes an object of a kilobyte at the most."""

MAX_TABLE_BYTES: Final = 2**30
"""Of a CSV, inflated if it is gzipped."""

MAX_ROW_CHARACTERS: Final = 2**20
"""Of one row of a CSV."""

TABLE_BYTES_A_BYTE: Final = 16
"""Working memory for a CSV's cells, by the byte of its file, beyond ``TABLE_BYTES``."""

TABLE_BYTES: Final = 2**28
"""Working memory that the cells of any CSV may take."""
