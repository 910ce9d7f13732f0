import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from cxrzoo.data import Records, load_sample, plot_cooccurrence, plot_samples
from cxrzoo.data.display import cooccurrence
from cxrzoo.errors import DataError, MissingExtraError


def test_the_summary_of_the_sample_counts_labels_patients_and_views():
    sample = load_sample()
    head, _, *rows = sample.summary().splitlines()
    known, times = np.unique(sample.patients.astype(str), return_counts=True)
    assert f"{len(sample):,} images" in head
    assert f"patients {len(known):,}, {times.max()} images of one at most" in head
    for view in ("AP", "PA"):
        assert f"{view} {(sample.metadata['view'] == view).sum()}" in head
    for label, row in zip(sample.labels, rows, strict=True):
        column = sample.targets[:, sample.labels.index(label)]
        assert row.startswith(label)
        assert row.split()[-3:] == [str((column == 1).sum()), str((column == 0).sum()), "0"]


@given(arrays(np.float32, st.tuples(st.integers(0, 12), st.integers(1, 4)),
              elements=st.sampled_from([0.0, 1.0, np.float32("nan")])))  # fmt: skip
def test_cooccurrence_is_the_share_among_images_where_both_are_known(targets):
    n, k = targets.shape
    shares = cooccurrence(Records([f"{i}" for i in range(n)], targets, tuple("ABCD"[:k])))
    for i in range(k):
        for j in range(k):
            both = [row[j] for row in targets if row[i] == 1 and not np.isnan(row[j])]
            np.testing.assert_allclose(shares[i, j], np.mean(both) if both else np.nan)


def test_plots_are_written_whole(tmp_path):
    sample = load_sample()
    sheet = plot_samples(sample, tmp_path / "new" / "samples.png", n=5)
    chart = plot_cooccurrence(sample, tmp_path / "new" / "labels.png")
    for path in (sheet, chart):
        assert np.asarray(Image.open(path).convert("L")).std() > 5
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["labels.png", "samples.png"]
    again = plot_samples(sample, tmp_path / "again.png", n=5)
    assert np.array_equal(Image.open(again), Image.open(sheet))


def test_plots_that_cannot_be_made_say_why(tmp_path, monkeypatch):
    sample = load_sample()
    with pytest.raises(DataError, match="ends in"):
        plot_samples(sample, tmp_path / "samples.gif")
    with pytest.raises(DataError, match="an image at least"):
        plot_samples(sample[:0], tmp_path / "samples.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"cxrzoo\[plot\]"):
        plot_cooccurrence(sample, tmp_path / "labels.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["plot_samples", "plot_cooccurrence"])
def test_the_method_that_a_plot_was_answers_with_the_function(name, tmp_path):
    with pytest.raises(AttributeError, match=rf"cxrzoo\.data\.{name}\(records"):
        getattr(load_sample(), name)(tmp_path / "plot.png", n=3)
