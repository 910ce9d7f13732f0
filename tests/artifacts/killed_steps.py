"""Program: each writer of the house, killed before its first, second, ... step on the file system.

    python killed_steps.py SCRATCH

Prints a line of JSON for each: its name, after how many kills the old and the new content were found
or nothing, and what was wrong. Networks are stood in for by bytes, so that a step costs milliseconds.
"""

import json
import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
from PIL import Image

import cxrzoo
from cxrzoo import directories
from cxrzoo.artifacts import load
from cxrzoo.artifacts import save as saving
from cxrzoo.data.packs import pack as packing
from cxrzoo.export import formats, write
from cxrzoo.files import write_whole
from cxrzoo.pretrained import config_from_json, open_artifact
from cxrzoo.pretrained.golden import Golden

SCRATCH = Path(sys.argv[1])
TARGET = SCRATCH / "place" / "model"
FOREIGN = {"notes.txt": "mine", ".git/HEAD": "ref: refs/heads/main", "config.json": "{}"}
EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}
EMBEDDED = Path(cxrzoo.__file__).parent / "pretrained" / "embedded" / "nih-mini" / "cxrzoo.json"


def config(which):
    described = json.loads(EMBEDDED.read_text())
    described |= {"labels": [str(which)], "thresholds": None, "calibration": None}
    return config_from_json(described, source="test")


def save_model(which, directory=None):
    saving.config_of = lambda *_, **__: config(which)
    saving.model_tensors = lambda _: {"which": np.full(9, which, "float32")}
    saving.require_described = lambda *_, **__: SimpleNamespace(inputs=None, outputs=None)
    saving.dump_golden = lambda *_: str(which).encode()
    saving.save_pretrained(keras.Sequential(), directory or TARGET)


def pull_model(which):
    load.build_artifact = load.require_golden = lambda *_: None
    source = SCRATCH / f"source{which}"
    if not source.exists():
        save_model(which, source)
    load.pull(str(source), TARGET)


def model_found():
    try:
        artifact = open_artifact(TARGET)
    except cxrzoo.errors.ArtifactNotFoundError:
        return None
    found = {
        artifact.config.labels[0],
        str(int(artifact.tensors({"which": (9,)})["which"][0])),
        artifact.read("golden.safetensors").decode(),
    }
    return found.pop() if len(found) == 1 else "mixed"


def export(suffix, which):
    name = f"stub{suffix}"
    files = {".xml": ["m.xml", "m.bin"], ".onnx": ["m.onnx"], "": ["saved_model.pb", "variables/v"]}

    def written(model, path, card):
        for file in files[suffix]:
            place = (path.parent if suffix else path) / file
            place.parent.mkdir(exist_ok=True)
            place.write_text(str(which))

    golden = Golden(np.zeros((1, 2, 2, 1), "uint8"), np.zeros((1, 1), "float32"), 1e-6)
    form = formats.Format(
        name, suffix, "numpy", (), None, written, lambda _, x: np.zeros((len(x), 1), "float32")
    )
    write.FORMATS[name] = form
    write.config_of = write.computes_in_float32 = lambda *_, **__: True
    write.require_described = lambda *_, **__: None
    write.interface_of = lambda _: {"which": which}
    write.export_model(keras.Sequential(), export_path(suffix), format=name, golden=golden)


def export_path(suffix):
    return TARGET if not suffix else TARGET.parent / f"m{suffix}"


def export_found(suffix):
    path = export_path(suffix)
    if not path.exists():
        return None
    if not suffix:
        labels, others = path / "assets.extra/labels.json", [path / "variables/v"]
        path = path / "saved_model.pb"
    else:
        labels, others = path.with_suffix(".labels.json"), list(path.parent.glob("m.bin"))
    try:
        found = {str(json.loads(labels.read_text())["which"])}
        found |= {one.read_text() for one in (path, *others)}
    except OSError:
        return "mixed"
    return found.pop() if len(found) == 1 else "mixed"


def pack(which):
    packing.SHARD_BYTES = 2 * 8 * 8
    images = np.array([SCRATCH / f"{n}.png" for n in range(3)], object)
    for n, image in enumerate(images):
        if not image.exists():
            Image.fromarray(np.full((8, 8), 40 * n + 1, np.uint8)).save(image)
    cxrzoo.pack(cxrzoo.Records(images, np.zeros((3, 1)), ("a",)), TARGET, 8, workers=1)


def pack_found():
    if not (TARGET / "index.json").exists():
        return None
    return "1" if len(cxrzoo.data.open_pack(TARGET).pixels(np.arange(3))) == 3 else "mixed"


def whole_file(which):
    write_whole(TARGET.parent / "f.csv", str(which) * 1000)


def whole_file_found():
    path = TARGET.parent / "f.csv"
    found = path.read_text() if path.exists() else None
    return found and (found[0] if found == found[0] * 1000 else "mixed")


def foreign_lost(folder):
    there = {name: folder / name for name in FOREIGN if (folder / name).is_file()}
    return [n for n, text in FOREIGN.items() if n not in there or there[n].read_text() != text]


def swept(name, act, found, *, absent, foreign=False, new_only=False):
    wrong, seen, kills = [], {}, 0
    for step in range(1, 1000):
        shutil.rmtree(TARGET.parent, ignore_errors=True)
        TARGET.parent.mkdir()
        if not new_only:
            act(0)
        if foreign:
            for file, text in FOREIGN.items():
                write_whole(TARGET / file, text)
        if not killed(lambda: act(1), step):
            break
        kills += 1
        which = found()
        seen[str(which)] = seen.get(str(which), 0) + 1
        if which not in ("0", "1") and not (absent and which is None):
            wrong.append(f"kill {step}: found {which}: {listed()}")
        act(1)
        left = [path for path in listed() if ".partial" in path or ".replaced" in path]
        if found() != "1" or left or (foreign and foreign_lost(TARGET)):
            lost = foreign and foreign_lost(TARGET)
            wrong.append(f"kill {step}, then again: {found()}, left {left}, lost {lost}")
    print(json.dumps({"name": name, "kills": kills, "seen": seen, "wrong": wrong}), flush=True)


def listed():
    return sorted(str(path.relative_to(TARGET.parent)) for path in TARGET.parent.rglob("*"))


def killed(act, step):
    """Whether a process that is killed before this step of its work did not come to its end."""
    child = os.fork()
    if child == 0:
        steps = 0

        def count(event, arguments):
            nonlocal steps
            path = arguments[0] if arguments else None
            if event in EVENTS and (isinstance(path, int) or str(TARGET.parent) in str(path)):
                steps += 1
                if steps == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - shown, and the child ends
            print(json.dumps({"name": "error", "wrong": [repr(error)]}), flush=True)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def main():
    SCRATCH.mkdir(exist_ok=True)
    os.fsync = lambda _: None  # a killed process needs none, and some disks take long for it
    swept("a file", whole_file, whole_file_found, absent=False)
    swept("save", save_model, model_found, absent=False, foreign=True)
    swept("first save", save_model, model_found, absent=True, new_only=True)
    swept("pull", pull_model, model_found, absent=False, foreign=True)
    for suffix, absent in ((".onnx", True), (".xml", True), ("", False)):
        act, found = partial(export, suffix), partial(export_found, suffix)
        swept(f"export {suffix}", act, found, absent=absent)
    swept("pack", pack, pack_found, absent=True, new_only=True)
    directories._EXCHANGERS.clear()  # as where the system cannot exchange two directories
    swept("save by renames", save_model, model_found, absent=False, foreign=True)


if __name__ == "__main__":
    main()
