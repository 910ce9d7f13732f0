import pytest

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import auc_report, compare_published, published_rows
from cxrzoo.labels import NIH_FINDINGS


@pytest.mark.parametrize("row", published_rows().values(), ids=lambda row: row.key)
def test_every_published_row_has_its_source_and_adds_up(row):
    assert row.citation
    assert row.source
    assert row.split
    assert set(row.auc) <= set(NIH_FINDINGS)
    # Printed means are of unrounded figures, or rounded to two digits.
    assert sum(row.auc.values()) / len(row.auc) == pytest.approx(row.mean, abs=0.006)


def test_another_split_is_refused_with_the_reason(real):
    with pytest.raises(EvaluationError, match=r"random-patient \(undisclosed\).*authors' own draw"):
        compare_published(real.report(n_bootstrap=0, split="official", part="test"), "chexnet")
    with pytest.raises(EvaluationError, match="on a split it does not name"):
        compare_published(real.report(n_bootstrap=0), "aecnn-densenet201")
    with pytest.raises(EvaluationError, match="on the split 'mine'"):
        compare_published(real.report(n_bootstrap=0, split="mine"), "aecnn-densenet201")
    with pytest.raises(EvaluationError, match="on the part 'test', this report on 'validation'"):
        report = real.report(n_bootstrap=0, split="nih-official", part="validation")
        compare_published(report, "aecnn-densenet201")


def test_across_splits_is_shown_when_told_to_and_says_so(real):
    report = real.report(n_bootstrap=20, name="ours")
    beside = compare_published(report, "zech-reproduction", across_splits=True)
    text = beside.to_markdown()
    assert beside.caution
    assert beside.caution in text
    assert beside.published.source in text
    # The extract is a twelfth of the images that the published figures are of.
    assert beside.ours == pytest.approx(beside.theirs, abs=0.03)


@pytest.mark.parametrize("split", ["official", "nih-official"])
def test_the_same_split_compares_and_says_how_much_of_it_was_measured(real, split):
    report = real.report(n_bootstrap=0, split=split, part="test")
    beside = compare_published(report, "aecnn-densenet201")
    assert "1,852 of the 25,596 official test images" in beside.caution
    assert [label for label, *_ in beside.rows] == list(real.labels)


def test_labels_that_one_side_lacks_are_left_out(real):
    report = real.report(n_bootstrap=0)
    beside = compare_published(report, "mobilenet-paloukari", across_splits=True)
    assert "Hernia" not in {label for label, *_ in beside.rows}
    assert beside.published.note in beside.to_markdown()


def test_an_unknown_row_and_a_report_without_its_labels_are_refused(real):
    with pytest.raises(EvaluationError, match="there are wang2017-official, yao2018"):
        compare_published(real.report(n_bootstrap=0), "chexnext")
    other = auc_report([0, 1], [0, 1], labels=["x"], n_bootstrap=0)
    with pytest.raises(EvaluationError, match="no label of 'chexnet'"):
        compare_published(other, "chexnet", across_splits=True)
