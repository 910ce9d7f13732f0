"""Every public function, given what nobody should give it.

Each has one good call here, and each of its arguments is in turn replaced by everything in ``FOREIGN``.
Whatever comes ends in a result, or in one line of CxrZooError, TypeError or ValueError that names the
argument. A public name without a good call fails: a new function is added to ``GOOD``.
"""

import inspect
import math
import os
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from fractions import Fraction
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from io import TextIOBase
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cxrzoo import data, errors, evaluation, heatmaps, images, models, training
from cxrzoo.errors import CxrZooError, CxrZooWarning, HubError
from cxrzoo.labels import NIH_LABELS
from cxrzoo.text import visible

NAMES = Path(__file__).with_name("public_names.txt").read_text().splitlines()

LONGEST = 600
"""Characters of a message."""
SLOWEST = 20
"""Seconds of a call: far more than any takes, and far less than for ever."""
MOST = 1 << 30
"""Bytes that a call may take beyond what is there."""

LABELS = ("Mass", "No Finding")
TRUTH = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [1, 0]], np.float64)
SCORES = np.array([[0.2, 0.7], [0.6, 0.1], [0.3, 0.9], [0.4, 0.4], [0.5, 0.6], [0.9, 0.2]])


class _NoText:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class _NotAModel:
    """Has what is most often asked of a model, and none of it is right."""

    layers = weights = inputs = outputs = None
    input_shape = output_shape = name = cxrzoo = 3


def _recursive() -> list[Any]:
    found: list[Any] = [1]
    found.append(found)
    return found


def _deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(3000):
        found = [found]
    return found


def _frames() -> dict[str, Callable[[], Any]]:
    if find_spec("pandas") is None:
        return {}
    pandas = import_module("pandas")
    return {
        "frame": lambda: pandas.DataFrame({"a": [1.5, None], "b": ["x", "y"]}),
        "empty frame": pandas.DataFrame,
        "series": lambda: pandas.Series([1, 2, 3], index=["p", "q", "q"]),
        "pandas.NA": lambda: pandas.NA,
        "timestamp": lambda: pandas.Timestamp("2020-01-01"),
    }


def _tensors() -> dict[str, Callable[[], Any]]:
    found = {
        "tensor": lambda: keras.ops.convert_to_tensor([[0.5, 2.0]]),
        "scalar tensor": lambda: keras.ops.convert_to_tensor(1),
        "symbolic": lambda: keras.Input((4,)),
        "variable": lambda: keras.Variable([1.0, 2.0]),
    }
    if keras.backend.backend() == "torch":
        torch = import_module("torch")
        found["torch"] = lambda: torch.ones(2, 2, requires_grad=True)
    return found


