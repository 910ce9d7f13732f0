"""Seconds and memory to read all tensors of a file of weights, beside `torch.load` of the same file.

    python benchmarks/speed/convert_weights.py [--rounds 5] [--output FILE.json]

Two state dicts of random numbers are saved by PyTorch in both of its layouts: a DenseNet121's (28 MB)
and a ViT-B/16's (343 MB). Every reading is a process of its own, in turn, and keeps all arrays; what
imports take is left out. cxrzoo's seconds include the SHA-256 of the file. `torch.load` runs with
`weights_only=True`, its safe way. Memory is what the process took at its peak above what it had
before; a process with PyTorch has some 200 MB more to begin with.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from machine import machine, versions
from rounds import take_turns

Shape = tuple[int, ...]
READINGS = {
    "cxrzoo": """
from cxrzoo.convert import read_weights
def work(path):
    weights = read_weights(path)
    return {name: weights[name] for name in weights.tensors}
""",
    "torch.load": """
import torch
def work(path):
    return torch.load(path, weights_only=True)
""",
}
TIMED = """
import json, sys, time
def memory(field):  # in MiB, of this program alone; Linux
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field)) / 1024
before, begin = memory("VmRSS"), time.perf_counter()
kept = work(sys.argv[1])
seconds = time.perf_counter() - begin
peak = memory("VmHWM")
print(json.dumps([seconds, peak - before, peak, len(kept)]))
"""


class Reading(NamedTuple):
    seconds: float
    grown: float
    """MiB at the peak above what the process had before."""
    peak: float
    """MiB in all."""
    tensors: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shapes in (("DenseNet121", densenet121()), ("ViT-B/16", vit_b16())):
            for layout in ("zip", "legacy"):
                path = Path(folder) / "weights.pt"
                save(shapes, path, legacy=layout == "legacy")
                rows += measured(f"{name}, {layout}", path, options.rounds)
    found = {"machine": machine(), "versions": versions(("torch", "numpy")), "rows": rows}
    print(markdown(found))
    if options.output:
        options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measured(name: str, path: Path, rounds: int) -> list[dict[str, Any]]:
    contenders = {reader: reading(reader, path) for reader in READINGS}
    take_turns(contenders, 1)  # compiles what is not, and fills the page cache
    found = take_turns(contenders, rounds)
    megabytes = path.stat().st_size / 2**20
    return [
        {"file": name, "megabytes": megabytes, "reader": reader, **middle(found[reader])}
        for reader in READINGS
    ]


def middle(found: list[Reading]) -> dict[str, float]:
    return {
        name: statistics.median(getattr(one, name) for one in found) for name in Reading._fields
    }


def reading(reader: str, path: Path) -> Callable[[int], Reading]:
    program = READINGS[reader] + TIMED

    def turn(_: int) -> Reading:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, str(path)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return Reading(*json.loads(done.stdout))

    return turn


def save(shapes: Mapping[str, Shape], path: Path, *, legacy: bool) -> None:
    import torch  # noqa: PLC0415 - in no process that reads

    numbers = torch.Generator().manual_seed(0)
    state = OrderedDict(
        (name, torch.randn(shape, generator=numbers)) for name, shape in shapes.items()
    )
    torch.save(state, path, _use_new_zipfile_serialization=not legacy)


def densenet121() -> dict[str, Shape]:
    """Return the shapes of torchvision's DenseNet121 with 18 outputs."""

    def norm(name: str, n: int) -> Iterator[tuple[str, Shape]]:
        for part in ("weight", "bias", "running_mean", "running_var"):
            yield f"{name}.{part}", (n,)
        yield f"{name}.num_batches_tracked", ()

    shapes: dict[str, Shape] = {
        "features.conv0.weight": (64, 3, 7, 7),
        **dict(norm("features.norm0", 64)),
    }
    n = 64
    for block, layers in enumerate((6, 12, 24, 16), 1):
        for layer in range(1, layers + 1):
            inner = f"features.denseblock{block}.denselayer{layer}"
            shapes |= {**dict(norm(f"{inner}.norm1", n)), f"{inner}.conv1.weight": (128, n, 1, 1)}
            shapes |= {
                **dict(norm(f"{inner}.norm2", 128)),
                f"{inner}.conv2.weight": (32, 128, 3, 3),
            }
            n += 32
        if block < 4:
            inner = f"features.transition{block}"
            shapes |= {**dict(norm(f"{inner}.norm", n)), f"{inner}.conv.weight": (n // 2, n, 1, 1)}
            n //= 2
    shapes |= dict(norm("features.norm5", n))
    return {**shapes, "classifier.weight": (18, n), "classifier.bias": (18,)}


def vit_b16() -> dict[str, Shape]:
    """Return the shapes of timm's ViT-B/16 with 14 outputs."""
    shapes: dict[str, Shape] = {
        "cls_token": (1, 1, 768),
        "pos_embed": (1, 197, 768),
        "patch_embed.proj.weight": (768, 3, 16, 16),
        "patch_embed.proj.bias": (768,),
    }
    sizes = {
        "attn.qkv": (2304, 768),
        "attn.proj": (768, 768),
        "mlp.fc1": (3072, 768),
        "mlp.fc2": (768, 3072),
    }
    for block in range(12):
        for norm in ("norm1", "norm2"):
            shapes |= {f"blocks.{block}.{norm}.{part}": (768,) for part in ("weight", "bias")}
        for name, shape in sizes.items():
            shapes |= {
                f"blocks.{block}.{name}.weight": shape,
                f"blocks.{block}.{name}.bias": shape[:1],
            }
    shapes |= {"fc_norm.weight": (768,), "fc_norm.bias": (768,)}
    return {**shapes, "head.weight": (14, 768), "head.bias": (14,)}


def markdown(found: Mapping[str, Any]) -> str:
    lines = [
        "| file | MiB | tensors | read by | seconds | MiB grown | MiB at the peak |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['file']} | {row['megabytes']:.0f} | {row['tensors']:.0f} | {row['reader']} | "
        f"{row['seconds']:.3f} | {row['grown']:.0f} | {row['peak']:.0f} |"
        for row in found["rows"]
    ]
    lines += [
        "",
        "| file | times the seconds of torch.load | times the MiB grown |",
        "|---|---|---|",
    ]
    for ours, theirs in zip(found["rows"][::2], found["rows"][1::2], strict=True):
        ratios = (ours[name] / max(theirs[name], 1e-9) for name in ("seconds", "grown"))
        lines.append(f"| {ours['file']} | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |")
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return "\n".join([*lines, "", f"{found['machine']['processor']}; {names}."])


if __name__ == "__main__":
    main()
