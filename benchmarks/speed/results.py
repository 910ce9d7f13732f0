"""What is kept of the benchmarks of speed, and the page `docs/benchmarks.md`, written of it alone.

`benchmarks/results.json` has one entry a part, each with where and when it was run:

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

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `python benchmarks/speed/everything.py` from `benchmarks/results.json`; do not edit.
The docstring of `benchmarks/speed/everything.py` says how to run it on your machine, and each script how
it measures.

A figure is how many times as fast one is as the other on the same work in the same run: 3 means a third
of the time. Contenders take turns in every round; shown is the median of the rounds' ratios and their
range. An aim is what the project set itself for that median. The last column is the same in processor
time, which other work on the machine touches less. There are no bare times: ratios differ less from one
machine to the next. Everything is computed on the processor; GPUs are hidden. Keras runs on TensorFlow
where no backend is named.
"""
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
    """Return what is kept; empty as long as nothing is."""
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
    """Return the file's text, parts in the page's order."""
    parts = {name: asdict(results[name]) for name in PARTS if name in results}
    return json.dumps({"format": 1, "parts": parts}, indent=1) + "\n"


def page(results: Results) -> str:
    pieces = [HEAD]
    for name, title in PARTS.items():
        found = results[name].found.to_markdown() if name in results else _missing(name)
        pieces.append(f"## {title}\n\n{found}")
    if results:
        pieces.append(_where(results))
    return "\n".join(pieces)


def _missing(name: str) -> str:
    return f"Not measured yet: `python benchmarks/speed/everything.py --only {name}`.\n"


def _where(results: Results) -> str:
    """Say when each part was run, and every machine once with the parts that ran on it."""
    lines = ["## Machine and versions\n", "| part | on | commit |", "|---|---|---|"]
    for name, title in PARTS.items():
        if name in results:
            entry = results[name]
            commit = f"`{entry.commit}`" if entry.commit else "none: not a checkout"
            lines.append(f"| {title} | {entry.date} | {commit} |")
    places: dict[str, list[str]] = {}
    for name, title in PARTS.items():
        if name in results:
            places.setdefault(_place(results[name]), []).append(title)
    for place, titles in places.items():
        lines += ["", "All parts:" if len(places) == 1 else f"{'; '.join(titles)}:", "", place]
    return "\n".join(lines) + "\n"


def _place(entry: Entry) -> str:
    told = entry.machine
    lines = [
        f"- {told['processor']}; {told['cores']} cores, {told['memory']}",
        f"- {told['system']}; Python {told['python']}",
        f"- load average before the command: {told['load']}",
        f"- {_listed(entry.versions)}",
    ]
    if entry.peer_versions:
        lines.append(f"- the peer's Python: {_listed(entry.peer_versions)}")
    return "\n".join(lines)


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