FOREIGN: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "0": lambda: 0,
    "-1": lambda: -1,
    "3": lambda: 3,
    "0.5": lambda: 0.5,
    "10**400": lambda: 10**400,
    "-(10**30)": lambda: -(10**30),
    "10**5000": lambda: 10**5000,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "1e300": lambda: 1e300,
    "1j": lambda: 1j,
    "int64": lambda: np.int64(2),
    "float32": lambda: np.float32(0.25),
    "bool_": lambda: np.bool_(True),
    "nan64": lambda: np.float64("nan"),
    "str_": lambda: np.str_("text"),
    "datetime64": lambda: np.datetime64("2020-01-01"),
    "Decimal": lambda: Decimal("sNaN"),
    "Fraction": lambda: Fraction(1, 3),
    "text": lambda: "text",
    "no text": lambda: "",
    "lines": lambda: "one\ntwo\x1b[0m",
    "bytes": lambda: b"abc",
    "bytearray": lambda: bytearray(b"abc"),
    "path": lambda: Path("text"),
    "()": lambda: (),
    "[]": list,
    "[3]": lambda: [3],
    "(3, 4)": lambda: (3, 4),
    "[None]": lambda: [None],
    "['a']": lambda: ["a"],
    "['a', 'a']": lambda: ["a", "a"],
    "[['a'], 3]": lambda: [["a"], 3],
    "[inf, -1]": lambda: [math.inf, -1],
    "[10**400]": lambda: [10**400],
    "long list": lambda: ["x" * 500] * 1000,
    "recursive": _recursive,
    "deep": _deep,
    "{}": dict,
    "{'a': 1}": lambda: {"a": 1},
    "{3: None}": lambda: {3: None},
    "{'Mass': 'x'}": lambda: {"Mass": "x"},
    "set": lambda: {1, "b"},
    "range": lambda: range(2),
    "generator": lambda: (one for one in "ab"),
    "lambda": lambda: lambda x: x,
    "class": lambda: int,
    "module": lambda: math,
    "object": object,
    "no repr": _NoText,
    "Ellipsis": lambda: ...,
    "file": lambda: open(os.devnull),  # noqa: SIM115, PTH123 - closed with the call
    "0-d": lambda: np.array(0.5),
    "empty": lambda: np.empty(0),
    "(0, 2)": lambda: np.empty((0, 2)),
    "(2, 0)": lambda: np.empty((2, 0)),
    "1-d": lambda: np.arange(3),
    "2-d": lambda: np.full((6, 2), 0.5),
    "all nan": lambda: np.full((6, 2), np.nan),
    "3-d": lambda: np.zeros((2, 2, 2)),
    "uint8": lambda: np.zeros((4, 4), np.uint8),
    "huge": lambda: np.broadcast_to(np.float64(1), (10**6, 10**6)),
    "huge uint8": lambda: np.broadcast_to(np.uint8(1), (10**6, 10**6)),
    "objects": lambda: np.array([None, "a", {}, 3], object),
    "strings": lambda: np.array(["a", "b"]),
    "complex": lambda: np.array([1j, 2]),
    "masked": lambda: np.ma.masked_array([[1.0, 2.0]], [[True, False]]),
    "records array": lambda: np.zeros(2, [("x", float), ("y", "U3")]),
    "not a model": _NotAModel,
    "Sequential": keras.Sequential,
    "unbuilt": lambda: keras.Sequential([keras.layers.Dense(2)]),
    "strange model": lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]),
    "table": lambda: TABLE,
    **_frames(),
    **_tensors(),
}


def _records(n: int = 4, name: str = "a") -> data.Records:
    found = data.load_sample()[np.arange(n)].relabel(LABELS)
    return data.Records(found.images, found.targets, LABELS, found.patients, {}, name)


TABLE = _records()


class _Batches:
    """The least that `evaluate` takes for a data set, and for a model."""

    labels = LABELS

    def __len__(self) -> int:
        return 1

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        return SCORES, TRUTH

    def predict_on_batch(self, x: Any) -> Any:
        return x


def _report(**more: Any) -> evaluation.Report:
    return evaluation.auc_report(TRUTH, SCORES, labels=LABELS, n_bootstrap=2, **more)


CALLED = {"on_batch"}
"""What is called with what it does not expect raises its own errors."""

OTHER_WORDS = {
    "model_or_directory": ("model",),
    "repo_id": ("repository",),
    "source": ("the bytes",),
    "files": ("sources",),
    "images": ("takes no name of this length",),
    "paths": ("no file",),
    "labels": ("column",),
    "expect": ("nih-mini holds",),
    "size": ("image size",),
    "image_size": ("image size", "pixels"),
    "y_true": ("y_score", "y_pred"),  # which of two shapes is wrong, nobody knows
    "y_score": ("y_true",),
    "y_pred": ("y_true",),
}


class Call:
    """A good call: its arguments, and the error that it ends in where a good end would take long.

    Attributes:
        do: what is called, where it is not the function itself.
        ends_in: such as that there is no network, or no such folder.
    """

    def __init__(
        self,
        /,
        *args: Any,
        do: Any = None,
        ends_in: Any = (),
        **given: Any,
    ) -> None:
        self.args, self.given, self.do, self.ends_in = args, given, do, ends_in


