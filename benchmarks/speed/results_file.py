"""What is kept of the benchmarks: `results.json`, one entry a part, each with where and when it was run.

    {"format": 1,
     "parts": {PART: {"date": "2026-11-23",          UTC
                      "commit": "0123456789ab",      with "-dirty" if files differed; null outside of git
                      "machine": {"processor", "cores", "memory", "system", "python", "load"},
                      "versions": {PACKAGE: VERSION},
                      "peer_versions": {PACKAGE: VERSION},   empty without torchxrayvision
                      "found": FOUND}}}

FOUND is a `Part` of `ratios.py`: "work" (a sentence), "rounds", "tables", "notes" and "left_out"
(sentences). A table has a "title" and "ratios": how many times as fast "name" is as "against", by the
clock ("wall") and by processor time ("processor"), each with "median", "least", "most" and "by_round";
"aim" is what the median by the clock is to reach, or null. "load" is the machine's load average before
the command.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ratios import Part, part_from_dict

RESULTS = Path(__file__).parents[1] / "results.json"
PARTS = {
    "import": "Import",
    "build": "Build",
    "throughput": "Predict and train, by backend",
    "releases": "Published models",
    "predict": "Engines, and files to CSV",
    "data": "Feeding",
    "evaluator": "Evaluator",
}


@dataclass(frozen=True)
class Entry:
    """One part, run at one time on one machine."""

    date: str
    commit: str | None
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    peer_versions: Mapping[str, str]
    found: Part


Results = dict[str, Entry]


def read_results(path: Path) -> Results:
    """What is kept; empty as long as nothing is."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    if kept["format"] != 1:
        raise SystemExit(f"{path.name} has format {kept['format']}; this reads 1")
    return {
        name: Entry(**{**entry, "found": part_from_dict(entry["found"])})
        for name, entry in kept["parts"].items()
    }


def as_json(results: Results) -> str:
    """The file's text, parts in the page's order."""
    parts = {name: asdict(results[name]) for name in PARTS if name in results}
    return json.dumps({"format": 1, "parts": parts}, indent=1) + "\n"
