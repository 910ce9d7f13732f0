"""Writes ``files/``: packs, reports, a run and a reproduction, as commit 977409a wrote them.

To be run with that commit's package, on TensorFlow, in the folder of this file:

    git worktree add ../earlier-code 977409a
    KERAS_BACKEND=tensorflow PYTHONPATH=../earlier-code python write_earlier.py

What the redesign of the rooms (packs, reports, training) changes is held to read these files.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

import cxrzoo
from cxrzoo.data import open_pack
from cxrzoo.evaluation import auc_report, choose_thresholds, compare, fit_calibration
from cxrzoo.training import reproduce_paper

FILES = Path(__file__).parent / "files"
RECIPE = cxrzoo.Recipe(
    name="small",
    builder="cnn_test1",
    learning_rate=1e-3,
    epochs=3,
    arguments={"filters": (3, 4), "hidden_units": 8},
    image_size=32,
)


def write_packs() -> dict:
    records = cxrzoo.load_sample()[:10]
    expected = {}
    for name, size, aspect in (("pack", 16, "stretch"), ("pack_padded", (20, 16), "pad")):
        packed = cxrzoo.pack(records, FILES / name, size, aspect=aspect)
        again = open_pack(FILES / name)
        pixels = again.pixels(np.arange(len(records)))
        expected[name] = {
            "images": [Path(path).name for path in records.images],
            "shape": list(pixels.shape),
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        }
        del packed
    return expected


def write_reports() -> dict:
    rng = np.random.default_rng(0)
    n, labels = 120, ("Atelectasis", "Effusion", "Hernia", "No Finding")
    y_true = (rng.random((n, 4)) < (0.3, 0.5, 0.0, 0.4)).astype(np.float32)
    y_true[5, 0] = np.nan
    y_score = np.clip(0.3 * np.nan_to_num(y_true) + 0.6 * rng.random((n, 4)), 0, 1)
    other = np.clip(0.2 * np.nan_to_num(y_true) + 0.7 * rng.random((n, 4)), 0, 1)
    groups = np.array([f"p{i // 2}" for i in range(n)])
    metadata = {
        "age": rng.integers(20, 90, n),
        "sex": np.where(rng.random(n) < 0.5, "F", "M"),
        "view": np.where(rng.random(n) < 0.6, "PA", "AP"),
    }
    thresholds = choose_thresholds(
        y_true[:60], y_score[:60], labels=labels, part="validation", method="youden"
    )
    calibration = fit_calibration(y_true[:60], y_score[:60], labels=labels, part="validation")
    common = {
        "labels": labels,
        "groups": groups,
        "images": [f"{i:04}.png" for i in range(n)],
        "n_bootstrap": 50,
        "seed": 1,
    }
    report = auc_report(
        y_true,
        y_score,
        **common,
        metadata=metadata,
        metadata_score=rng.random((n, 4)),
        thresholds=thresholds,
        name="model a",
        data="made up",
        split="patient",
        part="test",
    )
    report.to_json(FILES / "report.json", predictions=True)
    report.to_csv(FILES / "report.csv")
    (FILES / "report.md").write_text(report.to_markdown(), encoding="utf-8")
    plain = auc_report(y_true, y_score, labels=labels, n_bootstrap=0)
    plain.to_json(FILES / "report_plain.json")
    comparison = compare(report, auc_report(y_true, other, **common, name="model b"))
    (FILES / "thresholds.json").write_text(json.dumps(thresholds.as_dict()), encoding="utf-8")
    (FILES / "calibration.json").write_text(json.dumps(calibration.as_dict()), encoding="utf-8")
    return {
        "macro": report.macro.roc_auc,
        "rows": [[row.label, row.n, row.positives, row.roc_auc] for row in report.rows],
        "strata": [[s.stratum, s.value, s.label, s.n, s.roc_auc] for s in report.strata],
        "plain_macro": plain.macro.roc_auc,
        "comparison": comparison.to_markdown(),
    }


def write_runs() -> dict:
    parts = cxrzoo.load_sample().split("patient")
    run = cxrzoo.train(RECIPE, parts.train, parts.validation, FILES / "run", seed=3)
    shutil.copytree(FILES / "stopped", FILES / "run_stopped")
    shutil.rmtree(FILES / "stopped")
    return {
        "history": (FILES / "run" / "history.csv").read_text(),
        "macro": run.report.macro.roc_auc,
    }


def stop_a_run() -> None:
    """Trains in a process that is killed after the second epoch's state."""
    code = (
        "import os, cxrzoo, write_earlier as w\n"
        "from cxrzoo.training import state\n"
        "write = state.EpochState.on_epoch_end\n"
        "def then_die(self, epoch, logs=None):\n"
        "    write(self, epoch, logs)\n"
        "    if epoch == 1: os._exit(9)\n"
        "state.EpochState.on_epoch_end = then_die\n"
        "parts = cxrzoo.load_sample().split('patient')\n"
        "cxrzoo.train(w.RECIPE, parts.train, parts.validation, w.FILES / 'stopped', seed=3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=False)
    assert done.returncode == 9, done


def write_model() -> None:
    """Saves a model that carries thresholds and calibration, and what the command makes of two images."""
    labels = ("Atelectasis", "Effusion", "No Finding")
    parts = cxrzoo.load_sample().relabel(labels).split("official")
    with tempfile.TemporaryDirectory() as folder:
        run = cxrzoo.train(RECIPE, parts.train, parts.validation, folder, seed=3, split="official")
        x = parts.validation.dataset(image_size=32, batch_size=64)[0][0]
        on = (parts.validation.targets, run.model.predict_on_batch(x))
        run.model.cxrzoo = replace(
            run.model.cxrzoo,
            thresholds=choose_thresholds(*on, labels=labels, part="validation").as_dict(),
            calibration=fit_calibration(*on, labels=labels, part="validation").as_dict(),
        )
        cxrzoo.save_pretrained(run.model, FILES / "model", run.report)
    images = [Path(path) for path in parts.test.images[:2]]
    command = ["predict", *(i.name for i in images), "--model", FILES / "model", "--decide"]
    command += ["--calibrate", "--engine", "keras", "--output", FILES / "scores.csv"]
    subprocess.run([sys.executable, "-m", "cxrzoo.cli", *command], check=True, cwd=images[0].parent)


def write_reproduction() -> dict:
    records = cxrzoo.load_sample()
    folder = FILES / "reproduction"
    result = reproduce_paper(
        records.split("official"), folder, rows=["cnn-test2"], seeds=[0], image_size=32
    )
    for path in (*folder.rglob("*.safetensors"), *FILES.rglob("*.png")):
        path.unlink()
    return {"markdown": result.to_markdown()}


if __name__ == "__main__":
    shutil.rmtree(FILES, ignore_errors=True)
    FILES.mkdir()
    stop_a_run()
    found = {"packs": write_packs(), "report": write_reports(), "run": write_runs()}
    found["reproduction"] = write_reproduction()
    write_model()
    (FILES / "expected.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
