"""``cxrzoo quickstart``: the whole road once, on the embedded sample, without a download."""

import shutil
from pathlib import Path

import click

from cxrzoo.cli.evaluate import write_report
from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.predict import show
from cxrzoo.cli.terminal import say
from cxrzoo.errors import TrainingError


@click.command()
@click.option("--output", default="cxrzoo-quickstart", metavar="DIR", help="Directory of the run.")
@click.option("--epochs", type=click.IntRange(1), default=4, help="Epochs at the most.")
@click.option("--seed", default=0, help="Seed of the run.")
@click.option("--fresh", is_flag=True, help="Remove an earlier quickstart in the directory first.")
def command(*, output: str, epochs: int, seed: int, fresh: bool) -> None:
    """Fine-tune, measure, save and reload a small MobileNet on the embedded sample of NIH images."""
    import_keras()
    import cxrzoo
    from cxrzoo.inference import predict_files

    directory = Path(output)
    if fresh and (directory / "run.json").exists():
        shutil.rmtree(directory)
    records = cxrzoo.load_sample()
    parts = records.split("official")
    say(
        f"{len(records)} real NIH chest X-rays: {len(parts.train)} train, {len(parts.validation)} "
        f"validation, {len(parts.test)} test; no patient in two parts."
    )
    recipe = cxrzoo.Recipe(
        "quickstart",
        "mobilenet_cxr",
        learning_rate=1e-4,
        epochs=epochs,
        weights="nih-mini",
        image_size=160,
        batch_size=16,
        augment="light",
        callbacks="modern",
        source="ours",
    )
    try:
        run = cxrzoo.train(
            recipe, parts.train, parts.validation, directory, seed=seed, split=parts.name
        )
    except TrainingError as error:
        raise TrainingError(f"{error.marked} (--output DIR, or --fresh to start anew.)") from None
    report = cxrzoo.evaluate(
        run.model,
        parts.test.dataset(image_size=recipe.image_size),
        name=recipe.name,
        split=parts.name,
        part="test",
    )
    write_report(report, directory / "test")
    say(f"\n{report.to_markdown(details=False)}")
    say("The sample is small and enriched: these figures show the machinery, not a model.\n")

    reloaded = cxrzoo.from_pretrained(directory / "model")
    show(predict_files(reloaded, list(parts.test.images[:3])), top=3)
    say(f"\nModel, history, reports and ROC plots are in {directory}. Next:")
    say(f"  cxrzoo predict --model {directory / 'model'} YOUR_IMAGE.png")
