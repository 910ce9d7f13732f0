"""``cxrzoo explain``: heat maps of image files, as pictures to look at."""

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import model_option, refuse
from cxrzoo.cli.terminal import say
from cxrzoo.files import write_whole
from cxrzoo.heatmaps.methods import METHODS

if TYPE_CHECKING:
    from PIL import Image

    from cxrzoo.heatmaps import Heatmaps

_ON_SHEET: Final = 40
"""Pictures on a contact sheet at the most."""


@click.command()
@click.argument("paths", nargs=-1, required=True)
@model_option
@click.option(
    "--label",
    "labels",
    multiple=True,
    required=True,
    metavar="NAME",
    help="What is explained, once or several times; 'all' for all of the model's labels.",
)
@click.option("--output", "-o", required=True, metavar="DIR", help="Write the pictures here.")
@click.option(
    "--method", type=click.Choice(list(METHODS)), default="grad-cam", help="How maps are made."
)
@click.option("--stride", type=int, help="Of the feature maps; default: the method's own.")
@click.option("--window", type=int, help="With --method occlusion: side of what covers, in pixels.")
@click.option(
    "--steps", type=click.IntRange(1), default=32, help="Of --method integrated-gradients."
)
@click.option(
    "--threshold", type=float, default=0.5, help="Of boxes: a share of the highest value."
)
@click.option("--batch-size", type=click.IntRange(1), default=8, help="Images at a time.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "keras", "openvino"]),
    default="auto",
    help="With --method occlusion: what computes.",
)
@click.option("--arrays", is_flag=True, help="Write the maps too, as heatmaps.npz.")
def command(
    paths: tuple[str, ...],
    *,
    model: str,
    labels: tuple[str, ...],
    output: str,
    threshold: float,
    batch_size: int,
    arrays: bool,
    **options: Any,
) -> None:
    """Draw what a score came from: PATHS are files, folders or patterns.

    Pictures are numbered in the order of PATHS. Nothing of a DICOM header is written; heatmaps.json
    has the names of the files.
    """
    refuse(*([] if 0 < threshold <= 1 else ["--threshold must be above 0 and at most 1"]))
    from cxrzoo.inference import expand_paths

    files = expand_paths(paths)
    from cxrzoo.heatmaps import Explainer
    from cxrzoo.progress import bar

    chosen = None if labels == ("all",) else labels
    explainer = Explainer(model, labels=chosen, **options)
    import_keras()
    found = explainer.explain(files, batch_size=batch_size)
    folder = Path(output)
    rows: list[dict[str, Any]] = []
    sheet: dict[str, Image.Image] = {}
    with bar("drawing", len(found)) as advance_to:
        for i in range(len(found)):
            row, drawn = _drawn(found, i, threshold, folder)
            rows.append(row)
            sheet.update(list(drawn.items())[: _ON_SHEET - len(sheet)])
            advance_to(i + 1)
    from cxrzoo.heatmaps.colours import contact_sheet

    write_whole(folder / "sheet.png", _png(contact_sheet([*sheet.values()], [*sheet])))
    if arrays:
        found.save(folder / "heatmaps.npz")
    content = {"model": model, "method": found.method, "threshold": threshold, "pictures": rows}
    write_whole(folder / "heatmaps.json", json.dumps(content, indent=2) + "\n")
    for row in rows:
        say(f"{row['file']}  {_line(row['labels'])}")
    say(f"{len(found):,} files x {len(found.labels)} labels -> {folder}")


def _drawn(
    found: "Heatmaps", i: int, threshold: float, folder: Path
) -> tuple[dict[str, Any], dict[str, "Image.Image"]]:
    """Write the pictures of one file; return its row of the JSON, and the pictures by name."""
    from cxrzoo.heatmaps.colours import panel
    from cxrzoo.heatmaps.maps import box, peak
    from cxrzoo.images.decoding import read_grey

    grey = read_grey(found.images[i])
    rows: dict[str, Any] = {}
    drawn: dict[str, Image.Image] = {}
    for j, (label, values) in enumerate(zip(found.labels, found[i], strict=True)):
        score = float(found.scores[i, j])
        picture = panel(grey, values, label, score, found.method)
        name = f"{i + 1:04d}-{_as_name(label)}.png"
        if name in drawn:  # two labels that differ in letters that a file's name has not
            name = f"{name.removesuffix('.png')}-{j + 1}.png"
        write_whole(folder / name, _png(picture))
        drawn[name] = picture
        (y, x), around = peak(values), box(values, threshold)
        rows[label] = {
            "score": score,
            "peak": None if y != y else [x, y],  # noqa: PLR0124 - NaN
            "box": None if around is None else list(around),
            "picture": name,
        }
    row = {
        "file": Path(found.images[i]).name,
        "width": grey.width,
        "height": grey.height,
        "labels": rows,
    }
    return row, drawn


def _line(labels: dict[str, Any]) -> str:
    return "  ".join(
        f"{name} {one['score']:.3f}"
        + (" at x={:.0f} y={:.0f}".format(*one["peak"]) if one["peak"] else " nowhere")
        for name, one in labels.items()
    )


def _as_name(label: str) -> str:
    return "".join(one if one.isalnum() and one.isascii() else "-" for one in label).lower()[:60]


def _png(picture: "Image.Image") -> bytes:
    held = BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()
