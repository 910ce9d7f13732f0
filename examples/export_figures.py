"""Draw a finished run's figures for a paper or a slide: curves as SVG, the table as CSV, one HTML page.

    python examples/export_figures.py [RUN_DIRECTORY [FOLDER_FOR_FIGURES]]

Without arguments it makes a small run first. Figures of the part that a model was chosen on flatter it;
their captions say which part they are of.
"""

import sys
from dataclasses import replace
from pathlib import Path

import cxrzoo
from cxrzoo.evaluation import plot_precision_recall, plot_reliability, plot_roc, write_html

run_folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/export_figures/run")
figures = Path(sys.argv[2] if len(sys.argv) > 2 else "runs/export_figures/figures")
parts = cxrzoo.load_sample().split("official")
if not (run_folder / "report.json").exists():
    recipe = replace(
        cxrzoo.recipes["modern"],
        name="figures",
        weights=None,
        arguments={"alpha": 0.25},
        image_size=64,
        epochs=1,
    )
    cxrzoo.train(recipe, parts.train, parts.validation, run_folder, split=parts.name)

model = cxrzoo.from_pretrained(run_folder / "model")
report = cxrzoo.evaluate(
    model,
    parts.test.dataset(image_spec=model.cxrzoo.image_spec),
    name="run",
    split=parts.name,
    part="test",
)
figures.mkdir(parents=True, exist_ok=True)
plot_roc(report, figures / "roc.svg")
plot_precision_recall(report, figures / "precision_recall.svg")
plot_reliability(report, figures / "reliability.svg")
report.to_csv(figures / "report.csv")
write_html(report, figures / "report.html")
print(f"{len(list(figures.iterdir()))} files in {figures}")
