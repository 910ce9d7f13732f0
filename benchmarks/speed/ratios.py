"""What a benchmark found: ratios with their spread, in tables, with what was left out.

A ratio is how many times as fast one contender was as another, round by round; 3 means a third of the
time. No time is kept, as it says more of the machine than of the code.
"""

import json
import statistics
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rounds import Cost

ABSENT = "torchxrayvision, as no `--peer-python` was given."
LARGER = (
    "torchxrayvision's DenseNet121, the network of its published weights, computes several times what a "
    "MobileNet does: its rows compare what two libraries offer, not two ways to compute one network."
)


@dataclass(frozen=True)
class Spread:
    """A ratio in each round, and their median and range."""

    median: float
    least: float
    most: float
    by_round: tuple[float, ...]

    def __str__(self) -> str:
        return f"{_shown(self.median)} ({_shown(self.least)} to {_shown(self.most)})"


@dataclass(frozen=True)
class Ratio:
    """How many times as fast ``name`` is as ``against``, by the clock and by processor time."""

    name: str
    against: str
    wall: Spread
    processor: Spread
    aim: float | None = None
    """What the median by the clock is to reach at the least, where the project set itself an aim."""


@dataclass(frozen=True)
class Table:
    title: str
    ratios: tuple[Ratio, ...]

    def to_markdown(self) -> str:
        lines = [
            f"| {self.title} | against | times as fast | of processor time |",
            "|---|---|---|---|",
        ]
        for one in self.ratios:
            aim = "" if one.aim is None else f"; aim: {one.aim:g}"
            lines.append(f"| {one.name} | {one.against} | {one.wall}{aim} | {one.processor} |")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Part:
    """One benchmark: the work in a sentence, tables, what else was found, and what did not take part."""

    work: str
    rounds: int
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def to_markdown(self) -> str:
        rounds = f"{self.rounds} round{'s' if self.rounds > 1 else ''}"
        pieces = [f"{self.work} {rounds}.\n", *(table.to_markdown() for table in self.tables)]
        sentences = [*self.notes, *(f"Left out: {one}" for one in self.left_out)]
        if sentences:
            pieces.append("".join(f"- {sentence}\n" for sentence in sentences))
        return "\n".join(pieces)


def options_of(docstring: str | None, *, rounds: int, peer: bool = False) -> ArgumentParser:
    """Return what every part of the benchmarks takes; ``peer`` is whether torchxrayvision takes part."""
    parser = ArgumentParser(description=(docstring or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--output", type=Path)
    if peer:
        parser.add_argument("--peer-python")
    return parser


def ratio(
    costs: Mapping[str, Sequence[Cost]], name: str, against: str, aim: float | None = None
) -> Ratio:
    pairs = list(zip(costs[against], costs[name], strict=True))
    return Ratio(
        name,
        against,
        spread([theirs.wall / ours.wall for theirs, ours in pairs]),
        # A tick of the processor's clock is the least that anything takes.
        spread([max(theirs.processor, 1e-6) / max(ours.processor, 1e-6) for theirs, ours in pairs]),
        aim,
    )


def spread(values: Sequence[float]) -> Spread:
    least, most = min(values), max(values)
    return Spread(*map(_kept, (statistics.median(values), least, most)), tuple(map(_kept, values)))


def say(part: Part, output: Path | None) -> None:
    """Print what was found; with ``output`` also leave it as JSON, for ``everything.py``."""
    print(part.to_markdown())
    if output:
        output.write_text(json.dumps(asdict(part)), encoding="utf-8")


def part_from_dict(found: Mapping[str, Any]) -> Part:
    tables = tuple(
        Table(table["title"], tuple(map(_ratio_from_dict, table["ratios"])))
        for table in found["tables"]
    )
    return Part(
        found["work"], found["rounds"], tables, tuple(found["notes"]), tuple(found["left_out"])
    )


def _ratio_from_dict(found: Mapping[str, Any]) -> Ratio:
    wall, processor = (
        Spread(**{**found[name], "by_round": tuple(found[name]["by_round"])})
        for name in ("wall", "processor")
    )
    return Ratio(found["name"], found["against"], wall, processor, found["aim"])


def _kept(value: float) -> float:
    return float(f"{value:.4g}")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
