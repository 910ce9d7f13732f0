"""The options that name a data set, shared by the commands that read one."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

from cxrzoo.data import NIHChestXray14, Records, Split, load_sample, records_from_csv
from cxrzoo.data.splits import SPLIT_NAMES

__all__ = ["data_options", "on_error_option", "read_records", "split_options", "split_records"]

_F = TypeVar("_F", bound=Callable[..., Any])


def data_options(command: _F) -> _F:
    """Adds the options that :func:`read_records` takes."""
    for option in reversed(
        (
            click.option(
                "--data", metavar="DIR", help="NIH ChestX-ray14, as it unpacks or any part of it."
            ),
            click.option("--csv", metavar="FILE", help="Your own table, plain or gzipped."),
            click.option("--sample", is_flag=True, help="The embedded sample of 240 NIH images."),
            click.option(
                "--images", metavar="DIR", help="Folder of the images; default: below --data."
            ),
            click.option(
                "--image-column", metavar="NAME", help="With --csv: column of image paths."
            ),
            click.option(
                "--label-column", metavar="NAME", help="With --csv: column that lists labels."
            ),
            click.option(
                "--labels", metavar="A,B,…", help="With --csv: labels, or columns of 0 and 1."
            ),
            click.option("--separator", default="|", show_default=True, help="Between two labels."),
            click.option(
                "--patient-column", metavar="NAME", help="With --csv: column of patients."
            ),
            click.option(
                "--missing",
                type=click.Choice(["error", "drop"]),
                default="error",
                show_default=True,
                help="What becomes of rows without an image.",
            ),
        )
    ):
        command = option(command)
    return command


on_error_option = click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What an unreadable file does; after 'skip' the status is 1.",
)


def split_options(command: _F) -> _F:
    """Adds the options that :func:`split_records` takes."""
    seed = click.option(
        "--split-seed", type=int, default=0, show_default=True, help="Seed of the split."
    )
    name = click.option(
        "--split",
        type=click.Choice(SPLIT_NAMES),
        help="Default: official for NIH, patient for --csv.",
    )
    return name(seed(command))


def read_records(
    *,
    data: str | None,
    csv: str | None,
    sample: bool,
    images: str | None,
    missing: Literal["error", "drop"],
    image_column: str | None,
    label_column: str | None,
    labels: str | None,
    separator: str,
    patient_column: str | None,
) -> Records:
    """Reads the records that the data options name.

    Raises:
        click.UsageError: not exactly one source is named, or an option does not go with it.
    """
    if [data is not None, csv is not None, sample].count(True) != 1:
        raise click.UsageError("name one source of images: --data DIR, --csv FILE or --sample.")
    own = {
        "--image-column": image_column,
        "--label-column": label_column,
        "--labels": labels,
        "--patient-column": patient_column,
    }
    if csv is None and (given := [name for name, value in own.items() if value is not None]):
        raise click.UsageError(f"{given[0]} goes with --csv.")
    if sample:
        return load_sample()
    if data is not None:
        return NIHChestXray14(data, images=images, missing=missing)
    assert csv is not None  # noqa: S101 - one source is named
    return records_from_csv(
        csv,
        images=images,
        image_column=image_column,
        label_column=label_column,
        labels=None if labels is None else [name.strip() for name in labels.split(",")],
        separator=separator,
        patient_column=patient_column,
        missing=missing,
    )


def split_records(records: Records, name: str | None, seed: int, *, own: bool) -> Split:
    """Splits records by name; by patient for one's own table, officially for NIH, unless told."""
    return records.split(name or ("patient" if own else "official"), seed=seed)  # type: ignore[arg-type] # a click.Choice
