from dataclasses import FrozenInstanceError, replace

import pytest

import cxrzoo
from cxrzoo.errors import TrainingError
from cxrzoo.models import entry
from cxrzoo.training import find_recipe

# Section 4 of the paper, row by row: learning rate, epochs, batch size, dropout.
PAPER = {
    "cnn-test1-a": ("cnn_test1", 0.02, 2, 64, 0.2),
    "cnn-test1-b": ("cnn_test1", 0.001, 3, 64, 0.5),
    "cnn-test2": ("cnn_test2", 0.02, 3, 64, 0.5),
    "mobilenet-a": ("mobilenet_cxr", 0.02, 1, 64, 0.5),
    "mobilenet-b": ("mobilenet_cxr", 0.02, 3, 64, 0.5),
}


@pytest.mark.parametrize("name", PAPER)
def test_a_recipe_has_the_papers_numbers(name):
    recipe = cxrzoo.recipes[name]
    found = (
        recipe.builder,
        recipe.learning_rate,
        recipe.epochs,
        recipe.batch_size,
        recipe.arguments["dropout"],
    )
    assert found == PAPER[name]


@pytest.mark.parametrize("recipe", cxrzoo.recipes.values(), ids=lambda recipe: recipe.name)
def test_every_recipe_names_a_builder_and_arguments_that_it_takes(recipe):
    assert set(recipe.arguments) <= set(entry(recipe.builder).defaults)


def test_recipes_are_frozen():
    with pytest.raises(FrozenInstanceError):
        cxrzoo.recipes["modern"].epochs = 1
    with pytest.raises(TypeError):
        cxrzoo.recipes["modern"].arguments["alpha"] = 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", 0),
        ("epochs", 0),
        ("batch_size", -1),
        ("augment", "flip"),
        ("callbacks", "x"),
    ],
)
def test_a_value_out_of_bounds_is_named_with_what_was_expected(field, value):
    with pytest.raises(TrainingError, match=f"{field} must .*(received|got) {value!r}"):
        replace(cxrzoo.recipes["modern"], **{field: value})


@pytest.mark.parametrize("name", ["input_shape", "labels", "weights"])
def test_what_the_data_and_the_recipe_say_is_no_argument_of_the_builder(name):
    with pytest.raises(TrainingError, match=f"arguments must not hold {name}"):
        replace(cxrzoo.recipes["modern"], arguments={name: None})


def test_an_unknown_recipe_is_met_with_the_nearest_name():
    with pytest.raises(TrainingError, match="nearest: 'modern'"):
        find_recipe("modren")


def test_a_backbone_that_says_how_it_is_fine_tuned_has_a_recipe_of_its_name():
    made = {}
    for backbone in map(entry, cxrzoo.list_models()):
        if (figures := backbone.fine_tuning) is None:
            continue
        recipe = find_recipe(backbone.name.removesuffix("_cxr").replace("_", "-"))
        made[recipe.name] = recipe
        assert recipe.builder == backbone.name
        assert recipe.source == figures.source
        for name in ("learning_rate", "weight_decay", "batch_size", "epochs", "image_size"):
            assert getattr(recipe, name) == getattr(figures, name)
        assert recipe.weights == ("imagenet" if backbone.imagenet else None)
        assert (recipe.callbacks, recipe.augment) == ("modern", "light")
        assert (recipe.schedule, recipe.loss) == ("cosine", "crossentropy")
    older = {*PAPER, "modern"}
    assert set(cxrzoo.recipes) == older | set(made)
    assert not older & set(made)


def test_densenet121_is_fine_tuned_as_chexnet_was():
    """Rajpurkar et al., CheXNet, 2017: Adam, 0.001, batches of 16, 224 pixels, ImageNet weights."""
    recipe = find_recipe("densenet121")
    found = (recipe.learning_rate, recipe.batch_size, recipe.image_size, recipe.weight_decay)
    assert (recipe.weights, *found) == ("imagenet", 0.001, 16, 224, 0.0)


def test_the_recipes_are_known_without_keras(run_python):
    names = run_python(
        "import sys, cxrzoo\n"
        "print(*cxrzoo.recipes)\n"
        "assert cxrzoo.training.find_recipe('densenet121').builder == 'densenet121_cxr'\n"
        "assert not {'keras', 'tensorflow', 'jax', 'torch', 'sklearn', 'PIL'} & set(sys.modules)"
    )
    assert names.split() == list(cxrzoo.recipes)
