import shutil
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageOps

from cxrzoo.errors import DataError, ImageError, ModelError
from cxrzoo.images import ImageSpec, read_image
from cxrzoo.inference import decoding as decoding_module
from cxrzoo.inference import predict_files


@pytest.fixture(scope="module")
def model(small):
    return small("cnn_test1", input_shape=(48, 32, 1))


@pytest.fixture
def broken(sample_files, tmp_path):
    """A real X-ray cut short."""
    path = tmp_path / "broken.png"
    path.write_bytes(Path(sample_files[0]).read_bytes()[:2000])
    return str(path)


def test_scores_are_those_of_the_model_on_the_images_as_they_are_read(model, score, sample_files):
    predictions = predict_files(model, sample_files)
    pixels = np.stack([read_image(path, (48, 32)) for path in sample_files])
    assert predictions.images == tuple(sample_files)
    assert predictions.labels == ("Mass", "Edema", "No Finding")
    assert predictions.failures == ()
    assert predictions.scores.dtype == np.float32
    np.testing.assert_allclose(predictions.scores, score(model, pixels), atol=1e-6)
    assert len(np.unique(predictions.scores[:, 0])) == len(sample_files)


def test_the_size_of_a_batch_changes_no_score_and_only_whole_batches_are_computed(
    small, sample_files, monkeypatch, same_scores
):
    model = small("mobilenet_cxr")
    one_by_one = predict_files(model, sample_files[:5], batch_size=1)
    shapes = []
    compute = keras.Model.predict_on_batch

    def noted(computing, batch):
        shapes.append(batch.shape)
        return compute(computing, batch)

    monkeypatch.setattr(keras.Model, "predict_on_batch", noted)
    batched = predict_files(model, sample_files[:5], batch_size=4)
    same_scores(batched.scores, one_by_one.scores)
    assert np.ptp(one_by_one.scores, axis=0).max() > 1e-3
    assert shapes == [(4, 32, 32, 1)] * 2


def test_flip_takes_the_mean_over_each_image_and_its_mirror_image(
    small, sample_files, tmp_path, same_scores
):
    model = small("mobilenet_cxr")
    turned = []
    for i, file in enumerate(sample_files[:3]):
        ImageOps.mirror(Image.open(file)).save(tmp_path / f"{i}.png")
        turned.append(str(tmp_path / f"{i}.png"))
    ours, other = (predict_files(model, files).scores for files in (sample_files[:3], turned))
    assert np.abs(ours - other).max() > 1e-3
    both = predict_files(model, sample_files[:3], batch_size=2, flip=True).scores
    same_scores(both, (ours + other) / 2)


def test_mirror_is_the_old_name_of_flip(model, sample_files):
    flipped = predict_files(model, sample_files[:1], flip=True)
    with pytest.warns(DeprecationWarning, match=r"mirror=\.\.\.\) is now flip="):
        found = predict_files(model, sample_files[:1], mirror=True)
    np.testing.assert_array_equal(found.scores, flipped.scores)


def test_a_model_of_three_channels_gets_three(small, sample_files):
    model = small("cnn_test1", input_shape=(32, 32, 3))
    assert predict_files(model, sample_files[:2]).scores.shape == (2, 3)


def test_a_broken_file_stops_by_default_and_is_named(model, sample_files, broken):
    with pytest.raises(ImageError, match=r"broken\.png"):
        predict_files(model, [*sample_files, broken])


def test_a_broken_file_may_be_skipped_and_is_listed(model, sample_files, broken, tmp_path):
    absent = str(tmp_path / "absent.png")
    mixed = [broken, *sample_files[:3], absent, sample_files[3]]
    behind = []
    predictions = predict_files(model, mixed, batch_size=2, on_error="skip", on_batch=behind.append)
    assert predictions.images == tuple(sample_files[:4])
    assert [file for file, _ in predictions.failures] == [broken, absent]
    assert all(file in reason for file, reason in predictions.failures)
    whole = predict_files(model, sample_files[:4], batch_size=2)
    np.testing.assert_allclose(predictions.scores, whole.scores, atol=1e-6)
    assert behind == [2, 4, 6]


def test_when_every_file_is_broken_there_are_no_scores(model, broken):
    predictions = predict_files(model, [broken], on_error="skip")
    assert predictions.scores.shape == (0, 3)
    assert predictions.images == ()
    assert len(predictions.failures) == 1


def test_no_files_are_no_scores(model):
    assert predict_files(model, []).scores.shape == (0, 3)


def test_reading_ahead_ends_with_the_error(model, sample_files, broken, tmp_path, monkeypatch):
    many = [str(shutil.copy(sample_files[0], tmp_path / f"{i}.png")) for i in range(200)]
    read = []

    whole = ImageSpec.read

    def counted(spec, path):
        read.append(path)
        return whole(spec, path)

    monkeypatch.setattr(ImageSpec, "read", counted)
    monkeypatch.setattr(decoding_module, "_BYTES_AHEAD", 0)
    with pytest.raises(ImageError):
        predict_files(model, [broken, *many], batch_size=4)
    assert len(read) <= 3 * 4
    assert not [t for t in threading.enumerate() if t.name.startswith("cxrzoo-decoding")]


def test_an_error_of_the_model_ends_the_reading_too(model, sample_files, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "predict_on_batch", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        predict_files(model, sample_files, batch_size=2)


def test_a_model_without_labels_is_refused(small, sample_files):
    stranger = keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten()])
    headless = small("cnn_test1", include_top=False)
    for model, message in ((stranger, "has no 'cxrzoo' config"), (headless, "cxrzoo.replace_head")):
        with pytest.raises(ModelError, match=message):
            predict_files(model, sample_files)


def test_arguments_out_of_bounds_are_refused(model, sample_files):
    with pytest.raises(DataError, match="batch_size must be a whole number, 1 at the least; got 0"):
        predict_files(model, sample_files, batch_size=0)
    with pytest.raises(DataError, match="on_error must be one of stop, skip, got 'ignore'"):
        predict_files(model, sample_files, on_error="ignore")


def test_a_folder_among_the_files_stands_for_the_images_below_it(model, sample_files, tmp_path):
    (tmp_path / "tree" / "p").mkdir(parents=True)
    inside = [str(tmp_path / "tree" / name) for name in ("b.png", "p/a.png")]
    for i, path in enumerate(inside, 1):
        shutil.copy(sample_files[i], path)
    (tmp_path / "tree" / "._b.png").touch()
    found = predict_files(model, [sample_files[0], str(tmp_path / "tree")])
    assert found.images == (sample_files[0], *inside)
    assert predict_files(model, str(tmp_path / "tree")).images == tuple(inside)
    np.testing.assert_array_equal(found.scores, predict_files(model, sample_files[:3]).scores)
