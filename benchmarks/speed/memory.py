"""What one file costs in memory, at most: each format at the most pixels that are read; hostile files.

    python benchmarks/speed/memory.py [--write]

Makes the pictures of ``tests/attacks/hostile_pictures.py`` at 8192 x 8192, and the same of noise in each
way that DICOM compresses them, and reads them one after another in a process whose address space may grow
by 3 GiB. Each figure is the most memory that was taken beyond what was there before. With ``--write`` it
also writes ``benchmarks/results/memory.json`` and the table in ``docs/concepts/security.md``. The extra
dicom must be there, and Linux.
"""

import argparse
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine, versions

ROOT = Path(__file__).parents[2]
ATTACKS = ROOT / "tests" / "attacks"
PACKAGES = ("numpy", "pillow", "pydicom", "python-gdcm", "pylibjpeg-openjpeg")
BEGIN, END = "<!-- memory.py begins -->", "<!-- memory.py ends -->"
EDGE, ADDRESS_SPACE = 8192, 3072
NOISE = ("JPEGLosslessProcess14_1", "JPEGLSLossless", "JPEG2000Lossless", "RLELossless")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    os.environ["CXRZOO_EDGE"] = str(EDGE)
    sys.path.append(str(ATTACKS))
    import hostile_pictures  # noqa: PLC0415 - of this edge

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        hostile_pictures.write_all(folder)
        noise(folder, hostile_pictures)
        tables(folder)
        command = [sys.executable, str(ATTACKS / "read_pictures.py"), scratch, str(ADDRESS_SPACE)]
        # glibc sets aside addresses for each thread, used or not.
        env = {**os.environ, "MALLOC_ARENA_MAX": "1"}
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=env)
        sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    rows = [
        {"file": name, "bytes": sizes[name], "ended": found if isinstance(found, str) else "read",
         "read": read, "checked": checked}
        for name, found, read, checked in map(json.loads, done.stdout.splitlines())
    ]  # fmt: skip
    for row in rows:  # without the folder's name
        row["ended"] = row["ended"].removeprefix(f"{folder}/{row['file']}").lstrip(": ")
    found = {"machine": machine(), "versions": versions(PACKAGES), "files": rows}
    print(markdown(found))
    if options.write:
        results = ROOT / "benchmarks" / "results" / "memory.json"
        results.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        page = ROOT / "docs" / "concepts" / "security.md"
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{markdown(found)}\n{END}{after}", "utf-8")


def noise(folder: Path, hostile: Any) -> None:
    """Write pictures that no compression makes smaller."""
    import gdcm  # noqa: PLC0415 - of the extra

    generator = np.random.default_rng(0)
    grey = generator.integers(0, 65536, (EDGE, EDGE), np.uint16).tobytes()
    plain = folder / "noise, raw.dcm"
    plain.write_bytes(hostile.dicom(hostile.LE, grey, EDGE, EDGE))
    deflated = hostile.dicom(hostile.uid.DeflatedExplicitVRLittleEndian, grey, EDGE, EDGE)
    (folder / "noise, deflated.dcm").write_bytes(deflated)
    (folder / "noise, deep grey.png").write_bytes(png(hostile, 16, 0, grey))
    colour = generator.integers(0, 256, (EDGE, EDGE, 3), np.uint8).tobytes()
    (folder / "noise, colour.png").write_bytes(png(hostile, 8, 2, colour))
    for syntax in NOISE:
        reader = gdcm.ImageReader()
        reader.SetFileName(str(plain))
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(folder / f"noise, {syntax}.dcm"))
        if not reader.Read():
            raise SystemExit(f"gdcm does not read {plain.name}")
        change.SetInput(reader.GetImage())
        if not change.Change():
            raise SystemExit(f"gdcm does not write {syntax}")
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.Write()


def png(hostile: Any, depth: int, kind: int, samples: bytes) -> bytes:
    """Return a PNG with a text, which is left out, so that the whole is copied."""
    row = len(samples) // EDGE
    rows = b"".join(b"\0" + samples[i : i + row] for i in range(0, len(samples), row))
    header = struct.pack(">IIBBBBB", EDGE, EDGE, depth, kind, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"tEXt", b"a\0b"),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    )
    return hostile.SIGNATURE + b"".join(hostile.chunk(*one) for one in chunks)


def tables(folder: Path) -> None:
    """Write tables that are small as files."""
    rows = b"image,a\n" + b"x.png,0\n" * 2**20 * 64
    (folder / "labels.csv.gz").write_bytes(gzip.compress(rows))
    (folder / "one row.csv.gz").write_bytes(gzip.compress(b"image,a\n" + bytes(2**30)))


def markdown(found: dict[str, Any]) -> str:
    read = [row for row in found["files"] if row["ended"] == "read"]
    refused = [row for row in found["files"] if row["ended"] != "read"]
    lines = ["| read, 8192 x 8192 | file | reading | image checks |", "|---|---|---|---|"]
    for row in read:
        name = f"`{row['file']}`"
        lines.append(
            f"| {name} | {size(row['bytes'])} | {row['read']:.0f} MiB | {row['checked']:.0f} MiB |"
        )
    lines += ["", "| refused | file | memory until then | what is said |", "|---|---|---|---|"]
    for row in refused:
        said = row["ended"].split(". ")[0][:110]
        lines.append(f"| `{row['file']}` | {size(row['bytes'])} | {row['read']:.0f} MiB | {said} |")
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return "\n".join([*lines, "", f"Measured with {names}."])


def size(n: int) -> str:
    return f"{n / 2**20:.1f} MiB" if n >= 2**19 else f"{max(1, round(n / 2**10))} KiB"


if __name__ == "__main__":
    main()
