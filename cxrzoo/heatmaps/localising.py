"""The localisation benchmark: heat maps beside radiologists' boxes and beside what sees nothing."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ModelError
from cxrzoo.evaluation.report.table import Cell, Table, figure
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.heatmaps.boxes import EDGE, Boxed, nih_boxes
from cxrzoo.heatmaps.explainer import Explainer
from cxrzoo.heatmaps.maps import Box, Heatmaps, box, peak
from cxrzoo.heatmaps.measures import MEASURES, measured, shares
from cxrzoo.heatmaps.methods import Method
from cxrzoo.images import Placement
from cxrzoo.inference import Scorer
from cxrzoo.pretrained import Artifact
from cxrzoo.sizes import LARGEST_SEED, MOST_REPLICATES, check_number, check_whole
from cxrzoo.typed import check_arguments, check_fields

if TYPE_CHECKING:
    import keras

ALL: Final = "all findings"

_Guess = tuple[tuple[float, float] | None, Box | None]
"""A point (y, x) and a box in pixels of the published image; None where there is none."""


@dataclass(frozen=True)
class LocalisedRow:
    """How often one way of pointing meets the boxes of one finding.

    Attributes:
        guess: what points: the model's heat maps, or a baseline.
        finding: of the boxes, or ``"all findings"``.
        pictures: pairs of a picture and a finding in it.
        patients: whose they are.
        shares: by measure, the share of pictures and its 95 % interval over patients.
    """

    guess: str
    finding: str
    pictures: int
    patients: int
    shares: dict[str, tuple[float, Interval]]

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Localisation:
    """What :func:`localise` found.

    Attributes:
        method: how heat maps were made.
        threshold: of the boxes that are found: a share of a map's highest value.
        rows: of each way of pointing and finding.
        sanity: mean rank correlation of heat maps with those after weights were randomised, by which;
            near 0 they depend on these weights (Adebayo et al., NeurIPS 2018).
    """

    method: str
    threshold: float
    rows: tuple[LocalisedRow, ...]
    sanity: dict[str, float]

    def __post_init__(self) -> None:
        check_fields(self)

    def to_markdown(self, measures: Sequence[str] | None = None) -> str:
        """Return the table of all findings, that of each, and what the intervals allow to say."""
        chosen = list(
            measures or ("pointing game", "hit rate", "IoU > 0.1", "IoU > 0.5", "IoBB > 0.5")
        )
        rows: list[list[str | Cell]] = [
            [
                row.guess,
                row.finding,
                f"{row.pictures:,} / {row.patients:,}",
                *(figure(*row.shares[name]) for name in chosen),
            ]
            for row in self.rows
        ]
        table = Table(("points", "finding", "pictures / patients", *chosen), rows)
        sanity = [f"- {name}: {value:.2f}" for name, value in self.sanity.items()]
        return "\n".join(
            [
                table.to_markdown(),
                "",
                *self.verdicts(),
                "",
                f"Mean rank correlation of {self.method} with the same after weights were randomised:",
                "",
                *sanity,
                "",
            ]
        )

    def verdicts(self, measure: str = "pointing game") -> list[str]:
        """Return a line for each baseline: whether the intervals of all findings are apart."""
        whole = [row for row in self.rows if row.finding == ALL]
        own, lines = whole[0].shares[measure][1], []
        for row in whole[1:]:
            other = row.shares[measure][1]
            said = (
                "points better than"
                if own.low > other.high
                else "points worse than"
                if own.high < other.low
                else "is not shown to differ from"
            )
            lines.append(f"- {measure}: {whole[0].guess} {said} {row.guess}.")
        return lines

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def localise(
    model: "keras.Model | Artifact | str | os.PathLike[str]",
    root: str | os.PathLike[str],
    method: Method = "grad-cam",
    *,
    threshold: float = 0.5,
    n_bootstrap: int = 1000,
    seed: int = 0,
    batch_size: int = 8,
) -> Localisation:
    """Measure how well heat maps meet the boxes of NIH ChestX-ray14.

    Of each picture with boxes, the map of the finding that they are of is looked at, whatever the score.
    Beside it stand ways of pointing that see no picture: the middle, the mean box of the same finding in
    other patients, and the mean of the heat maps of other patients with it; and the same network with
    random weights.

    Args:
        model: what :class:`cxrzoo.Scorer` takes.
        root: the folder that holds ``BBox_List_2017.csv`` and images.
        method: one of :data:`cxrzoo.heatmaps.METHODS`.
        threshold: of boxes: a share of a map's highest value.
        n_bootstrap: replicates of the patients.
        seed: of the replicates and of random weights.
        batch_size: pictures that the network takes at a time.

    Raises:
        DataNotFoundError: there are no boxes, or none of their images.
        ModelError: the model has none of the findings, or the method does not go with it.
    """
    check_arguments(localise, locals())
    check_number("threshold", threshold, 0, 1, closed=True)
    check_whole("n_bootstrap", n_bootstrap, 0, most=MOST_REPLICATES)
    check_whole("seed", seed, 0, most=LARGEST_SEED)
    check_whole("batch_size", batch_size, 1, most=4096)
    scorer = Scorer(model, "keras")
    boxed = [one for one in nih_boxes(root) if one.finding in scorer.labels]
    if not boxed:
        raise ModelError(f"model: none of its labels has boxes: {', '.join(scorer.labels)}")
    findings = [name for name in scorer.labels if any(one.finding == name for one in boxed)]
    pictures = list(dict.fromkeys(one.path for one in boxed))
    rows_of = {path: i for i, path in enumerate(pictures)}
    places = [(rows_of[one.path], findings.index(one.finding)) for one in boxed]

    def explained(network: Any) -> Heatmaps:
        opened = Explainer(network, method, labels=findings)
        return opened.explain(pictures, batch_size=batch_size)

    from cxrzoo.heatmaps.randomised import randomised  # noqa: PLC0415 - it imports Keras

    own = explained(scorer.model)
    to_one = [own.values[place] / max(float(own.values[place].max()), 1e-30) for place in places]
    fresh = explained(randomised(scorer.model, seed, all_weights=True))
    headless = explained(randomised(scorer.model, seed, all_weights=False))
    guesses: dict[str, Callable[[int], _Guess]] = {
        f"{method} of the model": lambda i: _by_map(own, *places[i], threshold),
        f"{method}, random weights": lambda i: _by_map(fresh, *places[i], threshold),
        "middle of the picture": lambda _: (
            (EDGE / 2, EDGE / 2),
            Box(EDGE / 4, EDGE / 4, EDGE / 2, EDGE / 2),
        ),
        "mean box of other patients": lambda i: _mean_box(boxed, i),
        "mean heat map of other patients": lambda i: _mean_map(
            to_one, boxed, i, own.placements[places[i][0]], threshold
        ),
    }
    rows: list[LocalisedRow] = []
    for guess, point in guesses.items():
        hits = np.stack([measured(*point(i), one.boxes) for i, one in enumerate(boxed)])
        rows += _rows(guess, hits, boxed, findings, draws=(n_bootstrap, seed))
    sanity = {
        "the head": _alike(own, headless, places),
        "all weights": _alike(own, fresh, places),
    }
    rows.sort(key=lambda row: (row.finding != ALL, row.finding))
    return Localisation(method, threshold, tuple(rows), sanity)


def _rows(
    guess: str,
    hits: NDArray[np.float64],
    boxed: Sequence[Boxed],
    findings: Sequence[str],
    *,
    draws: tuple[int, int],
) -> list[LocalisedRow]:
    rows = []
    for finding in (ALL, *findings):
        on = [i for i, one in enumerate(boxed) if finding in (ALL, one.finding)]
        patients = [boxed[i].patient for i in on]
        found = shares(hits[on], patients, *draws)
        rows.append(
            LocalisedRow(
                guess,
                finding,
                len(on),
                len(set(patients)),
                dict(zip(MEASURES, found, strict=True)),
            )
        )
    return rows


def _by_map(found: Heatmaps, i: int, j: int, threshold: float) -> _Guess:
    return _guess(found.placements[i].undo(found.values[i, j]), threshold)


def _guess(values: NDArray[np.float32], threshold: float) -> _Guess:
    """Return the peak and the box of a map of a picture, in pixels of the published image."""
    down, across = EDGE / values.shape[0], EDGE / values.shape[1]
    y, x = peak(values)
    found = box(values, threshold)
    if found is None:
        return None, None
    return (y * down, x * across), Box(
        found.x * across, found.y * down, found.width * across, found.height * down
    )


def _mean_box(boxed: Sequence[Boxed], i: int) -> _Guess:
    others = [tuple(one) for o in _others(boxed, i) for one in boxed[o].boxes]
    if not others:
        return None, None
    mean = Box(*map(float, np.mean(others, axis=0)))
    return (mean.y + mean.height / 2, mean.x + mean.width / 2), mean


def _mean_map(
    maps: Sequence[NDArray[np.float32]],
    boxed: Sequence[Boxed],
    i: int,
    place: Placement,
    threshold: float,
) -> _Guess:
    others = [maps[o] for o in _others(boxed, i)]
    return _guess(place.undo(np.mean(others, axis=0)), threshold) if others else (None, None)


def _others(boxed: Sequence[Boxed], i: int) -> list[int]:
    """Return those with the same finding in other patients."""
    one = boxed[i]
    return [
        o
        for o, other in enumerate(boxed)
        if other.finding == one.finding and other.patient != one.patient
    ]


def _alike(one: Heatmaps, other: Heatmaps, places: Sequence[tuple[int, int]]) -> float:
    """Return the mean rank correlation of maps; of a map that is the same everywhere, 0."""
    from scipy.stats import rankdata  # type: ignore[import-untyped]  # noqa: PLC0415 - a second

    found = []
    for place in places:
        a, b = (rankdata(maps.values[place].ravel()) for maps in (one, other))
        constant = not a.std() or not b.std()
        found.append(0.0 if constant else float(np.corrcoef(a, b)[0, 1]))
    if not found:
        raise DataError("there is no map to compare")
    return float(np.mean(found))
