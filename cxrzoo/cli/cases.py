"""The page of cases that ``cxrzoo evaluate --cases`` writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from cxrzoo.cli.options import goes_with

if TYPE_CHECKING:
    import keras

    from cxrzoo.data import Records
    from cxrzoo.evaluation import Report
    from cxrzoo.heatmaps import Explainer
    from cxrzoo.heatmaps.methods import Method

PAGE = "cases.html"


@dataclass
class CasesAsked:
    """What was asked for of cases, and what the pictures need once a model is open.

    Attributes:
        n: of each kind; None if no cases are asked for.
        images: whether pictures are embedded.
        method: of the heat maps; None for the default.
        records: what was measured; None where there are no images.
        explainer: what makes the heat maps; None where none are made.
    """

    n: int | None
    images: bool
    method: "Method | None"
    records: "Records | None" = None
    explainer: "Explainer | None" = None

    def misused(self, output: str | None) -> Iterator[str]:
        """Yield all that is wrong with which options were given."""
        if self.n is None:
            yield from goes_with("--cases", ["--case-images"] if self.images else [])
        elif output is None:
            yield from goes_with("--output", ["--cases"])
        if self.method is not None and not self.images:
            yield from goes_with("--case-images", ["--case-method"])

    def prepare(self, model: "keras.Model", labels: list[str], records: "Records") -> None:
        """Take the images that are measured, and make sure at once that the method suits the model."""
        self.records = records
        if self.n is not None and self.images:
            from cxrzoo.heatmaps import Explainer
            from cxrzoo.heatmaps.cases import MOST

            if (drawn := 3 * self.n * len(labels)) > MOST:
                raise click.UsageError(
                    f"--case-images draws {MOST:,} cases at the most, and three lists of each of "
                    f"{len(labels):,} labels make {drawn:,}: ask for fewer with --cases."
                )
            self.explainer = Explainer(model, self.method or "grad-cam", labels=labels).load()

    def write(self, report: "Report", directory: Path) -> None:
        """Write the page; once it is there, the report's page again, with a link to it."""
        if self.n is None:
            return
        from cxrzoo.evaluation import select_cases, write_cases_html, write_html

        patients = None
        if self.records is not None:  # the report's are images with --groups image
            unknown = np.full(len(self.records), None)
            patients = unknown if self.records.patients is None else self.records.patients
        cases, pictures = select_cases(report, self.n, patients=patients), None
        if self.explainer is not None and self.records is not None:
            from cxrzoo.heatmaps import draw_cases

            pictures = draw_cases(self.explainer, cases, list(self.records.images))
        write_cases_html(cases, directory / PAGE, pictures)
        write_html(report, directory / "report.html", cases_page=PAGE)
