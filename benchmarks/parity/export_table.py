"""Which export format works on which Keras backend: every cell is run, each in a process of its own.

    python benchmarks/parity/export_table.py [--write]

Exports `nih-mini` by `cxrzoo export`, which runs the written file with its own runtime on the model's
golden vectors. Prints the table; with `--write` also writes `benchmarks/results/export_table.json` and
the table
in `docs/guides/export.md`. The extras onnx, openvino and litert, all backends and jax2onnx must be there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import versions

ROOT = Path(__file__).parents[2]
FORMATS = {"onnx": ".onnx", "openvino": ".xml", "litert": ".tflite", "tf_saved_model": ""}
BACKENDS = ("tensorflow", "jax", "torch", "openvino")
PACKAGES = (*("keras", "tensorflow", "jax", "torch", "onnx", "onnxruntime", "tf2onnx", "jax2onnx"),
            *("openvino", "ai-edge-litert"))  # fmt: skip
BEGIN, END = "<!-- export_table.py begins -->", "<!-- export_table.py ends -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cells = [cell(form, on, Path(scratch)) for form in FORMATS for on in BACKENDS]
    found = {"model": "nih-mini", "versions": versions(PACKAGES), "cells": cells}
    print(markdown(found))
    for one in cells:
        if one["reason"]:
            print(f"{one['format']} on {one['backend']}: {one['reason']}")
    if options.write:
        (ROOT / "benchmarks" / "results" / "export_table.json").write_text(
            json.dumps(found, indent=2) + "\n"
        )
        page = ROOT / "docs" / "guides" / "export.md"
        before, _, rest = page.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{markdown(found)}\n{END}{after}")


def cell(form: str, backend: str, scratch: Path) -> dict[str, Any]:
    path = scratch / backend / f"model{FORMATS[form]}"
    done = subprocess.run(
        [sys.executable, "-m", "cxrzoo.cli", "export", "nih-mini", "--format", form,
         "--output", str(path), "--json"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    shown: dict[str, Any] = {"format": form, "backend": backend, "difference": None,
                             "tolerance": None, "runtime": None, "reason": None}  # fmt: skip
    if done.returncode == 0:
        printed = json.loads(done.stdout[done.stdout.index("{") :])
        shown |= {name: printed[name] for name in ("difference", "tolerance", "runtime")}
    else:
        shown["reason"] = (done.stderr.strip().splitlines() or ["no message"])[-1][:300]
    print(form, backend, shown["difference"] or shown["reason"], flush=True)
    return shown


def markdown(found: dict[str, Any]) -> str:
    by_place = {(one["format"], one["backend"]): one["difference"] for one in found["cells"]}
    lines = [f"| | {' | '.join(BACKENDS)} |", "| --- |" + " --- |" * len(BACKENDS)]
    for form in FORMATS:
        cells = [by_place[form, backend] for backend in BACKENDS]
        shown = " | ".join("no" if one is None else f"{one:.1e}" for one in cells)
        lines.append(f"| `{form}` | {shown} |")
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return "\n".join([*lines, "", f"Measured on `{found['model']}` with {names}."])


if __name__ == "__main__":
    main()
