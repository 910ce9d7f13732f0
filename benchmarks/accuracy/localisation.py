"""Measure where heat maps of nih-mini point, by every method, beside radiologists' boxes.

    python benchmarks/accuracy/localisation.py DIR [--method NAME ...] [--model nih-mini]

DIR holds `BBox_List_2017.csv` (or .csv.gz) and images of NIH ChestX-ray14, here 3,450 of them shrunk to
256 x 256 pixels. Keeps what `cxrzoo localise` gives, less the digits that say nothing, in
`results/localisation.json`, of which `pages/heat_maps_page.py` makes the tables of the guide.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from cxrzoo.files import write_whole
from cxrzoo.heatmaps import METHODS, localise

RESULTS = Path(__file__).parents[1] / "results" / "localisation.json"
MEASURES = ("pointing game", "hit rate", "IoU > 0.1", "IoU > 0.5", "IoBB > 0.5")


def kept(found: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of one method: rows of some measures as share, low and high."""
    rows = [
        {
            **{key: row[key] for key in ("guess", "finding", "pictures", "patients")},
            **{
                name: [round(value, 4) for value in (share, interval["low"], interval["high"])]
                for name in MEASURES
                for share, interval in [row["shares"][name]]
            },
        }
        for row in found["rows"]
    ]
    sanity = {name: round(value, 3) for name, value in found["sanity"].items()}
    return {"threshold": found["threshold"], "sanity": sanity, "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--model", default="nih-mini")
    parser.add_argument("--method", nargs="+", choices=list(METHODS), default=["grad-cam"])
    options = parser.parse_args()
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"methods": {}}
    for method in options.method:
        found = localise(options.model, options.directory, method)
        print(found.to_markdown())
        before["methods"][method] = kept(json.loads(found.to_json()))
    result = {"model": options.model, "replicates": 1000, "seed": 0, "methods": before["methods"]}
    write_whole(RESULTS, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
