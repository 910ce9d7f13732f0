"""How far the Vision Transformers are from timm's and transformers' own classes, on real X-rays.

    python benchmarks/parity/vit_parity.py [--images 16]

Each peer gets random weights, biases, position embeddings, class token and layer scales, of a size
that lets every part show in the outputs; its file, as publishers save it, is converted by
`cxrzoo.convert_file`. TensorFlow, JAX and PyTorch then load what was saved and compute logits, the
vectors that a head takes and feature maps of X-rays of the embedded sample. The peer's are computed in
float64, and in float32 for comparison. Needs JAX, timm, transformers and torchvision (all three with
--no-deps: tokenizers, regex); writes `results/vit_parity.json` and prints the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cxrzoo import convert_file, save_pretrained
from cxrzoo.data import load_sample
from cxrzoo.images import read_image

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import machine, versions
from torchvision_without_cuda import torch

RESULTS = Path(__file__).parents[1] / "results" / "vit_parity.json"
BACKENDS = ("tensorflow", "jax", "torch")

import timm  # noqa: E402 - after what lets torchvision be imported
from safetensors.torch import save_file  # noqa: E402 - as above
from transformers import Dinov2Config, Dinov2Model  # noqa: E402 - as above

PACKAGES = ("timm", "transformers", "torchvision", "torch", "keras", "tensorflow", "jax", "numpy")
MEAN, DEVIATION = 0.5056, 0.252  # medical_mae's
LABELS = [f"label {i}" for i in range(14)]
COMPUTED = """
import sys
import cxrzoo, keras, numpy
for folder in sys.argv[1:]:
    pixels = numpy.load(folder + "/pixels.npy")
    model = cxrzoo.from_pretrained(folder + "/model")
    wanted = {"features": model.output}
    if model.cxrzoo.labels:
        head = model.get_layer("head_dropout_in")
        wanted = {"logits": model.output, "features": head.input}
    by_token = model.cxrzoo.arguments["global_pool"] == "token"
    wanted["maps"] = model.get_layer("norm").output[:, 1:] if by_token else model.get_layer("maps").output
    network = keras.Model(model.input, wanted)
    batches = [network(pixels[i : i + 4], training=False) for i in range(0, len(pixels), 4)]
    joined = {
        kind: numpy.concatenate([keras.ops.convert_to_numpy(one[kind]) for one in batches])
        for kind in wanted
    }
    numpy.savez(folder + "/outputs.npz", **joined)
"""

Outputs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A peer's network beside ours.

    Attributes:
        name: what the table says.
        builder: of our network.
        make: make the peer's.
        size: height and width of the images that both see.
        options: of ``convert_file``.
    """

    name: str
    builder: str
    make: Callable[[], Any]
    size: tuple[int, int] = (224, 224)
    options: Mapping[str, Any] = field(default_factory=dict)


def of_timm(name: str, pooling: str, **options: Any) -> Callable[[], Any]:
    options = {"num_classes": len(LABELS), **options}
    return lambda: timm.create_model(name, global_pool=pooling, **options)


def of_transformers(size: int) -> Callable[[], Any]:
    """Make the class of RAD-DINO's config.json, whose position embeddings are for images of a size."""
    return lambda: Dinov2Model(Dinov2Config(image_size=size, attn_implementation="eager"))


