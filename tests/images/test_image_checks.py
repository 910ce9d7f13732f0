from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrzoo.data import load_sample
from cxrzoo.images import ImageProblem, check_images
from cxrzoo.images.checks import REASONS, check_rule, find_problems, standardised_thumbnail

SAMPLE = load_sample()
REAL = np.asarray(Image.open(SAMPLE.images[5]))


def reasons(grey):
    return {reason for reason, _ in find_problems(np.ascontiguousarray(grey))}


@pytest.fixture(scope="module")
def greys():
    return [np.asarray(Image.open(path)) for path in SAMPLE.images]


def test_few_real_frontal_x_rays_are_warned_of(greys):
    # The rule was fitted on a part of the sample; its command measures on other patients.
    problems = check_images(SAMPLE)
    assert len({problem.image for problem in problems}) <= 0.03 * len(SAMPLE)
    assert all(problem.reason in REASONS for problem in problems)


@pytest.mark.parametrize(
    ("spoil", "expected", "least"),
    [
        (lambda grey: 255 - grey, {"inverted"}, 0.97),
        (np.rot90, {"turned", "not frontal", "inverted"}, 0.9),
        (lambda grey: np.rot90(grey, 2), {"turned", "not frontal", "inverted"}, 0.95),
        (lambda grey: grey // 5, {"too dark"}, 0.99),
        (lambda grey: 200 + grey // 5, {"too bright"}, 0.99),
        (lambda grey: 100 + grey // 4, {"flat"}, 0.99),
        (lambda grey: grey[:, :50], {"aspect"}, 1.0),
        (lambda grey: grey[::4, ::4], {"tiny"}, 1.0),
    ],
)
def test_spoilt_x_rays_are_warned_of_for_the_right_reason(greys, spoil, expected, least):
    found = [bool(reasons(spoil(grey)) & expected) for grey in greys]
    assert np.mean(found) >= least


def test_what_is_no_x_ray_is_not_frontal():
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (300, 300), np.uint8)
    page = np.full((300, 300), 255, np.uint8)
    page[20:280:12, 20:280] = 0
    ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    for image in (noise, page, ramp):
        assert reasons(image) & {"not frontal", "turned", "inverted"}


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_image_of_one_value_is_flat_and_no_more_is_said_of_what_it_shows(value):
    found = reasons(np.full((200, 200), value, np.uint8))
    assert "flat" in found
    assert not found & {"inverted", "turned", "not frontal"}


def test_the_average_x_ray_itself_is_frontal_and_nothing_of_it_is_left_unexplained():
    rule = check_rule()
    correlation, unexplained = rule.compare(rule.average.astype(float))
    assert (correlation, unexplained) == pytest.approx((1, 0), abs=1e-5)
    real = standardised_thumbnail(REAL)
    assert rule.is_frontal(real)
    assert 0 < rule.compare(real)[1] < rule.most_unexplained
    assert rule.compare(real / 7) == pytest.approx(rule.compare(real))


def test_problems_come_in_the_order_of_the_images_with_reasons(tmp_path):
    red = np.stack([REAL, REAL // 2, REAL // 3], axis=2)
    Image.fromarray(red).save(tmp_path / "red.png")
    Image.fromarray(REAL).convert("RGBA").save(tmp_path / "grey_as_rgba.png")
    Image.fromarray(REAL).convert("RGB").save(tmp_path / "grey.jpg", quality=60)
    Image.fromarray(255 - REAL).save(tmp_path / "inverted.png")
    (tmp_path / "broken.png").write_bytes(b"")
    names = ["red.png", "grey_as_rgba.png", "broken.png", "grey.jpg", "inverted.png"]
    problems = check_images([tmp_path / name for name in names])
    assert [(Path(f.image).name, f.reason) for f in problems] == [
        ("red.png", "not grey"),
        ("broken.png", "unreadable"),
        ("inverted.png", "inverted"),
    ]
    assert str(problems[1]) == f"{tmp_path / 'broken.png'}: unreadable (the file is empty)"
    assert all(isinstance(f, ImageProblem) and f.detail for f in problems)
    assert check_images([]) == []


def test_cxrzoo_predict_warns_and_drops_nothing(small, tmp_path, capsys):
    from cxrzoo import save_pretrained  # noqa: PLC0415 - Keras, only here
    from cxrzoo.cli import main  # noqa: PLC0415

    model = save_pretrained(small("cnn_test1"), tmp_path / "model")
    Image.fromarray(255 - REAL).save(tmp_path / "odd.png")
    for asked in ([], ["--check-images"]):
        with pytest.raises(SystemExit) as ended:
            main(["predict", "-m", str(model), *asked, "--json", str(tmp_path / "odd.png")])
        assert not ended.value.code
        printed = capsys.readouterr()
        assert ("odd.png: inverted" in printed.err) == bool(asked)
        assert ('"image_checks"' in printed.out) == bool(asked)
        assert '"scores"' in printed.out


def test_cxrzoo_predict_says_once_that_values_use_a_small_part_of_their_range(
    small, tmp_path, capsys
):
    from cxrzoo import save_pretrained  # noqa: PLC0415 - Keras, only here
    from cxrzoo.cli import main  # noqa: PLC0415

    model = save_pretrained(small("cnn_test1"), tmp_path / "model")
    for i in range(5):
        Image.fromarray(REAL.astype(np.uint16) * 16 + i).save(tmp_path / f"{i}.png")
    with pytest.raises(SystemExit) as ended:
        main(["predict", "-m", str(model), "--check-images", str(tmp_path / "*.png")])
    assert not ended.value.code
    printed = capsys.readouterr().err
    assert printed.count("a small part of the range") == 1
    assert printed.count(".png: small range") == 5
