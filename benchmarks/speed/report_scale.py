"""What a report and a table of images cost at 200,000 and 2,000,000 rows, beside an earlier checkout.

    git worktree add ../earlier 23dbe8a
    python benchmarks/speed/report_scale.py --earlier ../earlier [--write]

``auc_report`` measures 15 labels without a bootstrap; ``records_from_csv`` reads rows that name different
paths, as ``scale.py`` lays them. Each case runs in a process of its own, the earlier code and this one in
turn. Memory is what was taken at the peak beyond what was there before, as a multiple of the targets'
and scores' bytes. Times are of the processor, which other work on the machine touches less, and given
as ratios; of two rounds the better. With ``--write`` it writes
``benchmarks/results/report_scale.json`` and the table in ``docs/guides/evaluate.md``. Linux only.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine, versions
from scale import give_back, memory, tiny_images

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "benchmarks" / "results" / "report_scale.json"
PAGE = ROOT / "docs" / "guides" / "evaluate.md"
BEGIN, END = "<!-- report_scale.py begins -->", "<!-- report_scale.py ends -->"
LABELS = tuple(f"label {i}" for i in range(15))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--earlier", type=Path, help="an earlier checkout")
    parser.add_argument("--rows", type=int, nargs=2, default=[200_000, 2_000_000])
    parser.add_argument("--csv-rows", type=int, nargs=2, default=[100_000, 1_000_000])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("CASE", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        case, n = options.one
        print(json.dumps({"report": report, "table": table}[case](int(n))))
        return
    trees = {"now": ROOT, **({"earlier": options.earlier.resolve()} if options.earlier else {})}
    cases = [("report", n) for n in options.rows] + [("table", n) for n in options.csv_rows]
    found: list[dict[str, Any]] = []
    for case, n in cases:
        row: dict[str, Any] = {"case": case, "rows": n}
        for name, tree in [*trees.items()] * 2:
            done = subprocess.run(
                [sys.executable, __file__, "--one", case, str(n)],
                env={**os.environ, "PYTHONPATH": str(tree), "TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=subprocess.PIPE, check=True, text=True,
            )  # fmt: skip
            one = json.loads(done.stdout.splitlines()[-1])
            row[name] = min(row.get(name, one), one, key=lambda kept: kept["seconds"])
        print(json.dumps(row), flush=True)
        found.append(row)
    lines = markdown(found)
    print("\n".join(lines))
    if options.write:
        kept = {"machine": machine(), "versions": versions(("numpy",)), "cases": found}
        RESULT.write_text(json.dumps(kept, indent=2) + "\n")
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(before + "\n".join([BEGIN, *lines, END]) + after, "utf-8")


def report(n: int) -> dict[str, Any]:
    from cxrzoo.evaluation import auc_report  # noqa: PLC0415 - of the checkout that PYTHONPATH names

    generator = np.random.default_rng(0)
    often = np.geomspace(0.005, 0.5, len(LABELS))
    targets = (generator.random((n, len(LABELS)), dtype=np.float32) < often).astype(np.float64)
    scores = generator.random(targets.shape)
    scores = 1 / (1 + np.exp(-(np.log(scores / (1 - scores)) + targets - 1)))
    auc_report(targets[:100], scores[:100], labels=LABELS, n_bootstrap=0)  # what is imported late
    given = (targets.nbytes + scores.nbytes) / 2**20
    seconds, peak, made = measured(
        lambda: auc_report(targets, scores, labels=LABELS, n_bootstrap=0)
    )
    return {"seconds": seconds, "times_input": peak / given, "macro_auc": made.macro.roc_auc}


def table(n: int) -> dict[str, Any]:
    import cxrzoo  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as scratch:
        paths = tiny_images(n, 8, Path(scratch))()
        file = Path(scratch) / "table.csv"
        with file.open("w", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(["image", "patient", "Effusion"])
            writer.writerows([path, i // 3, i % 2] for i, path in enumerate(paths))
        given = file.stat().st_size / 2**20
        seconds, peak, made = measured(
            lambda: cxrzoo.records_from_csv(
                file, image_column="image", patient_column="patient", labels=["Effusion"]
            )
        )
    return {"seconds": seconds, "times_input": peak / given, "images": len(made)}


def measured(work: Any) -> tuple[float, float, Any]:
    give_back()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    start = time.process_time()
    made = work()
    return time.process_time() - start, memory("VmHWM") - before, made


def markdown(found: list[dict[str, Any]]) -> list[str]:
    both = all("earlier" in row for row in found)
    lines = ["| | rows | memory, times the input |" + (" before | times as fast |" if both else "")]
    lines.append("|---|---|---|" + ("---|---|" if both else ""))
    names = {"report": "`auc_report`, 15 labels", "table": "`records_from_csv`"}
    for row in found:
        now, old = row["now"], row.get("earlier")
        more = (
            f" {old['times_input']:.1f} | {old['seconds'] / now['seconds']:.1f} |" if both else ""
        )
        cells = f"{names[row['case']]} | {row['rows']:,} | {now['times_input']:.1f}"
        lines.append(f"| {cells} |{more}")
    for case, name in names.items():
        few, many = [row for row in found if row["case"] == case]
        slopes = [
            f"{many[tree]['seconds'] / few[tree]['seconds']:.1f}"
            for tree in ("now", "earlier")
            if tree in few
        ]
        more = f" ({slopes[1]} before)" if both else ""
        ratio = many["rows"] / few["rows"]
        lines += ["", f"{name}: {ratio:.0f} times the rows take {slopes[0]} times the time{more}."]
    return lines


if __name__ == "__main__":
    main()