SMALL, BASE = "vit_small_patch16_224", "vit_base_patch16_224"
TOKEN = {"global_pool": "token"}
CASES = (
    Case("timm ViT-S/16, mean", "vit_small_cxr", of_timm(SMALL, "avg")),
    Case("timm ViT-S/16, class token", "vit_small_cxr", of_timm(SMALL, "token"), options=TOKEN),
    Case("timm ViT-S/16, mean, to 192 x 288", "vit_small_cxr", of_timm(SMALL, "avg"), (192, 288)),
    Case("timm ViT-B/16, mean", "vit_base_cxr", of_timm(BASE, "avg")),
    Case("timm ViT-B/16, class token", "vit_base_cxr", of_timm(BASE, "token"), options=TOKEN),
    Case("transformers DINOv2 ViT-B/14", "dinov2_base_cxr", of_transformers(224)),
    Case(
        "transformers DINOv2, 518 to 224 x 280", "dinov2_base_cxr", of_transformers(518), (224, 280)
    ),
    Case(
        "timm DINOv2 ViT-B/14",
        "dinov2_base_cxr",
        of_timm("vit_base_patch14_dinov2", "token", img_size=224),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=16)
    n = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        rows = list(compared(CASES, Path(folder), n))
    found = {"machine": machine(), "versions": versions(PACKAGES), "images": n, "rows": rows}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(markdown(found))


def compared(cases: tuple[Case, ...], folder: Path, n: int) -> Iterator[dict[str, Any]]:
    """Give the rows of all networks: PyTorch's own rounding, and ours by backend."""
    theirs = {}
    for number, case in enumerate(cases):
        place = folder / str(number)
        place.mkdir()
        theirs[place] = case, *prepared(case, place, n)
    for case, double, single in theirs.values():
        yield from row(case, "PyTorch in float32", double, single)
    for backend in BACKENDS:
        run(COMPUTED, *theirs, KERAS_BACKEND=backend)
        for place, (case, double, _) in theirs.items():
            with np.load(place / "outputs.npz") as ours:
                yield from row(case, backend, double, ours)


def prepared(case: Case, place: Path, n: int) -> tuple[Outputs, Outputs]:
    """Make a peer, convert its file, and return its outputs in float64 and in float32."""
    torch.manual_seed(0)
    net = case.make().eval()
    randomise(net)
    images = load_sample().images[:n]
    pixels = np.stack([read_image(path, case.size, 3, "stretch") for path in images])
    np.save(place / "pixels.npy", pixels)
    path = saved(net, place)
    model = convert_file(
        path,
        case.builder,
        input_size=case.size,
        scaling=(1 / (255 * DEVIATION), -MEAN / DEVIATION),
        **({"labels": LABELS} if has_head(net) else {"pooling": "head"}),
        output_activation=None,
        **case.options,
    )
    save_pretrained(model, place / "model")
    if hasattr(net, "set_input_size"):
        net.set_input_size(case.size)  # its own resizing of position embeddings, in float32
    return outputs(net.double(), pixels), outputs(net.float(), pixels)


def has_head(net: Any) -> bool:
    return not isinstance(net, Dinov2Model)


def randomise(net: Any) -> None:
    """Give every part random numbers of a size that shows."""
    for name, one in net.named_parameters():
        last = name.rpartition(".")[2]
        with torch.no_grad():
            if last in ("gamma", "lambda1"):
                one.uniform_(0.2, 1.2)
            elif "norm" in name:
                one.uniform_(0.5, 1.5) if last == "weight" else one.normal_(0, 0.3)
            elif last == "bias":
                one.normal_(0, 0.3)
            elif one.ndim == 3:  # class token and positions
                one.normal_(0, 1)
            else:
                one.normal_(0, 1.2 / one[0].numel() ** 0.5)


def saved(net: Any, place: Path) -> Path:
    """Save a peer as its publishers do: medical_mae's dict by PyTorch, others as safetensors."""
    if not has_head(net):
        net.save_pretrained(place)
        return place / "model.safetensors"
    state = {name: value.contiguous() for name, value in net.state_dict().items()}
    if "fc_norm.weight" in state:
        path = place / "checkpoint.pth"
        torch.save({"model": state, "epoch": 74, "args": Namespace(model="vit", lr=None)}, path)
    else:
        path = place / "model.safetensors"
        save_file(state, path)
    return path


def outputs(net: Any, pixels: np.ndarray) -> Outputs:
    """Return a peer's logits (if it has a head), features and maps of pixels (n, h, w, 3)."""
    dtype = next(net.parameters()).dtype
    images = torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()).to(dtype)
    batches = ((images / 255 - MEAN) / DEVIATION).split(4)
    found: dict[str, list[Any]] = {}
    with torch.no_grad():
        for batch in batches:
            if not has_head(net):
                tokens = net(batch).last_hidden_state
                one = {"features": tokens[:, 0], "maps": tokens[:, 1:]}
            else:
                tokens = net.forward_features(batch)
                features = net.forward_head(tokens, pre_logits=True)
                one = {"logits": net.head(features), "features": features, "maps": tokens[:, 1:]}
            for name, value in one.items():
                found.setdefault(name, []).append(value)
    return {name: torch.cat(values).numpy() for name, values in found.items()}


def row(case: Case, what: str, theirs: Outputs, ours: Outputs) -> Iterator[dict[str, Any]]:
    for kind, expected in theirs.items():
        found = np.asarray(ours[kind]).reshape(expected.shape)
        largest = float(np.abs(expected).max())
        difference = float(np.abs(found - expected).max())
        yield {
            "network": case.name,
            "what": what,
            "of": kind,
            "difference": difference,
            "largest": largest,
            "relative": difference / largest,
            "deviation_between_images": float(expected.std(axis=0).mean()),
        }


def run(program: str, *arguments: Any, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *map(str, arguments)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def markdown(found: Mapping[str, Any]) -> str:
    """Return the largest differences relative to the largest output."""
    ways = list(dict.fromkeys(one["what"] for one in found["rows"]))
    lines = [
        f"| network | of | largest | {' | '.join(ways)} |",
        "|---" * (3 + len(ways)) + "|",
    ]
    cells = {(one["network"], one["of"], one["what"]): one for one in found["rows"]}
    for network, of in dict.fromkeys((one["network"], one["of"]) for one in found["rows"]):
        by_way = [cells[network, of, what] for what in ways]
        differences = " | ".join(f"{one['relative']:.0e}" for one in by_way)
        lines.append(f"| {network} | {of} | {by_way[0]['largest']:.1f} | {differences} |")
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    note = "Largest difference from float64, relative to the largest output"
    return "\n".join([*lines, "", f"{note}; {found['images']} X-rays; {names}."])


if __name__ == "__main__":
    main()