def _good() -> dict[str, Call]:
    """Return one good call of every public function, by its name below cxrzoo."""
    model = models.cnn_test1(input_shape=(32, 32, 1), labels=LABELS, filters=(2, 2))
    report = _report(name="a", split="official", part="test")
    known = evaluation.auc_report(
        np.eye(15)[np.arange(30) % 15], np.eye(15)[np.arange(30) % 15], labels=NIH_LABELS,
        n_bootstrap=0, split="official", part="test",
    )  # fmt: skip
    cases, explainer = evaluation.select_cases(report, 2), heatmaps.Explainer(model)
    tables = _records(), _records(3, "b")
    interval = evaluation.Interval(0.1, 0.9)
    names = tuple(f"{one}.png" for one in "abcdef")
    reads = np.stack([TRUTH, 1 - TRUTH], axis=1)
    experts = data.ExpertReads(names, tuple("pqrstu"), LABELS, ("x", "y"), reads, TRUTH)
    by_name = _report(images=names)
    beside = evaluation.expert_report(by_name, experts, n_bootstrap=2)
    read_entries = data.Records(list(names), TRUTH, LABELS)
    thresholds = evaluation.Thresholds(LABELS, (0.5, 0.5), "youden", None, "validation", "f" * 64)
    sample = str(data.load_sample().images[0])
    arrays = {"y_true": TRUTH, "y_score": SCORES}
    named = {**arrays, "labels": LABELS}
    config = models.create_model("cnn_test1", input_shape=(32, 32, 1), labels=LABELS).cxrzoo
    predictions = evaluation.Predictions(("a", "b"), LABELS, SCORES[:2])
    metadata = {"age": [50, 60, 70, 40, 30, 20], "sex": list("MFMFMF")}
    Path("pack").mkdir()
    packed = data.pack(tables[0], "pack", 32)
    Path("table.csv").write_text("image,Mass\na.png,1\nb.png,0\n")
    Path("scores.csv").write_text("image,prob_Mass\na.png,0.5\nb.png,0.25\n")
    Path("truth.csv").write_text("image,Mass,pid\na.png,1,p\nb.png,0,q\n")
    Path("a.png").write_bytes(Path(sample).read_bytes())
    Path("b.png").write_bytes(Path(sample).read_bytes())
    Path("text").write_text("in the way")
    recipe = training.Recipe("own", "cnn_test1", 0.01, 1, image_size=32, batch_size=2)
    training.train(recipe, *tables, "run", split="own", allow_leakage=True)
    backbone = models.entry("cnn_test1")
    shape = {"input_shape": (32, 32, 1), "labels": LABELS}
    sets = Call(root="sets", ends_in=errors.DataNotFoundError)
    artifact = import_module("cxrzoo.pretrained").open_artifact("nih-mini")
    fields = {
        name: getattr(report, name) for name in inspect.signature(evaluation.Report).parameters
    }
    return {
        **dict.fromkeys(
            (f"data.{name}" for name in ("CheXpert", "MIMICCXRJPG", "NIHChestXray14", "NIHExperts",
             "NIHGoogle", "OpenI", "PadChest", "RSNAPneumonia", "VinDrCXR")), sets,
        ),
        "data.ChestMNIST": Call(npz="no.npz", images="x", ends_in=errors.DataNotFoundError),
        "ModelConfig": Call("cnn_test1", dict(config.arguments), LABELS),
        "data.Records": Call(images=["a.png", "b.png"], targets=TRUTH[:2], labels=LABELS,
                             patients=["p", "q"], metadata={"age": [3, 4]}),
        "evaluation.Report": Call(**fields),
        "training.Run": Call(Path("a"), recipe, ({"loss": 1.0},), model, report),
        "inference.Scorer": Call("nih-mini", "keras"),
        "training.ValidationAUC": Call(_Batches()),
        "evaluation.auc_report": Call(
            **named, groups=list("pqrstu"), n_bootstrap=2, images=list("abcdef"), metadata=metadata,
            metadata_score=SCORES, thresholds=thresholds,
        ),
        "training.callback_preset": Call("paper", "callbacks", _Batches(), history="h.csv"),
        "images.check_images": Call([sample]),
        "models.cnn_test1": Call(**shape, filters=(2, 2)),
        "models.cnn_test2": Call(**shape, filters=(2, 2)),
        # Arguments are checked one after another before anything is built.
        **{f"models.{name}": Call(**shape, hidden_activation="no", ends_in=errors.ModelError)
           for name in models.list_models("*_cxr")},
        "models.PackagedWeights": Call("a-package", "a/b.pth", "f" * 64, "timm", "MIT"),
        "models.create_model": Call("cnn_test1", **shape, filters=(2, 2)),
        "evaluation.compare": Call(report, report),
        "data.concat": Call(*tables),
        "artifacts.convert_file": Call("no.pt", "cnn_test1", labels=LABELS,
                                       ends_in=errors.ArtifactNotFoundError),
        "inference.evaluate": Call(_Batches(), _Batches(), groups=list("pqrstu"), n_bootstrap=0),
        "export.export_model": Call(model, "model.txt", format="onnx", ends_in=CxrZooError),
        "export.export_pretrained": Call("nih-mini", "m.txt", format="onnx", ends_in=CxrZooError),
        "artifacts.from_pretrained": Call("acme/none", ends_in=errors.ArtifactNotFoundError),
        "models.list_models": Call("*"),
        "data.load_sample": Call(),
        "data.pack": Call(tables[0], "pack", 32),
        "data.cached_pack": Call(tables[0], "pack", 32),
        "artifacts.push_to_hub": Call(model, "acme/model", licence="MIT", ends_in=HubError),
        "artifacts.pull": Call("acme/none", "pulled", ends_in=errors.ArtifactNotFoundError),
        "artifacts.selfcheck": Call("acme/none", ends_in=errors.ArtifactNotFoundError),
        "data.records_from_csv": Call("table.csv", images=".", image_column="image", labels=["Mass"]),
        "models.replace_head": Call(model, ["a", "b"]),
        "artifacts.describe": Call(model, model),
        "artifacts.save_pretrained": Call(model, "saved", report),
        "training.train": Call(recipe, *tables, "run", resume=False, split="own", allow_leakage=True,
                               ends_in=errors.TrainingError),
        "training.reproduce_paper": Call(
            data.Split(tables[0], tables[1], tables[1], "paper", 0), "pack", rows=["cnn-test2"],
            seeds=[0], backbone="none", ends_in=errors.TrainingError,
        ),
        "artifacts.Check": Call("nih-mini", "tensorflow", 3, 1e-6, 1e-4),
        "artifacts.Publication": Call("hf://a/b", "f" * 40, {"builder": "cnn_test1"}),
        "data.DataSet": Call(
            name="own", title="t", reader=data.OpenI, names={"Mass": "Mass"}, holds="h", images=3,
            split="official", terms="t", link="l",
        ),
        "data.ImageDataset": Call(tables[0], image_size=32, batch_size=2),
        "data.ExpertReads": Call(
            ("a.png", "b.png"), ("p", "q"), LABELS, ("x", "y"), np.zeros((2, 2, 2)), np.zeros((2, 2)),
            ("x",), "own",
        ),
        "data.read_expert_reads": Call("sets", ends_in=errors.DataNotFoundError),
        "data.Leakage": Call(1, 2, 3, ("a",), (("a", "b"),)),
        "data.Pack": Call(packed.directory, packed.index),
        "data.Shard": Call(0, 2, 4),
        "data.Split": Call(*tables, tables[1], "patient", 0),
        "data.open_pack": Call("pack"),
        "data.open_set": Call("nih", "sets", ends_in=errors.DataNotFoundError),
        "data.plot_cooccurrence": Call(tables[0], "plot.txt", ends_in=CxrZooError),
        "data.plot_samples": Call(tables[0], "plot.txt", n=2, ends_in=CxrZooError),
        "data.read_nih_entries": Call("no.csv", ends_in=errors.DataNotFoundError),
        "data.register_data_set": Call("own-set", names={"Mass": "Mass"}),
        "data.write_quarantine": Call("q.csv", [("a.png", "broken")]),
        "evaluation.Case": Call(3, 0.5, "a.png", ("Mass",)),
        "evaluation.CasePictures": Call("cam", {0: b"a"}, {("Mass", 0): b"b"}, b"c", frozenset()),
        "evaluation.Cases": Call(cases.labels, 6, "patient", "a", "b"),
        "evaluation.LabelCases": Call(**vars(cases.labels[0])),
        "evaluation.select_cases": Call(report, 2, patients=list("ppqrst")),
        "evaluation.write_cases_html": Call(
            cases, "cases.html", evaluation.CasePictures("cam", {0: b"a"}, {("Mass", 0): b"b"}, b"c")
        ),
        "evaluation.Average": Call(LABELS, 0.5, interval, 0.5, interval, 0),
        "evaluation.Calibration": Call(LABELS, (1.0, 2.0), (0.0, 0.5), "platt", "validation"),
        "evaluation.Comparison": Call(
            **vars(evaluation.compare(report, report)),
        ),
        "evaluation.Consistency": Call(9, 1, 2, "0.5"),
        "evaluation.ExpertReport": Call(**vars(beside)),
        "evaluation.LabelScorecard": Call(**vars(beside.scorecard)),
        "evaluation.ReaderComparison": Call(
            **vars(evaluation.compare_on_readers(by_name, by_name, experts, n_bootstrap=2)),
        ),
        "evaluation.compare_on_readers": Call(by_name, by_name, experts, n_bootstrap=2),
        "evaluation.expert_report": Call(by_name, experts, n_bootstrap=2),
        "evaluation.plot_expert_roc": Call(beside, "plot.txt", ends_in=CxrZooError),
        "evaluation.write_expert_html": Call(beside, "experts.html"),
        "evaluation.label_scorecard": Call(
            experts, read_entries, population={"Mass": 0.1}, n_bootstrap=2
        ),
        "evaluation.Interval": Call(0.1, 0.9),
        "evaluation.LabelRow": Call(**vars(report.rows[0])),
        "evaluation.MetadataBaseline": Call(LABELS, ("age",), 3, None, ()),
        "evaluation.OperatingPoint": Call(
            "Mass", 0.5, 0.5, interval, 0.5, interval, 0.5, interval, 0.5, interval
        ),
        "evaluation.Predictions": Call(
            ("a", "b"), LABELS, SCORES[:2], (("c", "broken"),), np.ones((2, 2)), ("d",)
        ),
        "evaluation.PublishedComparison": Call(
            "a", evaluation.published_rows()["chexnet"], (("Mass", 0.5, interval, 0.5),), 0.5, 0.5,
            0.95, "",
        ),
        "evaluation.Subgroup": Call("view", "PA", "Mass", 3, 1, 0.5, interval, too_small=True),
        "evaluation.Thresholds": Call(LABELS, (0.5, 0.5), "youden", None, "validation", "f" * 64),
        "evaluation.adjust_prevalence": Call(SCORES, [0.1, 0.2], [0.3, 0.4]),
        "evaluation.apply_no_finding_policy": Call(SCORES, labels=LABELS, policy="derived"),
        "evaluation.average_precision": Call(**arrays, sample_weight=np.ones(6)),
        "evaluation.roc_auc": Call(**arrays, sample_weight=np.ones(6)),
        "evaluation.choose_thresholds": Call(
            **named, part="validation", method="sensitivity", target=0.5
        ),
        "evaluation.compare_published": Call(known, "chexnet", across_splits=True),
        "evaluation.evaluate_predictions": Call(
            "scores.csv", "truth.csv", image_column="image", patient_column="pid", n_bootstrap=2
        ),
        "evaluation.fit_calibration": Call(**named, part="validation"),
        "evaluation.fit_metadata_baseline": Call(metadata, TRUTH, labels=LABELS),
        "evaluation.plot_precision_recall": Call(report, "plot.txt", ends_in=CxrZooError),
        "evaluation.plot_reliability": Call(report, "plot.txt", ends_in=CxrZooError),
        "evaluation.plot_roc": Call(report, "plot.txt", ends_in=CxrZooError),
        "evaluation.published_rows": Call(),
        "evaluation.read_predictions": Call("scores.csv", labels=["Mass"], image_column="image"),
        "evaluation.reliability": Call(TRUTH[:, 0], SCORES[:, 0], 3),
        "evaluation.write_html": Call(report, "report.html", cases_page="cases.html"),
        "export.Exported": Call(Path("a"), Path("b"), "onnx", "jax", "onnxruntime", 3, 1e-6, 1e-4),
        "export.Format": Call("f", ".f", "r", ("p",), None, print, print),
        "heatmaps.explain": Call(model, [sample], ["Mass"], "grad-cam", batch_size=1, window=4, steps=1),
        "heatmaps.draw_cases": Call(explainer, cases, [sample] * 6, batch_size=2),
        "heatmaps.Explainer": Call(model, "grad-cam", labels=["Mass"], window=4, steps=1),
        "heatmaps.Box": Call(1.0, 2.0, 3.0, 4.0),
        "heatmaps.Boxed": Call("a.png", "p", "Mass", (heatmaps.Box(1.0, 2.0, 3.0, 4.0),)),
        "heatmaps.Heatmaps": Call(
            ("a", "b"), LABELS, "grad-cam", np.ones((2, 2, 3, 3), np.float32), SCORES[:2].astype("f4"),
            (images.Placement((8, 8), (4, 4), (0, 0, 8, 8), (0, 0, 4, 4)),) * 2,
        ),
        "heatmaps.Localisation": Call("grad-cam", 0.5, (), {"the head": 0.5}),
        "heatmaps.LocalisedRow": Call("grad-cam", "Mass", 2, 1, {"hit rate": (0.5, interval)}),
        "heatmaps.localise": Call(
            "nih-mini", "sets", "grad-cam", n_bootstrap=2, ends_in=errors.DataNotFoundError
        ),
        "heatmaps.nih_boxes": Call("sets", ends_in=errors.DataNotFoundError),
        "images.ImageProblem": Call("a.png", "tiny", "3 x 3 pixels"),
        "images.ImageSpec": Call(32, 32),
        "images.Placement": Call((8, 8), (4, 4), (0, 0, 8, 8), (0, 0, 4, 4)),
        "images.read_image": Call(sample, 32),
        "images.resize": Call(np.zeros((8, 9), np.uint8), 4),
        "inference.calibrated": Call(predictions, config.__class__(
            "cnn_test1", config.arguments, LABELS, calibration={"Mass": (1.0, 0.0)})),
        "inference.decisions": Call(predictions, config.__class__(
            "cnn_test1", config.arguments, LABELS, thresholds={"Mass": 0.5})),
        "inference.expand_paths": Call([sample]),
        "inference.predict_files": Call(model, [sample], batch_size=1),
        "models.Backbone": Call(**{
            name: getattr(backbone, name) for name in inspect.signature(models.Backbone).parameters
        }),
        "models.ImageNet": Call(print, (224,), {}),
        "models.Scaling": Call(2.0, 1.0),
        "models.build_artifact": Call(artifact, expect="cnn_test1", ends_in=errors.ModelError),
        "models.building_in": Call("float32", do=lambda *a, **k: models.building_in(*a, **k).__enter__()),
        "models.computes_in_float32": Call(model),
        "models.entry": Call("cnn_test1"),
        "models.feature_maps": Call(model),
        "models.fold_batch_norm": Call(model),
        "models.is_backbone_file": Call("a.safetensors"),
        "models.model_tensors": Call(model),
        "models.parameters": Call(backbone),
        "models.register_backbone": Call(
            scaling=models.Scaling(1.0, 0.0), first_kernel="conv/kernel", features={32: "output"}
        ),
        "models.variables_by_name": Call(model.weights),
        "training.HistoryCSV": Call("history.csv"),
        "training.MaskedAsymmetricLoss": Call(0.0, 4.0, 0.05),
        "training.MaskedBinaryCrossentropy": Call([1.0, 2.0]),
        "training.Reproduction": Call(
            "d", "paper", 0, {}, None, None, (0,), 224, 64, 3, "jax", {}, ("cnn-test2",), ()
        ),
        "training.balancing_weights": Call(TRUTH, most=20.0),
        "training.find_recipe": Call("modern"),
        "training.masked_binary_crossentropy": Call(y_true=TRUTH, y_pred=SCORES),
        "training.Recipe": Call("own", "cnn_test1", 0.01, 1),
    }  # fmt: skip


