"""The options that name the data, shared by the commands that read some."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeVar

import click

from cxrzoo.data import Records, Split, load_sample, open_set, records_from_csv
from cxrzoo.data.sets import find_set
from cxrzoo.data.splits import SPLIT_NAMES, SplitName

_F = TypeVar("_F", bound=Callable[..., Any])

_MEANINGS: Final[dict[str, float | None]] = {"1": 1.0, "0": 0.0, "unknown": None}
"""What a word in a label's column may mean."""


def _option(default: Any = None, **settings: Any) -> Any:
    return field(default=default, metadata={"default": default, **settings})


@dataclass(frozen=True, kw_only=True)
class DataArguments:
    """Which data to read and how to part them; each field is the option of its name."""

    data: str | None = _option(metavar="DIR", help="Folder of a public data set, as it unpacks.")
    dataset: str | None = _option(
        metavar="NAME", help="Which set --data is; 'cxrzoo list --datasets' has them; default: nih."
    )
    dataset_option: tuple[str, ...] = _option(
        (), multiple=True, metavar="NAME=VALUE", help="With --dataset: an option of the set's own."
    )
    csv: str | None = _option(metavar="FILE", help="Your own table, plain or gzipped.")
    sample: bool = _option(
        default=False, is_flag=True, help="The embedded sample of 240 NIH images."
    )
    images: str | None = _option(metavar="DIR", help="Folder of the images; default: below --data.")
    image_column: str | None = _option(metavar="NAME", help="Column of images in your own tables.")
    label_column: str | None = _option(metavar="NAME", help="With --csv: column that lists labels.")
    labels: str | None = _option(metavar="A,B,…", help="With --csv: labels, or columns of 0 and 1.")
    separator: str = _option("|", help="Between two labels.")
    patient_column: str | None = _option(
        metavar="NAME", help="Column of patients in your own table."
    )
    cell_value: tuple[str, ...] = _option(
        (),
        multiple=True,
        metavar="WORD=1|0|unknown",
        help="With --csv or --truth: what a word in the labels' columns means.",
    )
    missing: Literal["error", "drop"] = _option(
        "error", type=click.Choice(["error", "drop"]), help="What becomes of rows without an image."
    )
    split: Literal["official", "patient", "stratified", "paper"] | None = _option(
        type=click.Choice(SPLIT_NAMES),
        help="Default: that of the set, as official for NIH; patient for --csv.",
    )
    split_seed: int = _option(0, type=int, help="Seed of the split.")

    def read(self) -> Records:
        """Read the records that the options name.

        Raises:
            click.UsageError: not exactly one source is named, or an option does not go with it.
        """
        refuse(*self._misused())
        if self.sample:
            return load_sample()
        if self.data is not None:
            name, options = self._set()
            return open_set(name, self.data, **options)
        assert self.csv is not None  # noqa: S101 - one source is named
        return records_from_csv(
            self.csv,
            images=self.images,
            image_column=self.image_column,
            label_column=self.label_column,
            labels=None
            if self.labels is None
            else [name.strip() for name in self.labels.split(",")],
            separator=self.separator,
            patient_column=self.patient_column,
            missing=self.missing,
            cell_values=self.cell_values(),
        )

    def cell_values(self) -> dict[str, float | None]:
        """Return what words in the labels' columns mean."""
        pairs = (pair.rpartition("=") for pair in self.cell_value)
        return {word: _MEANINGS[value] for word, _, value in pairs}

    def part(self, records: Records) -> Split:
        """Split records by what was asked for, else as is usual for their source."""
        usual: SplitName = "official" if self.sample else "patient"
        if self.data is not None:
            usual = find_set(self._set()[0]).split
        return records.split(self.split or usual, seed=self.split_seed)

    def given(self, *names: str) -> list[str]:
        """Return those of these options that were given, as they are written."""
        return [f"--{name.replace('_', '-')}" for name in names if getattr(self, name)]

    def _misused(self) -> Iterator[str]:
        """Yield all that is wrong with which options were given."""
        if [self.data is not None, self.csv is not None, self.sample].count(True) != 1:
            yield "name one source of images: --data DIR, --csv FILE or --sample"
        if self.csv is None:
            own = ("image_column", "label_column", "labels", "patient_column", "cell_value")
            yield from goes_with("--csv", self.given(*own))
        if self.data is None:
            yield from goes_with("--data", self.given("dataset", "dataset_option"))
        if unread := [pair for pair in self.dataset_option if "=" not in pair]:
            yield f"--dataset-option takes NAME=VALUE; received {', '.join(unread)}"
        if unread := [pair for pair in self.cell_value if pair.rpartition("=")[2] not in _MEANINGS]:
            yield (
                f"--cell-value takes WORD=1, WORD=0 or WORD=unknown; received {', '.join(unread)}"
            )

    def _set(self) -> tuple[str, dict[str, str]]:
        """Return the name of the data set and the arguments of its reader."""
        name = self.dataset or "nih"
        options = {}
        for pair in self.dataset_option:
            key, _, value = pair.partition("=")
            options[key] = value
        if self.images is not None:
            options["images"] = self.images
        if "missing" in find_set(name).options or self.missing != "error":
            options.setdefault("missing", self.missing)
        return name, options


def goes_with(owner: str, options: Sequence[str]) -> Iterator[str]:
    """Yield what to say of options that are of no use without another one, if there are any."""
    if options:
        yield f"{', '.join(options)} {'goes' if len(options) == 1 else 'go'} with {owner}"


def refuse(*problems: str) -> None:
    """Raise a usage error that says all that is wrong; do nothing if nothing is."""
    if problems:
        raise click.UsageError("; ".join(problems) + ".")


_SPLIT: Final = ("split", "split_seed")


def data_options(*, split: bool = True) -> Callable[[_F], _F]:
    """Give a command the options of the data, those of its split if it does, as one ``source``."""

    def decorate(command: _F) -> _F:
        used = [one for one in fields(DataArguments) if split or one.name not in _SPLIT]

        @functools.wraps(command)
        def reading(**arguments: Any) -> Any:
            source = DataArguments(**{one.name: arguments.pop(one.name) for one in used})
            return command(source=source, **arguments)

        for one in reversed(used):
            reading = click.option(f"--{one.name.replace('_', '-')}", **one.metadata)(reading)
        return reading  # type: ignore[return-value] # a command is called by click alone

    return decorate


model_option = click.option(
    "--model",
    "-m",
    default="nih-mini",
    metavar="MODEL",
    help="A release, hf://org/name, or a directory.",
)

on_error_option = click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    help="What an unreadable file does; after 'skip' the status is 1.",
)
