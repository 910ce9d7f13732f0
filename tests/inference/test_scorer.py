"""A model opened once scores pixels, files and bytes many times."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo import Scorer, save_pretrained
from cxrzoo.errors import ArtifactNotFoundError, DataError, ImageError, ModelError
from cxrzoo.inference import choice, evaluate, predict_files
from cxrzoo.pretrained import open_artifact

CONVERTIBLE = find_spec("openvino") and keras.backend.backend() in ("tensorflow", "torch")
needs_openvino = pytest.mark.skipif(not CONVERTIBLE, reason="needs the extra openvino")


@pytest.fixture(scope="module")
def model(small):
    return small("mobilenet_cxr")


@pytest.fixture(scope="module")
def scorer(model):
    return Scorer(model, "keras")


@pytest.fixture(scope="module")
def directory(model, tmp_path_factory):
    return save_pretrained(model, tmp_path_factory.mktemp("published") / "model")


@pytest.fixture(scope="module")
def images(scorer, sample_files):
    return np.stack([scorer.image_spec.read(file) for file in sample_files])


@pytest.fixture(scope="module")
def expected(model, score, images):
    scores = score(model, images)
    assert np.ptp(scores, axis=0).max() > 1e-3
    return scores


def test_it_says_what_it_scores_and_what_it_sees(scorer, model):
    assert scorer.config is model.cxrzoo
    assert scorer.labels == model.cxrzoo.labels
    assert scorer.image_spec == model.cxrzoo.image_spec
    assert scorer.model is model
    assert scorer.engine == "keras"


def test_pixels_files_and_bytes_have_the_same_scores(
    scorer, images, expected, sample_files, same_scores
):
    found = scorer.score(images)
    assert (found.dtype, found.shape) == (np.float32, expected.shape)
    same_scores(found, expected)
    paths = scorer.predict(map(Path, sample_files))
    assert paths.images == tuple(sample_files)
    same_scores(paths.scores, expected)
    contents = scorer.predict([Path(file).read_bytes() for file in sample_files])
    assert contents.images == tuple(f"bytes[{i}]" for i in range(len(sample_files)))
    np.testing.assert_array_equal(contents.scores, paths.scores)


def test_one_image_is_scored_by_itself(scorer, images, expected, sample_files, same_scores):
    assert scorer.score(images[0]).shape == (3,)
    same_scores(scorer.score(images[0]), expected[0])
    for one in (sample_files[0], Path(sample_files[0]), Path(sample_files[0]).read_bytes()):
        same_scores(scorer.predict(one).scores, expected[:1])


def test_no_image_has_no_score(scorer, images):
    assert scorer.score(images[:0]).shape == (0, 3)
    assert scorer.predict([]).scores.shape == (0, 3)


@pytest.mark.parametrize(("n", "computed"), [(1, [1]), (3, [4]), (5, [4, 4])])
def test_few_images_are_few_to_the_network_too(model, images, monkeypatch, n, computed):
    sizes, compute = [], model.predict_on_batch
    monkeypatch.setattr(model, "predict_on_batch", lambda x: sizes.append(len(x)) or compute(x))
    Scorer(model, "keras").score(images[:n], batch_size=4)
    assert sizes == computed


@pytest.mark.parametrize(
    ("wrong", "came"),
    [
        (np.zeros((2, 32, 32, 1), np.float32), r"float32 \(2, 32, 32, 1\)"),
        (np.zeros((32, 32), np.uint8), r"uint8 \(32, 32\)"),
        (np.zeros((32, 32, 3), np.uint8), r"uint8 \(32, 32, 3\)"),
        (np.zeros((2, 1, 32, 32), np.uint8), r"uint8 \(2, 1, 32, 32\)"),
        (np.zeros((1, 2, 32, 32, 1), np.uint8), r"uint8 \(1, 2, 32, 32, 1\)"),
        ([[1]], r"int64 \(1, 1\)"),
    ],
)
def test_other_pixels_are_refused_with_what_was_expected_and_what_came(scorer, wrong, came):
    expects = r"uint8 \(b, 32, 32, 1\), or \(32, 32, 1\) for one image"
    with pytest.raises(DataError, match=f"{expects}.*received {came}"):
        scorer.score(wrong)


def test_bytes_that_are_no_image_are_named_by_their_place(scorer, sample_files):
    sources = [sample_files[0], b"%PDF-1.4"]
    with pytest.raises(ImageError, match=r"^bytes\[1\]: not a PNG or JPEG"):
        scorer.predict(sources)
    found = scorer.predict(sources, on_error="skip")
    assert found.images == (sample_files[0],)
    assert found.failures == (("bytes[1]", "bytes[1]: not a PNG or JPEG, nor DICOM"),)


def test_flip_is_the_mean_over_each_image_and_its_mirror_image(scorer, images, same_scores):
    both = scorer.score(images), scorer.score(np.ascontiguousarray(images[:, :, ::-1]))
    assert np.abs(both[0] - both[1]).max() > 1e-3
    same_scores(scorer.score(images, flip=True), np.mean(both, axis=0))


def test_calibrated_scores_and_decisions(model, images, sample_files, directory):
    own = open_artifact(directory)
    given = {"thresholds": {"Mass": 0.5}, "calibration": {"Edema": (1.0, 1.0)}}
    scorer = Scorer(replace(own, config=replace(own.config, **given)), "keras")
    plain = scorer.score(images)
    odds = np.e * plain[:, 1] / (1 - plain[:, 1])
    found = scorer.predict(sample_files, calibrate=True, decide=True)
    np.testing.assert_allclose(found.scores[:, 1], odds / (1 + odds), atol=1e-5)
    np.testing.assert_allclose(scorer.score(images, calibrate=True), found.scores, atol=1e-5)
    np.testing.assert_array_equal(found.decisions[:, 0], plain[:, 0] >= 0.5)
    assert np.isnan(found.decisions[:, 1:]).all()
    for options, lacks in (({"decide": True}, "thresholds"), ({"calibrate": True}, "calibration")):
        with pytest.raises(ModelError, match=f"carries no {lacks}"):
            Scorer(model).predict(["absent.png"], **options)


def test_a_published_model_is_opened_by_name_directory_or_artifact(
    directory, images, expected, same_scores
):
    for published in (str(directory), directory, open_artifact(directory)):
        same_scores(Scorer(published, "keras").score(images), expected)
    same_scores(predict_files(directory, []).scores, np.empty((0, 3)))
    with pytest.raises(ArtifactNotFoundError, match="no model 'nih-mimi'"):
        Scorer("nih-mimi")


def test_opening_imports_no_keras_and_refuses_what_cannot_be_scored(run_python, small, tmp_path):
    run_python(
        "import sys, cxrzoo\n"
        "scorer = cxrzoo.Scorer('nih-mini')\n"
        "assert len(scorer.labels) == 15 and scorer.image_spec.shape == (160, 160, 1)\n"
        "assert 'keras' not in sys.modules\n"
    )
    headless = small("cnn_test1", include_top=False)
    save_pretrained(headless, tmp_path / "headless")
    for one in (headless, tmp_path / "headless"):
        with pytest.raises(ModelError, match=r"has labels; .*headless|cnn_test1.*replace_head"):
            Scorer(one)
    with pytest.raises(DataError, match="engine must be"):
        Scorer("nih-mini", "tensorrt")


@pytest.mark.parametrize("engine", ["keras", pytest.param("openvino", marks=needs_openvino)])
def test_threads_share_one_scorer_and_build_one_network(
    directory, images, expected, sample_files, same_scores, engine, monkeypatch
):
    built, build = [], cxrzoo.models.build_artifact
    monkeypatch.setattr(
        cxrzoo.models, "build_artifact", lambda artifact: built.append(1) or build(artifact)
    )
    shared = Scorer(directory, engine)

    def work(i):
        at = i % len(images)
        return at, shared.score(images[at]), shared.predict(sample_files[at]).scores[0]

    with ThreadPoolExecutor(8) as pool:
        for at, of_pixels, of_file in pool.map(work, range(64)):
            same_scores(of_pixels, expected[at])
            same_scores(of_file, expected[at])
    assert built == [1]


@needs_openvino
def test_auto_takes_openvino_at_the_first_call_with_many_images_and_keeps_it(
    model, images, expected, monkeypatch, same_scores
):
    monkeypatch.setattr(choice, "_MANY", 4)
    scorer = Scorer(model)
    engines = []
    for n in (1, 3, 4, 1):
        same_scores(scorer.score(images[:n]), expected[:n])
        engines.append(scorer.engine)
    assert engines == ["keras", "keras", "openvino", "openvino"]
    assert Scorer(model).load(4).engine == "openvino"
    assert Scorer(model, "keras").load(4).engine == "keras"


def test_evaluate_takes_a_scorer_or_what_one_opens(tmp_path, small):
    model = small("cnn_test1", labels=cxrzoo.NIH_LABELS)
    directory = save_pretrained(model, tmp_path / "model")
    test = cxrzoo.load_sample().split("official").test
    batches = test.dataset(image_size=32, batch_size=16)
    expected = evaluate(model, batches, n_bootstrap=0)
    for one in (Scorer(model), Scorer(directory), str(directory), directory):
        found = evaluate(one, batches, n_bootstrap=0)
        assert found.labels == expected.labels
        np.testing.assert_allclose(found.scored.y_score, expected.scored.y_score, atol=1e-5)
        np.testing.assert_array_equal(found.scored.groups, expected.scored.groups)


def test_what_it_gave_can_be_measured_as_it_is(small):
    sample = cxrzoo.load_sample()[:40]
    found = Scorer(small("cnn_test1", labels=cxrzoo.NIH_LABELS)).predict(sample.images)
    report = cxrzoo.auc_report(sample.targets, found, labels=sample.labels, n_bootstrap=0)
    assert report.scored.images == tuple(sample.file_names)
    np.testing.assert_array_equal(report.scored.y_score, found.scores.astype(float))
