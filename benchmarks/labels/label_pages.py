"""Writes the tables and figures of docs/labels.md: ``python benchmarks/labels/label_pages.py``.

From ``benchmarks/results/label_worth.json`` (``scorecard.py``), ``label_models.json`` and
``label_densenet121.json`` (``models.py``). The page's text stands between the tables and is not touched.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cxrzoo.evaluation import ExpertReport, plot_expert_roc
from cxrzoo.evaluation.report.panels import BASELINE, GREY, MODEL

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "labels.md"
FIGURES = ROOT / "docs" / "figures"
NOTE = "written by benchmarks/labels/label_pages.py"


def main() -> None:
    worth = read("label_worth.json")
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
    rows = worth["scorecard"]["rows"]
    draw_shares(rows)
    draw_kappas(rows)
    report = ExpertReport.from_json(RESULTS / "label_densenet121.json")
    plot_expert_roc(report, FIGURES / "labels_roc.png")


def read(name: str) -> Any:
    return json.loads((RESULTS / name).read_text("utf-8"))


def with_tables(text: str) -> str:
    """Return the page with its tables as the results have them."""
    worth, models = read("label_worth.json"), read("label_models.json")
    for name, table in (
        ("scorecard", scorecard(worth["scorecard"]["rows"])),
        ("bound", bound(worth["scorecard"]["rows"])),
        ("draw", draw(worth)),
        ("within", within(models)),
        ("models", of_models(models)),
        ("comparisons", comparisons(models)),
    ):
        pattern = rf"(<!-- {name}: {NOTE} -->\n).*?(<!-- end of {name} -->)"
        text, found = re.subn(pattern, rf"\1{table}\2", text, flags=re.DOTALL)
        if found != 1:
            raise SystemExit(f"{PAGE} has no place for the table {name}")
    return text


def table(header: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, rule, *rows))


def figure(value: float | None, limits: Any = None, digits: int = 2) -> str:
    if value is None:
        return "undefined"
    text = f"{round(value, digits) + 0.0:.{digits}f}"  # no -0.00
    if limits is None or limits["low"] is None:
        return text
    between = " to " if limits["low"] < 0 else "\u2011"  # a hyphen at which no line breaks
    ends = [f"{round(limits[side], digits) + 0.0:.{digits}f}" for side in ("low", "high")]
    return f"{text} ({between.join(ends)})"


def cell(row: Any, name: str, digits: int = 2) -> str:
    return figure(row[name], row[f"{name}_interval"], digits)


def scorecard(rows: list[Any]) -> str:
    header = ["finding", "NIH +", "radiologists +", "both", "PPV", "sensitivity", "kappa", "AC1",
              "readers' kappa"]  # fmt: skip
    names = ("ppv", "sensitivity", "kappa", "ac1", "readers_kappa")
    return table(
        header,
        [
            [
                row["label"],
                *(str(row[name]) for name in ("label_positives", "expert_positives", "both")),
                *(cell(row, name) for name in names),
            ]
            for row in rows
        ],
    )


def bound(rows: list[Any]) -> str:
    header = ["finding", "PPV", "NPV", "AUC of a perfect model against NIH's label"]
    return table(
        header,
        [
            [row["label"], *(cell(row, name) for name in ("ppv", "npv", "perfect_auc"))]
            for row in rows
        ],
    )


def draw(worth: Any) -> str:
    rows = {row["label"]: row for row in worth["scorecard"]["rows"]}
    header = ["NIH's label", "of the 810 images", "of all PA test images", "radiologists, of the 810",
              "radiologists, at the prevalence of all"]  # fmt: skip
    cells = []
    for one in worth["draw"]["labels"]:
        if (row := rows.get(one["label"])) is None:
            continue
        read = row["expert_positives"] / row["n"]
        shares = (one["prevalence"], one["of_pa_test_images"], read, row["weighted_prevalence"])
        cells.append([one["label"], *(f"{share:.1%}" for share in shares)])
    return table(header, cells)


def within(models: Any) -> str:
    header = ["model", "among the radiologists' positives", "among their negatives"]

    def mean(one: Any) -> str:
        return f"{one['mean']:.2f} ({len(one['findings'])} findings)"

    return table(
        header,
        [[name, *map(mean, one["within"].values())] for name, one in models["models"].items()],
    )


def of_models(models: Any) -> str:
    header = ["model", "images", "findings", "AUC, NIH's labels", "AUC, radiologists", "difference",
              "above, through, below"]  # fmt: skip
    rows = []
    for name, one in models["models"].items():
        mean, at = one["mean"], one["positions"]["others"]
        counts = ", ".join(str(at.get(side, 0)) for side in ("above", "through", "below"))
        rows.append(
            [
                name,
                str(one["images"]),
                str(len(mean["labels"])),
                *(cell(mean, part, 3) for part in ("label_auc", "expert_auc", "difference")),
                counts,
            ]
        )
    return table(header, rows)


def comparisons(models: Any) -> str:
    header = [
        "models",
        "mean AUC",
        "mean AUC",
        "difference",
        "p",
        "readers and findings with p < 0.05",
    ]
    return table(
        header,
        [
            [
                name,
                figure(one["overall"]["roc_auc_a"], digits=3),
                figure(one["overall"]["roc_auc_b"], digits=3),
                figure(one["overall"]["difference"], one["overall"]["interval"], 3),
                f"{one['overall']['p_value']:.3f}",
                f"{one['readers_with_p_holm_below_0.05']} of {one['readers']}",
            ]
            for name, one in models["comparisons"].items()
        ],
    )


def draw_shares(rows: list[Any]) -> None:
    shown = [
        ("ppv", "of NIH's positives, radiologists confirm", MODEL, "o", 0.15),
        ("sensitivity", "of the radiologists' positives, NIH has", BASELINE, "D", -0.15),
    ]
    dots(rows, shown, FIGURES / "labels_worth.png", "share of images", (0, 1))


def draw_kappas(rows: list[Any]) -> None:
    shown = [
        ("kappa", "NIH's label and the radiologists' majority", BASELINE, "D", 0.15),
        ("readers_kappa", "the five radiologists among themselves", MODEL, "o", -0.15),
    ]
    dots(rows, shown, FIGURES / "labels_kappa.png", "kappa", (-0.1, 1))


def dots(
    rows: list[Any], shown: list[Any], path: Path, axis: str, limits: tuple[float, float]
) -> None:
    drawing = Figure(figsize=(7.5, 5.2), layout="constrained")
    axes = drawing.subplots()
    heights = np.arange(len(rows))[::-1]
    for name, title, colour, marker, shift in shown:
        for row, height in zip(rows, heights, strict=True):
            interval = row[f"{name}_interval"]
            if interval["low"] is not None:
                ends = interval["low"], interval["high"]
                axes.plot(ends, [height + shift] * 2, color=colour, linewidth=1.6)
        values = [row[name] for row in rows]
        axes.plot(values, heights + shift, marker, color=colour, label=title, markersize=6)
    axes.set_yticks(heights, [row["label"] for row in rows])
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set(xlim=(limits[0] - 0.01, limits[1] + 0.01), xlabel=axis)
    axes.grid(axis="x", color="#e3e3e3")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    drawing.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    drawing.savefig(path, dpi=130)


if __name__ == "__main__":
    main()
