import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np

from cxrzoo.data import load_sample
from cxrzoo.images import read_image
from cxrzoo.labels import NIH_LABELS

FOLDER = Path(str(files("cxrzoo.data") / "sample"))


def test_the_sample_is_grey_128_pixel_pngs_of_at_most_2_6_mb():
    sample = load_sample()
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 2_600_000
    assert len(sample) == len(list(FOLDER.rglob("*.png")))
    for path in sample.images:
        pixels = read_image(path)
        assert pixels.shape == (128, 128, 1)
        assert pixels.std() > 5


def test_every_label_has_positives_and_negatives_to_learn_from():
    split = load_sample().split("official")
    assert split.train.labels == NIH_LABELS
    for part in (split.train, split.validation):
        positives = part.targets.sum(axis=0)
        assert (positives > 0).all()
        assert (positives < len(part)).all()


def test_hernia_alone_has_no_positive_to_be_tested_on():
    # The 256-pixel images the sample is made of hold none: its AUC is undefined, and has to be said.
    split = load_sample().split("official")
    positives = split.test.targets.sum(axis=0)
    assert [NIH_LABELS[j] for j in np.flatnonzero(positives == 0)] == ["Hernia"]


def test_the_sample_says_where_it_is_from():
    text = (FOLDER / "README.md").read_text()
    for needed in (
        "https://nihcc.app.box.com/v/ChestXray-NIHCC",
        "NIH Clinical Center",
        "CVPR 2017",
    ):
        assert needed in text


def test_tables_are_read_without_keras_or_pillow():
    code = (
        "import sys, cxrzoo.data; r = cxrzoo.data.load_sample(); r.split('official'); "
        "cxrzoo.data.read_nih_entries(sys.argv[1]); "
        "assert not {'keras', 'tensorflow', 'PIL', 'sklearn'} & set(sys.modules)"
    )
    csv = FOLDER / "Data_Entry_2017_sample.csv"
    subprocess.run([sys.executable, "-c", code, str(csv)], check=True)
