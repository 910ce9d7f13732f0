"""Read hostile files one after another, and print what came of each, for a test and a benchmark.

    python read_pictures.py FOLDER [MIB]

A line of JSON each: name, what is said of it or its shape, and the most memory that it took beyond what
was there before, in MiB, read small and then by the image checks. With MIB the process may have no more
than so many MiB of address space beyond what it begins with.
"""

import ctypes
import gc
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pydicom.pixels  # noqa: F401 - or the first file would be charged for it

from cxrzoo.data import load_sample, records_from_csv
from cxrzoo.errors import DataError
from cxrzoo.images import check_images, read_image


def memory(kind: str) -> float:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{kind}:"))


def measured(work: Callable[[], object]) -> tuple[object, float]:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the peak begins anew
    before = memory("VmRSS")
    try:
        found = work()
    except DataError as error:
        found = str(error)
    except Exception as error:  # noqa: BLE001 - told, and found wrong by the test
        found = f"RAW {type(error).__name__}: {error}"
    return found, memory("VmHWM") - before


def opened(path: Path) -> object:
    if path.suffix == ".gz":
        return len(records_from_csv(path, labels=["a"], missing="drop"))
    return read_image(path, (224, 224)).shape


def main() -> None:
    folder = Path(sys.argv[1])
    for work in (read_image, lambda path: check_images([path])):
        work(load_sample().images[0])
    if len(sys.argv) > 2:
        limit = int((memory("VmSize") + int(sys.argv[2])) * 2**20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for path in sorted(folder.iterdir()):
        found, read = measured(lambda path=path: opened(path))
        refused = isinstance(found, str)  # by the same reader
        checked = 0.0 if refused else measured(lambda path=path: check_images([path]))[1]
        print(json.dumps([path.name, found, round(read, 1), round(checked, 1)]), flush=True)


if __name__ == "__main__":
    main()
