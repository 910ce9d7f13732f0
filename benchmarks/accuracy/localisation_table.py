"""Write the table of localisation in the guide of heat maps, from the kept result.

    cxrzoo localise --model nih-mini --data DIR --output benchmarks/results/localisation.json
    python benchmarks/accuracy/localisation_table.py

DIR holds `BBox_List_2017.csv` and images of NIH ChestX-ray14.
"""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "benchmarks" / "results" / "localisation.json"
PAGE = ROOT / "docs" / "guides" / "heat-maps.md"
BEGIN, END = "<!-- localisation -->", "<!-- end of localisation -->"
SHOWN = ("pointing game", "hit rate", "IoU > 0.1", "IoU > 0.5", "IoBB > 0.5")


def table() -> str:
    """Return the rows of all findings as Markdown."""
    rows = [row for row in json.loads(KEPT.read_text())["rows"] if row["finding"] == "all findings"]
    lines = [f"| what points | {' | '.join(SHOWN)} |", "|---" * (1 + len(SHOWN)) + "|"]
    for row in rows:
        figures = []
        for name in SHOWN:
            value, interval = row["shares"][name]
            figures.append(f"{value:.2f} ({interval['low']:.2f} to {interval['high']:.2f})")
        lines.append(f"| {row['guess']} | {' | '.join(figures)} |")
    return "\n".join(lines)


def page() -> str:
    """Return the guide with the table in its place."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
