"""The page `docs/benchmarks.md`, written from what `results.json` keeps and nothing else."""

from pathlib import Path

from results_file import PARTS, Entry, Results

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `python benchmarks/speed/everything.py` from `benchmarks/results.json`; do not edit. The
docstring of `benchmarks/speed/everything.py` says how to run it on your machine, and each script how it
measures.

A figure is how many times as fast one is as the other on the same work in the same run: 3 means a third
of the time. Contenders take turns in every round; shown is the median of the rounds' ratios and their
range. An aim is what the project set itself for that median. The last column is the same in processor
time, which other work on the machine touches less. There are no bare times: ratios differ less from one
machine to the next. Everything is computed on the processor; GPUs are hidden. Keras runs on TensorFlow
where no backend is named.
"""


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
    """When each part was run, and every machine once with the parts that ran on it."""
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
