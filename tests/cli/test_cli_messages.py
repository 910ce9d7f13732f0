"""Errors and warnings of a command speak the command line: options, never a call in Python."""

import ast
import csv
import re
import shlex
import shutil
from dataclasses import replace
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxrzoo
from cxrzoo.cli.messages import in_command
from cxrzoo.cli.program import program
from cxrzoo.errors import (
    DataError,
    LeakageError,
    LeakageWarning,
    TrainingError,
    argument,
    either,
    named,
)
from cxrzoo.text import one_line

# A keyword of a call, a call on a module or a method; 'uncertain=unknown' after --dataset-option,
# '--aspect=pad' and KERAS_BACKEND=jax are a shell's.
PYTHON = re.compile(
    r"(?<![-\w])(?<!dataset-option )[a-z][a-z_]*=(?=[\w.\[('\"{-])|cxrzoo\.\w+\(|\w\([^ )]*=|split\("
)
TRAIN = ("train", "--recipe", "cnn-test1-b", "--image-size", 32, "--output", "run")
EVERY = "Mass,Edema"


@pytest.fixture
def world(sample_files, saved_model, small, tmp_path, monkeypatch):
    """A folder with tables that have faults, each named after its fault."""
    monkeypatch.chdir(tmp_path)
    names = [f"{i}.png" for i in range(20)]
    for name, path in zip(names, cycle(sample_files), strict=False):
        shutil.copy(path, tmp_path / name)
    head = ["image", "patient", "Mass", "Edema", "found"]
    rows = [[n, f"Doe{i // 2}", i % 2, i // 2 % 2, "Mass|Edma"] for i, n in enumerate(names)]

    def write(name, header, table):
        with Path(name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *table])

    write("good.csv", head, rows)
    write("pictures.csv", ["picture", *head[1:]], rows)
    write("absent.csv", head, [*rows, ["gone.png", "Doe9", 1, 0, "Mass"]])
    write("all-absent.csv", head, [["x/" + row[0], *row[1:]] for row in rows])
    write("strange.csv", head, [[*row[:2], "perhaps", "no idea", row[4]] for row in rows])
    write("blank.csv", head, [[row[0], "", *row[2:]] for row in rows])
    write("twice.csv", head, [*rows, *rows[:3]])
    write("scores.csv", ["image", "prob_Mass"], [[n, 0.5] for n in names])
    write("scores-only.csv", ["prob_Mass"], [[0.5] for n in names])
    write("truth-only.csv", ["picture", "Mass"], [[n, 1] for n in names])
    Path("header.csv").write_text("image,patient,Mass\n")
    Path("empty.csv").write_text("")
    Path("labels.txt").write_bytes(b"\xff\xfe\x00")
    Path("empty").mkdir()
    Path("weights.bin").write_bytes(b"nothing that is known")
    Path("headless").mkdir()
    cxrzoo.save_pretrained(small("cnn_test1", include_top=False), "headless")
    sample = cxrzoo.load_sample()
    chexpert = Path("CheXpert")
    chexpert.mkdir()
    (chexpert / "train.csv").write_text("Path,Sex\n")
    Path("NIH").mkdir()
    folder = Path(sample.images[0]).parents[1]
    shutil.copy(next(folder.rglob("Data_Entry_2017*.csv")), "NIH")
    for part in ("a", "b"):
        (Path("NIH") / part).mkdir()
        shutil.copy(sample.images[0], Path("NIH") / part)
    return tmp_path


BAD = {  # what the line on standard error must have, by the command line
    (*TRAIN, "--csv", "good.csv"): ("--labels A,B,…", "--label-column NAME"),
    (*TRAIN, "--csv", "pictures.csv", "--labels", EVERY): ("--image-column NAME",),
    (*TRAIN, "--csv", "good.csv", "--labels", EVERY, "--image-column", "pic"): ("'pic'",),
    (*TRAIN, "--csv", "good.csv", "--labels", "Mess,Odema", "--patient-column", "who"): (
        "'Mess' (nearest: 'Mass')",
        "'Odema'",
        "'who'",
    ),
    (*TRAIN, "--csv", "good.csv", "--label-column", "found", "--labels", "Mass,Edema"): (
        "'Edma'",
        "--labels has",
    ),
    (*TRAIN, "--csv", "absent.csv", "--labels", EVERY, "--patient-column", "patient"): (
        "pass --missing drop",
        "Try: cxrzoo train --recipe",
        "--patient-column patient --missing drop",
    ),
    (*TRAIN, "--csv", "all-absent.csv", "--labels", EVERY): ("none of the 20",),
    (*TRAIN, "--csv", "strange.csv", "--labels", EVERY): ("'perhaps'", "'no idea'"),
    (*TRAIN, "--csv", "twice.csv", "--labels", EVERY): ("3 of 23 rows",),
    (*TRAIN, "--csv", "header.csv", "--labels", "Mass"): ("no rows",),
    (*TRAIN, "--csv", "empty.csv", "--labels", "Mass"): ("header line",),
    (*TRAIN, "--csv", "nowhere.csv", "--labels", "Mass"): ("no such file",),
    (*TRAIN, "--csv", "good.csv", "--images", "nowhere", "--labels", "Mass"): ("nowhere",),
    (*TRAIN, "--csv", "good.csv", "--labels", EVERY): ("--patient-column NAME", "--split paper"),
    (*TRAIN, "--csv", "blank.csv", "--labels", EVERY, "--patient-column", "patient"): (
        "--split patient keeps",
    ),
    (*TRAIN, "--csv", "good.csv", "--labels", EVERY, "--split", "official"): ("official",),
    (
        *TRAIN,
        *("--csv", "good.csv", "--labels", EVERY, "--patient-column", "patient"),
        *("--split", "paper"),
    ): ("--split patient", "--allow-leakage", "shared patients", "Try: cxrzoo train"),
    (
        *TRAIN[:3],
        "--image-size",
        8,
        "--epochs",
        0,
        "--batch-size",
        0,
        "--output",
        "run",
        "--sample",
    ): (
        "--image-size must lie",
        "--epochs must lie",
        "--batch-size must lie",
    ),
    (*TRAIN, "--sample", "--alpha", 0.5): ("'alpha'",),
    (*TRAIN, "--sample", "--weights", "nowhere"): ("nowhere",),
    (*TRAIN, "--sample", "--weights", "imagenet"): ("--weights none", "Try: cxrzoo train"),
    ("train", "--sample", "--output", "run", "--weights", "nih-mini", "--alpha", 0.5): (
        "--alpha=",
    ),
    (*TRAIN, "--data", "NIH"): ("--images DIR",),
    (*TRAIN, "--data", "CheXpert", "--dataset", "chexpertt"): ("'chexpert'",),
    (*TRAIN, "--data", "CheXpert", "--dataset", "chexpert", "--dataset-option", "uncertain=odd"): (
        "--dataset-option uncertain=",
    ),
    (*TRAIN, "--data", "CheXpert", "--dataset", "chexpert", "--dataset-option", "uncertan=ones"): (
        "--dataset-option uncertain=",
        "--missing error|drop",
    ),
    (*TRAIN, "--data", "empty"): ("Data_Entry_2017",),
    ("evaluate", "--model", "nowhere", "--sample"): ("'cxrzoo train'",),
    (
        "evaluate",
        "--model",
        "MODEL",
        "--csv",
        "good.csv",
        "--label-column",
        "image",
        "--part",
        "all",
    ): ("no label in common",),
    ("evaluate", "--predictions", "scores-only.csv", "--truth", "good.csv"): (),
    ("evaluate", "--predictions", "scores.csv", "--truth", "truth-only.csv"): (
        "--image-column NAME",
    ),
    ("evaluate", "--predictions", "scores.csv", "--truth", "good.csv", "--image-column", "pic"): (
        "'pic'",
    ),
    ("evaluate", "--model", "MODEL", "--sample", "--experts", "empty"): ("google2021",),
    ("evaluate", "--model", "MODEL", "--sample", "--experts", "absent"): ("absent",),
    ("predict", "0.png", "--model", "headless"): ("head",),
    ("predict", "empty", "--model", "MODEL"): ("no image",),
    ("predict", "nothing-*.png", "--model", "MODEL"): ("nothing-",),
    ("predict", "0.png", "--model", "MODEL", "--decide", "--calibrate"): ("carries no",),
    ("pack", "--csv", "absent.csv", "--labels", EVERY, "--output", "pack"): ("--missing drop",),
    ("export", "MODEL", "--format", "onnx", "--output", "model.bin"): (
        ".onnx" if find_spec("onnx") and find_spec("onnxruntime") else "pip install",
    ),
    ("push", "MODEL", "acme/xray"): ("--licence CC-BY-4.0",),
    ("info", "densnet121_cxr"): ("'densenet121_cxr'",),
    ("convert", "weights.bin", "--as", "densenet121_cxr", "--output", "out"): ("weights.bin",),
    ("convert", "0.png", "--as", "densenet121_cxr", "-o", "x", "--labels-file", "labels.txt"): (
        "UTF-8",
    ),
    ("reproduce", "--sample", "--rows", "cnn-test9", "--output", "out"): ("cnn-test9",),
}


def test_no_error_of_a_command_names_an_argument_as_python_has_it(
    world, cxrzoo_command, saved_model
):
    wrong = []
    for arguments, expected in BAD.items():
        ended = cxrzoo_command(*(saved_model if one == "MODEL" else one for one in arguments))
        line = ended.err.splitlines()[-1] if ended.err else ""
        faults = [word for word in expected if word not in line]
        if (ended.status, ended.out) != (2, "") or not line.startswith("error: "):
            faults.append(f"status {ended.status}, {ended.out!r:.100}")
        if found := PYTHON.search(ended.err.replace(str(world), "")):
            faults.append(f"Python: {found[0]!r}")
        if re.search(r"Doe\d", ended.err) or "Traceback" in ended.err or len(line) > 1200:
            faults.append("a patient, a traceback or too long")
        if faults:
            wrong.append(f"{shlex.join(map(str, arguments))}\n  {ended.err.strip()}\n  {faults}")
    assert not wrong, "\n".join(wrong)
    assert len(BAD) >= 40
    assert not Path("run").exists()


# Messages of functions that no command calls, and attributes of HTML.
ELSEWHERE = {
    "evaluation/cases_page.py": None,
    "evaluation/published.py": {"across_splits"},
    "evaluation/comparison.py": {"images"},
    "evaluation/report/figures.py": {"predictions"},
    "evaluation/report/html.py": None,
    "evaluation/report/page.py": None,
    "evaluation/report/table.py": None,
    "inference/evaluating.py": {"labels", "aspect"},
    "models/register.py": {"input_shape", "arguments"},
    "training/callbacks.py": {"tensorboard"},
    "training/validation.py": {"validation"},
    "data/sets/chexpert.py": {"uncertain"},
    "data/display.py": {"n"},
    "data/records.py": {"seed"},
    "artifacts/description.py": {"like"},
    "pretrained/config.py": {"like"},
}
MARKS = {"argument", "named", "either"}


def texts(tree):
    """Strings of a module that may be shown: not docstrings, nor what stands in a mark."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call) and getattr(child.func, "id", "") in MARKS:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "{}" for part in child.values
            ).replace("{}{}", "{}")
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from texts(child)


def test_every_message_that_names_an_argument_marks_it():
    package = Path(cxrzoo.__file__).parent
    found = {}
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        if name.startswith("cli/"):
            continue
        for text in texts(ast.parse(path.read_text("utf-8"))):
            for argument_name in re.findall(
                r"(?<![-\w{}])([a-z][a-z_]*)=(?:\.\.\.|\[|'|None\b|True\b|False\b|\{\})", text
            ):
                allowed = ELSEWHERE.get(name, set())
                if allowed is not None and argument_name not in allowed:
                    found.setdefault(name, []).append(text)
    assert not found, "mark it with cxrzoo.errors.argument, named or either"


def test_a_long_list_of_names_is_cut_and_counted(tmp_path, cxrzoo_command):
    labels = [f"label {i}" for i in range(300)]
    (tmp_path / "wide.csv").write_text(f"image,{','.join(labels)}\na.png{',9' * 300}\n")
    for asked, words in (
        ([f"sign {i}" for i in range(90)], ("and 82 more; it has", "and 281 more")),
        (labels, ("expected 1, 0 or blank", "and 296 more columns")),
    ):
        ended = cxrzoo_command(*TRAIN, "--csv", tmp_path / "wide.csv", "--labels", ",".join(asked))
        assert all(word in ended.err for word in words), ended.err
        assert len(ended.err) < 1800


def test_the_command_that_an_error_offers_works(world, cxrzoo_command):
    asked = ("pack", "--csv", "absent.csv", "--labels", EVERY, "--output", "a pack")
    ended = cxrzoo_command(*asked, "--missing", "error", "--image-size", "16")
    words = shlex.split(ended.err.partition("Try: ")[2])
    assert words[0] == "cxrzoo"
    assert words.count("--missing") == 1
    ended = cxrzoo_command(*words[1:])
    assert ended.status == 0, ended
    assert "warning: 1 of 21 rows" in ended.err
    assert "missing=" not in ended.err


def test_no_error_offers_what_it_advises_against(world, cxrzoo_command):
    """A split that leaks, or a licence that nobody chose, is not typed for the user."""
    ended = cxrzoo_command(*TRAIN, "--csv", "good.csv", "--labels", EVERY)
    assert "--split paper" in ended.err
    assert "Try:" not in ended.err
    leaking = ("--csv", "good.csv", "--labels", EVERY, "--patient-column", "patient")
    ended = cxrzoo_command(*TRAIN, *leaking, "--split=paper")
    assert ended.err.endswith("--patient-column patient --split patient\n")


def test_all_misused_options_are_named_at_once(cxrzoo_command):
    for arguments, words in (
        (
            ("train", "--output", "x", "--labels", "A", "--image-column", "b", "--dataset", "nih"),
            (
                "name one source",
                "--image-column, --labels go with --csv",
                "--dataset goes with --data",
            ),
        ),
        (
            ("evaluate", "--predictions", "a", "--data", "b", "--split", "paper", "--strict"),
            ("--predictions needs --truth", "--data, --split, --strict go with --model"),
        ),
        (
            ("evaluate", "--model", "a", "--truth", "b", "--derive-no-finding"),
            ("--truth, --derive-no-finding go with --predictions",),
        ),
        (
            ("predict", "x.png", "-o", "a.xls", "--quarantine", "q.csv"),
            ("--output must end", "--quarantine goes with"),
        ),
        (
            ("convert", "x", "--labels", "a", "--labels-file", "b", "--mean", "1"),
            ("--as BUILDER", "either --labels or --labels-file", "--mean and --std"),
        ),
        (
            (
                "pack",
                "--data",
                "x",
                "--output",
                "y",
                "--dataset-option",
                "a",
                "--dataset-option",
                "b",
            ),
            ("received a, b",),
        ),
    ):
        ended = cxrzoo_command(*arguments)
        assert (ended.status, ended.out) == (2, "")
        assert all(word in ended.err for word in words), ended.err


def test_a_warning_of_a_leak_counts_patients_and_names_none(world, cxrzoo_command, saved_model):
    ended = cxrzoo_command(
        *(*TRAIN, "--csv", "good.csv", "--labels", EVERY, "--patient-column", "patient"),
        *("--split", "paper", "--allow-leakage", "--epochs", 1, "--weights", "none"),
    )
    assert ended.status == 0, ended.err
    assert "warning: --split paper parts by image" in ended.err
    assert "--split patient or --split official do not" in ended.err
    written = "".join(
        path.read_text("utf-8", "replace")
        for path in Path("run").rglob("*")
        if path.suffix in {".json", ".md", ".csv"}
    )
    assert "Doe" not in ended.out + ended.err + written
    assert not PYTHON.search(ended.err)


def test_who_the_patients_are_is_an_attribute_for_the_owners_code(small, tmp_path):
    sample = cxrzoo.load_sample()
    one = sample[:40]
    found = one.leakage(sample)
    shared = set(one.patients)
    assert found.shared == shared
    assert not any(patient in f"{found} {found!r}" for patient in shared if len(patient) > 4)
    recipe = cxrzoo.recipes["cnn-test1-b"]
    with pytest.raises(LeakageError) as refused:
        cxrzoo.train(recipe, one, sample, tmp_path / "run")
    assert refused.value.patients == shared
    assert "allow_leakage=True" in str(refused.value)
    assert "records.split('patient')" in str(refused.value)
    model = small("cnn_test1", labels=sample.labels)
    from cxrzoo.pretrained import also_trained_on  # noqa: PLC0415

    sets = also_trained_on((), sample.patients)
    lineage = replace(model.cxrzoo.lineage, trained_on=sets)
    model.cxrzoo = replace(model.cxrzoo, lineage=lineage)
    with pytest.warns(LeakageWarning, match="was trained on") as told:
        cxrzoo.evaluate(model, one.dataset(image_size=model.input_shape[1]), n_bootstrap=0)
    assert told[0].message.patients == shared
    assert not any(repr(patient) in str(told[0].message) for patient in shared)


ERROR = DataError(
    f"rows {argument('missing', 'drop')}, {argument('labels', [...])}, {named('image_column')}, "
    f"{argument('group')}{either(' in Python', ' on the command line')}"
)


def test_one_message_is_read_as_python_and_as_options():
    python = "rows missing='drop', labels=[...], image_column, group=... in Python"
    assert (str(ERROR), ERROR.args) == (python, (python,))
    train = program.get_command(click.Context(program), "train")
    said = "rows --missing drop, --labels A,B,…, --image-column, group (from Python) on the command line"
    assert in_command(ERROR, train) == said
    assert in_command(
        ERROR, train, ["train", "--missing=error", "--csv", "a b.csv", "--", "x"]
    ) == (f"{said}. Try: cxrzoo train --csv 'a b.csv' --missing drop -- x")
    assert in_command(TrainingError("plain text,\n two lines"), None) == "plain text, two lines"


@given(
    st.text(st.characters(blacklist_characters="\x02\x03\x1f", blacklist_categories=["Cs"])),
    st.sampled_from(["drop", "error", None, 3, "a b"]),
)
def test_a_message_without_marks_is_left_as_it_is(text, value):
    assert str(DataError(text)) == one_line(text)
    marked = f"{text}{argument('missing', value)}{text}"
    assert str(DataError(marked)) == one_line(f"{text}missing={value!r}{text}")
    train = program.get_command(click.Context(program), "train")
    shell = shlex.join(["--missing", "none" if value is None else str(value)])
    assert in_command(DataError(marked), train) == " ".join(f"{text}{shell}{text}".split())
