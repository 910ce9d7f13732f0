"""Training recipes as frozen data: the rows of the paper's results table, one of ours, one a backbone.

Source of the paper's rows: Brako and Moncrief, section 4. Its last row repeats the parameters of the
fifth and reports AUC in place of accuracy, so five recipes serve six rows. The paper names no
optimizer; Adam is ours. A backbone's recipe is made of the figures that its own file gives.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from cxrzoo.errors import TrainingError, named
from cxrzoo.images.spec import ImageSpec
from cxrzoo.nearest import with_nearest
from cxrzoo.typed import check_arguments, check_fields
from cxrzoo.zoo import ListedBuilder, ListedFineTuning, listed_builders


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained.

    Attributes:
        name: the recipe's name.
        builder: registered name of the model's builder.
        arguments: the builder's arguments, but ``input_shape``, ``labels`` and ``weights``.
        weights: what training starts from: None (random), ``"imagenet"``, a backbone's
            ``"FILE.safetensors"``, or a published model: a name of the catalog,
            ``"hf://org/name@revision"`` or a directory.
        image_size: side of the square input in pixels.
        channels: 1 for grey.
        learning_rate: the highest; the schedule lowers it.
        weight_decay: decoupled weight decay of AdamW; 0 is plain Adam.
        epochs: passes over the training part at the most.
        batch_size: images a step.
        augment: ``"none"``, ``"light"`` or ``"strong"``.
        callbacks: name of the callback preset.
        source: where the numbers come from.
        aspect: what becomes of images that are not square: ``"stretch"``, ``"pad"`` or ``"crop"``. The
            model's description keeps it.
        precision: ``"float32"``; or Keras's ``"mixed_bfloat16"`` or ``"mixed_float16"``, which compute in
            16 bits and keep weights, scores and loss in 32. For devices that are faster so; the model
            that a run leaves is measured and saved in float32.
        schedule: ``"plateau"`` lowers the rate when the validation AUC stalls, as the preset has it;
            ``"cosine"`` raises it from a hundredth over the first epoch and lowers it to 0 over the
            others, step by step, along half a cosine (Loshchilov and Hutter, "SGDR", ICLR 2017).
        loss: ``"crossentropy"``; ``"balanced"``, where a label's positives weigh negatives / positives of
            the training part (:func:`~cxrzoo.training.balancing_weights`); or ``"asymmetric"``
            (:class:`~cxrzoo.training.MaskedAsymmetricLoss`). Scores of the last two are no
            probabilities until they are calibrated.
    """

    name: str
    builder: str
    learning_rate: float
    epochs: int
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    weights: str | None = None
    image_size: int = 224
    channels: Literal[1, 3] = 1
    weight_decay: float = 0.0
    batch_size: int = 64
    augment: Literal["none", "light", "strong"] = "none"
    callbacks: Literal["paper", "modern"] = "paper"
    source: str = "the paper's results table"
    aspect: Literal["stretch", "pad", "crop"] = "stretch"
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    schedule: Literal["plateau", "cosine"] = "plateau"
    loss: Literal["crossentropy", "balanced", "asymmetric"] = "crossentropy"

    def __post_init__(self) -> None:
        check_fields(self, TrainingError)
        object.__setattr__(self, "arguments", MappingProxyType(dict(self.arguments)))
        if own := {"input_shape", "labels", "weights"} & set(self.arguments):
            raise TrainingError(
                f"arguments must not hold {', '.join(sorted(own))}: labels are those of the data, and "
                "the recipe has image_size, channels and weights of its own."
            )
        wrong = []
        for name, low, high in (
            ("learning_rate", 1e-8, 10.0),
            ("epochs", 1, 10_000),
            ("batch_size", 1, 65_536),
            ("image_size", 32, 2048),
            ("weight_decay", 0.0, 1.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                wrong.append(f"{named(name)} must lie in [{low}, {high}]; received {value!r}.")
        if wrong:
            raise TrainingError(" ".join(wrong))

    @property
    def image_spec(self) -> ImageSpec:
        """What the model sees of a picture."""
        return ImageSpec(self.image_size, self.image_size, self.channels, self.aspect)


_OF_THE_PAPER_AND_OURS: Final = (
    Recipe("cnn-test1-a", "cnn_test1", 0.02, 2, {"dropout": 0.2}),
    Recipe("cnn-test1-b", "cnn_test1", 0.001, 3, {"dropout": 0.5}),
    Recipe("cnn-test2", "cnn_test2", 0.02, 3, {"dropout": 0.5}),
    Recipe("mobilenet-a", "mobilenet_cxr", 0.02, 1, {"dropout": 0.5}, "imagenet"),
    Recipe("mobilenet-b", "mobilenet_cxr", 0.02, 3, {"dropout": 0.5}, "imagenet"),
    Recipe(
        "modern",
        "mobilenet_cxr",
        3e-4,
        12,
        weights="imagenet",
        weight_decay=1e-4,
        batch_size=32,
        augment="light",
        callbacks="modern",
        source="ours, benchmarks/accuracy/ablation.py",
        schedule="cosine",
        loss="balanced",
    ),
)


def _of_backbones() -> Iterator[Recipe]:
    """Give the recipe of each backbone whose file says how it is fine-tuned."""
    for builder in listed_builders().values():
        if builder.fine_tuning is not None:
            yield _of_backbone(builder, builder.fine_tuning)


def _of_backbone(builder: ListedBuilder, figures: ListedFineTuning) -> Recipe:
    return Recipe(
        str(builder.recipe),
        builder.name,
        figures.learning_rate,
        figures.epochs,
        weights="imagenet" if builder.imagenet else None,
        image_size=figures.image_size,
        weight_decay=figures.weight_decay,
        batch_size=figures.batch_size,
        augment="light",
        callbacks="modern",
        source=figures.source,
        schedule="cosine",
    )


recipes: Final[Mapping[str, Recipe]] = MappingProxyType(
    {recipe.name: recipe for recipe in (*_OF_THE_PAPER_AND_OURS, *_of_backbones())}
)
"""The recipes by name."""


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        TrainingError: there is none; the message has the nearest names.
    """
    check_arguments(find_recipe, locals(), TrainingError)
    if name not in recipes:
        raise TrainingError(
            f"there is no recipe {with_nearest([name], recipes)}; there are {', '.join(recipes)}."
        )
    return recipes[name]
