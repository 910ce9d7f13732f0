"""A model on age, sex and view, without the image: what a network must beat to show that it uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.cells import finite_numbers, identifiers
from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation.scored import check_scored
from cxrzoo.labels import own_name
from cxrzoo.named import matrix, same_rows
from cxrzoo.typed import check_arguments, check_fields

_CATEGORIES = ("sex", "view")


@dataclass(frozen=True, eq=False)
class MetadataBaseline:
    """Logistic regressions on age (a spline), sex and view, one a label.

    Attributes:
        labels: The labels it was fitted for.
        columns: The metadata it reads, of ``"age"``, ``"sex"`` and ``"view"``.
        n: Images it was fitted on.
    """

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    n: int
    _design: Any = field(repr=False)
    _models: tuple[Any, ...] = field(repr=False)

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def predict(
        self, metadata: Mapping[str, Any], *, labels: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Return probabilities ``(n, k)`` for images of which only the metadata are used.

        Args:
            metadata: Columns ``(n,)``; ages in years, missing values NaN or ``""``.
            labels: The columns to give and their order; else all.

        Raises:
            EvaluationError: A column is missing or of another length.
            LabelError: It was not fitted for a label.
        """
        wanted = self.labels if labels is None else tuple(labels)
        own = {label: own_name(label, self.labels) for label in wanted}
        if unknown := [label for label in wanted if own[label] is None]:
            raise LabelError(
                f"the metadata baseline was not fitted for {', '.join(unknown)}; "
                f"it knows {', '.join(self.labels)}"
            )
        design = self._design.transform(_table(metadata, self.columns))
        scores = [
            model if isinstance(model, float) else model.predict_proba(design)[:, 1]
            for model in (self._models[self.labels.index(own[label] or label)] for label in wanted)
        ]
        return np.column_stack([np.broadcast_to(score, len(design)) for score in scores])


def fit_metadata_baseline(
    metadata: Mapping[str, Any], y_true: ArrayLike, *, labels: Sequence[str]
) -> MetadataBaseline:
    """Fit a metadata-only model on patients other than those it will be measured on.

    Args:
        metadata: Columns ``(n,)``: any of ``"age"`` (years), ``"sex"`` and ``"view"``; others are not
            used.
        y_true: ``(n, k)`` of 1, 0 and NaN.
        labels: The ``k`` names. A label of one class gets its prevalence.

    Raises:
        EvaluationError: No usable column, or lengths that differ.
    """
    check_arguments(fit_metadata_baseline, locals(), EvaluationError)
    columns = tuple(name for name in ("age", *_CATEGORIES) if name in metadata)
    if not columns:
        raise EvaluationError(
            f"a metadata baseline needs 'age', 'sex' or 'view'; the metadata have {sorted(metadata)}"
        )
    parts = same_rows({"y_true": y_true, **{c: metadata[c] for c in columns}}, EvaluationError)
    table = _table(parts, columns)
    truth = check_scored(
        parts["y_true"],
        np.zeros(np.shape(matrix(parts["y_true"], labels, "y_true", EvaluationError))),
        labels=labels,
    )
    if len(table) != len(truth.y_true):
        raise EvaluationError(
            f"metadata have {len(table)} rows, but y_true has {len(truth.y_true)}"
        )
    design = _design(columns).fit(table)
    rows = design.transform(table)
    models = tuple(_fit(rows[on], truth.y_true[on, i]) for i, on in enumerate(truth.known.T))
    return MetadataBaseline(truth.labels, columns, len(table), design, models)


def _design(columns: tuple[str, ...]) -> Any:
    # A second of imports, which whoever measures without a baseline does not wait for.
    from sklearn import compose, impute, pipeline, preprocessing  # noqa: PLC0415

    spline = preprocessing.SplineTransformer(
        n_knots=5, knots="uniform", extrapolation="constant", include_bias=False
    )
    fill = impute.SimpleImputer(strategy="median", keep_empty_features=True)
    age = pipeline.make_pipeline(fill, spline)
    category = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return compose.ColumnTransformer(
        [(name, category if name in _CATEGORIES else age, [i]) for i, name in enumerate(columns)]
    )


def _fit(rows: NDArray[np.float64], truth: NDArray[np.float64]) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    if len(np.unique(truth)) < 2:
        return float(truth.mean()) if len(truth) else 0.5
    return LogisticRegression(solver="newton-cholesky").fit(rows, truth)


def _table(metadata: Mapping[str, Any], columns: tuple[str, ...]) -> NDArray[np.object_]:
    """Return the columns side by side, ages as numbers and categories as text, ``(n, c)``."""
    if missing := [name for name in columns if name not in metadata]:
        raise EvaluationError(
            f"the metadata lack {', '.join(missing)}; they have {', '.join(sorted(metadata))}"
        )
    parts = same_rows({name: metadata[name] for name in columns}, EvaluationError)
    shapes = {name: np.shape(part) for name, part in parts.items()}
    if len(set(shapes.values())) != 1 or len(shapes[columns[0]]) != 1:
        raise EvaluationError(
            "metadata columns must have one value an image, got "
            + ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        )
    table = np.empty((*shapes[columns[0]], len(columns)), dtype=object)
    for i, (name, part) in enumerate(parts.items()):
        try:
            table[:, i] = (
                [text or "" for text in identifiers(part)]
                if name in _CATEGORIES
                else finite_numbers(part)
            )
        except ValueError as error:
            raise EvaluationError(f"metadata[{name!r}]: {error}") from None
    return table
