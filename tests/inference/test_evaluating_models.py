import keras
import numpy as np
import pytest

from cxrzoo.data import load_sample
from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation import fit_metadata_baseline
from cxrzoo.inference import evaluate
from cxrzoo.labels import NIH_LABELS


@pytest.fixture(scope="module")
def parts():
    return load_sample().split("official")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.AveragePooling2D(8),
            keras.layers.Flatten(),
            keras.layers.Dense(15, activation="sigmoid"),
        ]
    )


class Labelled:
    """A model whose outputs have names, as the zoo's builders give them."""

    def __init__(self, model, labels):
        self.predict_on_batch = model.predict_on_batch
        self.cxrzoo = type("Config", (), {"labels": tuple(labels)})


def dataset(records, **options):
    return records.dataset(image_size=32, batch_size=16, **options)


def test_a_keras_model_on_real_images_takes_patients_from_the_records(parts, model):
    report = evaluate(model, dataset(parts.test), n_bootstrap=20, part="test")
    assert report.n == len(parts.test)
    assert (report.unit, report.units) == ("patient", len(set(parts.test.patients)))
    assert report.data == parts.test.name
    assert report.subgroups
    np.testing.assert_array_equal(report.scored.y_true, parts.test.targets)
    assert report.scored.images == tuple(parts.test.file_names)
    expected = model.predict(dataset(parts.test), verbose=0)
    np.testing.assert_allclose(report.scored.y_score, expected, atol=1e-6)


def test_other_groups_can_be_given(parts, model):
    assert (
        evaluate(model, dataset(parts.test), np.arange(len(parts.test)) % 7, n_bootstrap=2).units
        == 7
    )


def test_outputs_are_read_in_the_order_of_the_targets(parts, model):
    plain = evaluate(model, dataset(parts.test), n_bootstrap=0)
    backwards = evaluate(Labelled(model, NIH_LABELS[::-1]), dataset(parts.test), n_bootstrap=0)
    assert backwards.labels == plain.labels == NIH_LABELS
    np.testing.assert_array_equal(backwards.scored.y_score, plain.scored.y_score[:, ::-1])


def test_labels_that_differ_are_refused(parts, model):
    other = Labelled(model, [*NIH_LABELS[:14], "Scoliosis"])
    with pytest.raises(LabelError, match=r"only the model has \['Scoliosis'\].*\['No Finding'\]"):
        evaluate(other, dataset(parts.test))
    batches = [(np.zeros((2, 32, 32, 1)), np.array([[0] * 15, [1] * 15]))]
    with pytest.raises(LabelError, match="pass labels="):
        evaluate(model, batches)
    assert evaluate(model, batches, labels=NIH_LABELS, n_bootstrap=0).n == 2


def test_an_output_of_another_width_is_refused(parts, model):
    with pytest.raises(EvaluationError, match="do not fit 2 labels"):
        evaluate(model, dataset(parts.test.relabel(NIH_LABELS[:2])))


@pytest.mark.parametrize("options", [{"shuffle": True}, {"augment": "light"}])
def test_a_shuffled_or_augmented_dataset_is_refused(parts, model, options):
    with pytest.raises(EvaluationError, match="every image once, as it is and in order"):
        evaluate(model, dataset(parts.test, **options))


def test_batches_out_of_step_with_their_records_are_refused(parts, model):
    class Backwards:
        def __init__(self, inner):
            self.inner, self.records, self.labels = inner, inner.records, inner.labels

        def __len__(self):
            return len(self.inner)

        def __getitem__(self, i):
            return self.inner[len(self) - 1 - i]

    with pytest.raises(EvaluationError, match="not its records in order"):
        evaluate(model, Backwards(dataset(parts.test)))


def test_the_metadata_baseline_stands_beside_the_model(parts, model):
    train = parts.train
    baseline = fit_metadata_baseline(train.metadata, train.targets, labels=train.labels)
    report = evaluate(model, dataset(parts.test), metadata_baseline=baseline, n_bootstrap=20)
    defined = [row for row in report.rows if row.defined]
    assert all(0 <= row.metadata_roc_auc <= 1 for row in defined)
    with pytest.raises(LabelError, match="not fitted for No Finding"):
        few = fit_metadata_baseline(train.metadata, train.targets[:, :14], labels=train.labels[:14])
        evaluate(model, dataset(parts.test), metadata_baseline=few)


def test_a_metadata_baseline_needs_metadata_and_survives_odd_ones():
    with pytest.raises(EvaluationError, match="needs 'age', 'sex' or 'view'"):
        fit_metadata_baseline({"room": [1, 2]}, [0, 1], labels=["x"])
    with pytest.raises(EvaluationError, match="metadata have 3 rows, but y_true has 2"):
        fit_metadata_baseline({"age": [1, 2, 3]}, [0, 1], labels=["x"])
    baseline = fit_metadata_baseline(
        {"age": [np.nan, 40, 50, 60], "sex": ["M", "F", "", "M"]},
        [[0, 1], [1, 1], [0, 1], [1, 1]],
        labels=["x", "constant"],
    )
    scores = baseline.predict({"age": [200, np.nan], "sex": ["O", "F"]})
    assert scores.shape == (2, 2)
    assert np.isfinite(scores).all()
    np.testing.assert_array_equal(scores[:, 1], 1)
    with pytest.raises(EvaluationError, match="the metadata lack sex"):
        baseline.predict({"age": [1]})
