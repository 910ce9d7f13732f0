"""``cxrzoo convert``: a model of the zoo from another framework's weights."""

import json
from collections.abc import Iterator
from inspect import signature
from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras, quietly
from cxrzoo.cli.options import refuse
from cxrzoo.cli.terminal import say
from cxrzoo.convert import ForeignWeights, read_weights
from cxrzoo.convert.foreign import printable
from cxrzoo.errors import LabelError
from cxrzoo.opened import read_file

_MOST_LABEL_BYTES = 1 << 20


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--inspect", is_flag=True, help="Only list what is in FILE.")
@click.option("--as", "builder", metavar="BUILDER", help="The same network, of 'cxrzoo list'.")
@click.option("--labels", metavar="A,B,…", help="The outputs in order; nothing to leave one out.")
@click.option("--labels-file", metavar="PATH", help="The same, one a line.")
@click.option("--output", "-o", metavar="DIR", help="Where the model is written.")
@click.option("--input-size", default="224", metavar="N|HxW", help="In pixels.")
@click.option("--scaling", metavar="NAME", help="unit, symmetric, imagenet or torchxrayvision.")
@click.option("--mean", metavar="M|R,G,B", help="Of pixels from 0 to 1; goes with --std.")
@click.option("--std", metavar="S|R,G,B", help="Of pixels from 0 to 1; goes with --mean.")
@click.option(
    "--output-activation",
    type=click.Choice(["sigmoid", "softmax", "none"]),
    default="sigmoid",
    help="What turns the last layer into scores.",
)
@click.option(
    "--aspect",
    type=click.Choice(["stretch", "pad", "crop"]),
    default="stretch",
    help="How training images were made to fit.",
)
@click.option("--publisher", metavar="NAME", help="Whose names the tensors have; default: tried.")
@click.option(
    "--argument",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of BUILDER, as 'cxrzoo info BUILDER' lists them; may be repeated.",
)
@click.option("--model-key", metavar="KEY", help="Where the model stands, if FILE holds several.")
def command(
    file: str,
    *,
    inspect: bool,
    builder: str | None,
    labels: str | None,
    labels_file: str | None,
    output: str | None,
    input_size: str,
    scaling: str | None,
    mean: str | None,
    std: str | None,
    output_activation: str,
    model_key: str | None,
    arguments: tuple[str, ...],
    **options: Any,
) -> None:
    """Make a model of the zoo of FILE: PyTorch, safetensors or Keras 2 HDF5 weights.

    Nothing in FILE is run, and PyTorch is not needed. Pixels are scaled as BUILDER does it, unless
    --scaling, or --mean and --std, say how the network was trained.
    """
    if inspect:
        for line in _inspected(read_weights(file, model=model_key)):
            say(line)
        return
    wrong = []
    if builder is None or output is None:
        wrong.append("name the network with --as BUILDER and a folder with --output DIR")
    if labels is not None and labels_file is not None:
        wrong.append("give either --labels or --labels-file")
    if (mean is None) != (std is None) or (scaling is not None and mean is not None):
        wrong.append("give --scaling NAME, or --mean and --std together")
    refuse(*wrong)
    assert builder is not None  # noqa: S101 - else it was refused
    assert output is not None  # noqa: S101
    names = _labels(labels, labels_file)
    size, scaled = _size(input_size), _scaling(scaling, mean, std)
    own = _arguments(arguments)
    import_keras()
    from cxrzoo.artifacts import convert_file, save_pretrained
    from cxrzoo.models import entry

    if taken := own.keys() & signature(convert_file).parameters:
        raise click.BadParameter(
            f"{', '.join(sorted(taken))}: the file or another option says that.",
            param_hint="--argument",
        )
    with quietly():
        model = convert_file(
            file,
            builder,
            labels=names,
            input_size=size,
            scaling=scaled,
            output_activation=None if output_activation == "none" else output_activation,
            model_key=model_key,
            **options,
            **own,
        )
        save_pretrained(model, output)
    config = model.cxrzoo
    height, width, channels = config.arguments["input_shape"]
    say(f"{output}: {builder} for {height} x {width} pixels, {channels} channel(s), "
               f"{len(config.labels)} labels.")  # fmt: skip
    say(f"from {config.lineage.started_from}")
    say(f"pixels are scaled {entry(builder).scaling_for(config.arguments)}")
    if config.thresholds:
        say(f"{len(config.thresholds)} decision thresholds were in the file.")


def _inspected(weights: ForeignWeights) -> Iterator[str]:
    """Return the lines that tell what is in a file; names in it are made printable."""
    yield f"{printable(weights.name)}: {weights.format}, {weights.size:,} bytes"
    yield f"SHA-256 {weights.sha256}"
    if weights.model or len(weights.models) > 1:
        places = ", ".join(repr(printable(place)) for place in weights.models)
        yield f"model at {printable(weights.model)!r}; tensors stand by name at {places}"
    width = max((len(name) for name in weights.tensors), default=0)
    for name, tensor in weights.tensors.items():
        yield f"{printable(name):<{min(width, 80)}}  {tensor.dtype:<8}  {tensor.shape}"
    yield f"{len(weights.tensors)} tensors"
    if weights.other:
        yield "what else is in it:"
        yield from (f"  {printable(line)}" for line in weights.other)


def _labels(listed: str | None, path: str | None) -> list[str] | None:
    if listed is not None:
        return [name.strip() for name in listed.split(",")]
    if path is None:
        return None
    raw = read_file(path, _MOST_LABEL_BYTES, LabelError)
    try:
        return [line.strip() for line in raw.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise LabelError(f"{path} is no text in UTF-8; give one label a line.") from None


def _arguments(given: tuple[str, ...]) -> dict[str, Any]:
    """Return the builder's arguments by name: values are JSON, and what is none is text."""
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        wrong = None
        if not equals or not name.isidentifier():
            wrong = f"{one!r} is not NAME=VALUE, such as depth=12."
        elif name in found:
            wrong = f"{name} is given twice."
        if wrong:
            raise click.BadParameter(wrong, param_hint="--argument")
        try:
            found[name] = json.loads(value)
        except (ValueError, RecursionError):
            found[name] = value
    return found


def _size(given: str) -> tuple[int, int]:
    sides = given.lower().split("x")
    if len(sides) > 2 or not all(side.strip().isdecimal() and len(side) < 6 for side in sides):
        raise click.BadParameter(
            f"{given!r} is neither N nor HxW, such as 224.", param_hint="--input-size"
        )
    return int(sides[0]), int(sides[-1])


def _scaling(
    name: str | None, mean: str | None, std: str | None
) -> str | tuple[tuple[float, ...], tuple[float, ...]] | None:
    if mean is None or std is None:
        return name
    from cxrzoo.models import Scaling

    means, deviations = _numbers(mean, "--mean"), _numbers(std, "--std")
    n = max(len(means), len(deviations))
    if 0.0 in deviations:
        raise click.BadParameter("a deviation of 0 divides by nothing.", param_hint="--std")
    found = Scaling.standardised(n // len(means) * means, n // len(deviations) * deviations)
    return found.scale, found.offset  # type: ignore[return-value] # both are tuples


def _numbers(given: str, option: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in given.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in {1, 3}:
        raise click.BadParameter(f"{given!r} is neither one number nor three.", param_hint=option)
    return numbers