def _callables() -> dict[str, Any]:
    """Return every public class and function, once, by its last public name below cxrzoo."""
    found: dict[int, tuple[str, Any]] = {}
    for line in NAMES:
        name, bracket, _ = line.partition("(")
        if bracket and not name.startswith("cxrzoo.errors."):
            module, _, own = name.rpartition(".")
            one = getattr(import_module(module), own)
            found[id(one)] = (name.removeprefix("cxrzoo."), one)
    return dict(found.values())


@contextmanager
def _bounded() -> Iterator[None]:
    """Let no call hang, nor take more than ``MOST`` bytes."""

    def late(*_: Any) -> None:
        raise _HungError(f"it took more than {SLOWEST} s")

    before = signal.signal(signal.SIGALRM, late)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    used = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmData")
    )
    resource.setrlimit(resource.RLIMIT_DATA, (used + MOST, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


_OTHERS = DeprecationWarning
"""Keras's own, of NumPy; those of cxrzoo are tested with the old names."""


class _HungError(BaseException):
    pass


def _fault(call: Callable[[], Any], names: tuple[str, ...], value: Any, usual: str) -> str | None:
    """Return what is wrong with how a call ends, or None; ``usual`` is how the good one ends."""
    signal.alarm(SLOWEST)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            repr(call())
    except (CxrZooError, TypeError, ValueError) as error:
        if fault := _unclear(str(error), names, value, usual):
            return f"{fault}: {type(error).__name__}: {error!s:.200}"
    except OSError as error:
        # What a system says of a file that is to be written has its name.
        if not error.filename:
            return f"{type(error).__name__}: {error!s:.200}"
    except _HungError as error:
        return str(error)
    except BaseException as error:  # noqa: BLE001 - any other kind is what is looked for
        return f"{type(error).__name__}: {error!s:.200}"
    finally:
        signal.alarm(0)
        if isinstance(value, TextIOBase):
            with suppress(ValueError):
                value.close()
    strange = [one for one in caught if not issubclass(one.category, (CxrZooWarning, _OTHERS))]
    return f"{strange[0].category.__name__}: {strange[0].message!s:.200}" if strange else None


def _unclear(message: str, names: tuple[str, ...], value: Any, usual: str) -> str | None:
    """Return why a message is none that a person can act on: it is long, or says not of what it is."""
    if "\n" in message:
        return "several lines"
    if len(message) > LONGEST:
        return f"{len(message)} characters"
    said = message.lower().replace("_", " ")
    given = value if isinstance(value, list | tuple) else [value]
    texts = [str(one) for one in given if isinstance(one, str | Path)]
    shows = any(repr(one)[:20] in message or (one and visible(one) in message) for one in texts)
    if message == usual or shows or any(name.lower().replace("_", " ") in said for name in names):
        return None
    return "does not name it"


def _variants(
    function: Any, good: Call
) -> Iterator[tuple[str, Callable[[Any], Callable[[], Any]]]]:
    """Give each argument's name, and what makes the call with another value in its place."""
    do = good.do or function
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(function).parameters
    by_place = [
        (list(parameters) + [list(parameters)[-1]] * len(good.args))[i]
        for i in range(len(good.args))
    ]
    for i, name in enumerate(by_place):
        before, after = good.args[:i], good.args[i + 1 :]
        yield name, lambda value, b=before, a=after: partial(do, *b, value, *a, **good.given)
    named = [name for name, one in parameters.items() if one.kind not in kinds]
    for name in dict.fromkeys([*named, *good.given]):
        if name not in by_place:
            yield name, lambda value, n=name: partial(do, *good.args, **{**good.given, n: value})


def _sweep(name: str, function: Any, good: Call) -> tuple[int, list[str]]:
    """Return how many calls of a function were made, and what was wrong with them."""
    usual, calls, faults = "", 0, []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CxrZooWarning)
            (good.do or function)(*good.args, **good.given)
    except good.ends_in as error:
        usual = str(error)
    with _bounded():
        for argument, place in _variants(function, good):
            names = (argument, argument.removesuffix("s"), *OTHER_WORDS.get(argument, ()))
            for what, make in FOREIGN.items():
                value = make()
                if argument in CALLED and callable(value):
                    continue
                calls += 1
                if fault := _fault(place(value), names, value, usual):
                    faults.append(f"{name}({argument}={what}): {fault}")
    return calls, faults


@pytest.fixture
def _alone(tmp_path, monkeypatch):
    """Stand in an empty folder, without the network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.mark.usefixtures("_alone")
def test_whatever_is_given_ends_in_a_result_or_in_one_line_that_names_it(capsys):
    functions, good = _callables(), _good()
    assert not (missing := functions.keys() - good.keys()), f"no good call of {sorted(missing)}"
    assert not (gone := good.keys() - functions.keys()), f"no longer public: {sorted(gone)}"
    found = [_sweep(name, function, good[name]) for name, function in functions.items()]
    faults = [fault for _, some in found for fault in some]
    with capsys.disabled():
        print(f"\n{len(functions)} public functions, {sum(n for n, _ in found):,} calls")
    assert not faults, f"{len(faults):,} faults, the first: " + "\n".join(faults[:20])
