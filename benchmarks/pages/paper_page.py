"""Writes the measured table of docs/paper.md from benchmarks/results/reproduce.json.

    python benchmarks/pages/paper_page.py [REPRODUCE.json]

``REPRODUCE.json`` is what ``cxrzoo reproduce --output DIR`` left in DIR; it replaces the kept one.
"""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from cxrzoo.files import write_whole
from cxrzoo.training.paper.rows import PAPER_ACCURACY
from cxrzoo.training.paper.table import Outcome, Reproduction, reproduction_from_json
from cxrzoo.training.recipe import find_recipe

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "paper.md"
RESULT = ROOT / "benchmarks" / "results" / "reproduce.json"
BEGIN = "<!-- from here written by benchmarks/pages/paper_page.py -->"
END = "<!-- to here -->"


def page(text: str, result: Reproduction) -> str:
    """Return the page with the part between its two marks written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    shown = "\n".join(_item(sentence) for sentence in findings(result))
    return (
        f"{before}{BEGIN}\n\n{result.to_markdown()}\n### What it shows\n\n{shown}\n\n{END}{after}"
    )


def findings(result: Reproduction) -> Iterator[str]:
    """Give sentences whose every figure is taken from the result or from the paper's table."""
    done = [outcome for outcome in result.outcomes if outcome.failure is None]
    if not done:
        return
    guess = done[0].all_negative_accuracy
    below = [f"{paper:.2f}" for paper in PAPER_ACCURACY.values() if paper and paper <= guess]
    no_better = [outcome for outcome in done if outcome.accuracy <= guess]
    exactly = [outcome for outcome in done if outcome.above_half == 0]
    yield (
        f"Accuracy. Denying everything scores {guess:.3f} on this test part. Of the paper's figures "
        f"{' and '.join(below)} are not above that; on the whole data set, where it scores .9158, "
        f"{_reached(0.9158)} is reached to the digits given. {len(no_better)} of our {len(done)} runs "
        f"score no more than the denial, and {len(exactly)} of them are the denial itself: no cell of "
        "any test image got more than 0.5."
    )
    for row in dict.fromkeys(outcome.row for outcome in done):
        yield _of_row(row, [outcome for outcome in done if outcome.row == row])
    if failed := [outcome for outcome in result.outcomes if outcome.failure is not None]:
        yield f"{len(failed)} runs stopped, their numbers no longer finite; the table says where."
    above = [outcome for outcome in done if outcome.macro_auc_low > 0.5]
    yield (
        f"Ranking. The interval of the macro AUC lies above a coin's 0.5 in {len(above)} of {len(done)} "
        f"runs{_named(above)}. An accuracy cannot show that: the highest accuracy of all runs is "
        f"{max(outcome.accuracy for outcome in done):.3f}, and the highest among runs whose fifteen "
        f"outputs are all constant is {_best_constant(done)}."
    )


def _of_row(row: str, outcomes: list[Outcome]) -> str:
    recipe = find_recipe(row)
    outputs = sum(outcome.labels_measured + len(outcome.undefined) for outcome in outcomes)
    constant = sum(len(outcome.constant) for outcome in outcomes)
    zero = sum(value == 0 for outcome in outcomes for value in outcome.constant.values())
    areas = [outcome.macro_auc for outcome in outcomes]
    last = [outcome.loss[-1] for outcome in outcomes]
    words = (
        f"`{row}` (learning rate {recipe.learning_rate:g}, {recipe.epochs} epochs): macro AUC "
        f"{_span(areas)}, training loss at its end {_span(last)}; {constant} of {outputs} outputs give "
        "every test image the same score"
    )
    return f"{words}, {zero} of them the score 0." if zero else f"{words}."


def _span(values: list[float]) -> str:
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return low if low == high else f"{low} to {high}"


def _reached(guess: float) -> str:
    reached = [paper for paper in PAPER_ACCURACY.values() if paper and paper <= round(guess, 2)]
    return f"{max(reached):.2f}" if reached else "none"


def _named(outcomes: list[Outcome]) -> str:
    rows = dict.fromkeys(outcome.row for outcome in outcomes)
    return f" ({', '.join(f'`{row}`' for row in rows)})" if rows else ""


def _best_constant(outcomes: list[Outcome]) -> str:
    dead = [
        outcome.accuracy
        for outcome in outcomes
        if len(outcome.constant) == outcome.labels_measured + len(outcome.undefined)
    ]
    return f"{max(dead):.3f}" if dead else "none, as there is no such run"


def _item(sentence: str) -> str:
    return textwrap.fill(sentence, 104, initial_indent="- ", subsequent_indent="  ")


def main() -> None:
    if len(sys.argv) > 1:
        write_whole(RESULT, Path(sys.argv[1]).read_bytes())
    result = reproduction_from_json(RESULT.read_text(encoding="utf-8"))
    write_whole(PAGE, page(PAGE.read_text(encoding="utf-8"), result))


if __name__ == "__main__":
    main()
