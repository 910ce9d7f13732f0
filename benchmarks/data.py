"""Images a second from files and from a pack, beside torchxrayvision and tf.data, in one run.

    python benchmarks/data.py --images DIR --csv Data_Entry_2017_v2020.csv.gz [--files 2000] [--rounds 3]

DIR holds original NIH images; they are linked under new names until there are as many as asked for.
Every contender decodes the same files to 224 x 224. The first pass of cxrzoo packs; the second reads the
pack, shuffled, batch by batch, as `fit` would; a plain NumPy gather of the same rows in the same order is
the measure of what memory gives. Contenders take turns in every round; a ratio is that of two rates of
one round, and what is printed is the median and the range over the rounds. Beside it stand the ratio of
the fastest rounds of each (other work on the machine only slows), and that of processor time.

torchxrayvision is the benchmark's own need, as `peer_torchxrayvision.py` says; no dependency of cxrzoo.
Its NIH_Dataset is gone through with its crop and resize, in one process as its examples do, and by a
DataLoader with as many processes as there are processors.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from cxrzoo.data import Records, pack

SIZE = 224
BATCH = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peer", type=int, default=200, help="images a round that the peers decode"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        records, table = linked(options, Path(scratch))
        run(options, records, table, Path(scratch))


def run(options: argparse.Namespace, records: Records, table: Path, scratch: Path) -> None:
    processors = os.cpu_count() or 1
    peers = [record_slice(i, options.peer, len(records)) for i in range(options.rounds)]
    peer = torchxrayvision(scratch / "images", table)
    list(tf_data(records.images[:2]))  # what starts once
    rates: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}

    def note(name: str, images: int, work: Callable[[], Any]) -> None:
        start, before = time.perf_counter(), processor_seconds()
        work()
        costs.setdefault(name, []).append(max(processor_seconds() - before, 1e-9) / images)
        rates.setdefault(name, []).append(images / (time.perf_counter() - start))

    for number, part in enumerate(peers):
        rows = range(len(records))[part]
        note("torchxrayvision, one process", len(rows), lambda r=rows: [peer[i]["img"] for i in r])
        note("torchxrayvision, DataLoader", len(rows), lambda r=rows: loaded(peer, r, processors))
        note("tf.data", len(rows), lambda p=part: list(tf_data(records.images[p])))
        some = records[part]
        note("cxrzoo, files alone", len(rows), lambda s=some: through(s.dataset(batch_size=BATCH)))
        folder = scratch / f"pack{number}"
        whole = records if number == 0 else some
        note("cxrzoo, first pass", len(whole), lambda w=whole, f=folder: pack(w, f, SIZE))
        packed = records.dataset(cache=scratch / "pack0", batch_size=BATCH, shuffle=True, seed=1)
        through(packed)  # the page cache and this process's maps
        held = np.concatenate(
            [packed.pack.pixels(rows) for rows in np.split(np.arange(len(records)), 4)]
        )
        for epoch in range(1, 4):
            packed.epoch = epoch
            note("cxrzoo, second pass", len(records), lambda d=packed: through(d))
            order = np.random.default_rng([1, epoch]).permutation(len(records))
            note("NumPy gather", len(records), lambda h=held, o=order: gathered(h, o))
        del held
    print(f"{len(records):,} files, {SIZE} x {SIZE}, batches of {BATCH}, {processors} processors")
    print("\n| | images/s, median (range) | processor ms an image |\n|---|---|---|")
    for name, found in rates.items():
        cost = 1e3 * statistics.median(costs[name])
        rate = f"{statistics.median(found):,.0f} ({min(found):,.0f} to {max(found):,.0f})"
        print(f"| {name} | {rate} | {cost:.2g} |")
    print(
        "\n| ratio of images/s | median (range) | fastest rounds | of processor time |\n|---|---|---|---|"
    )
    for ours, theirs in (
        ("cxrzoo, first pass", "torchxrayvision, one process"),
        ("cxrzoo, first pass", "torchxrayvision, DataLoader"),
        ("cxrzoo, first pass", "tf.data"),
        ("cxrzoo, second pass", "torchxrayvision, one process"),
        ("cxrzoo, second pass", "torchxrayvision, DataLoader"),
        ("cxrzoo, second pass", "tf.data"),
        ("cxrzoo, second pass", "NumPy gather"),
    ):
        faster = ratios(rates[ours], rates[theirs])
        cheaper = ratios([1 / cost for cost in costs[ours]], [1 / cost for cost in costs[theirs]])
        print(
            f"| {ours} / {theirs} | {statistics.median(faster):,.2f} "
            f"({min(faster):,.2f} to {max(faster):,.2f}) "
            f"| {max(rates[ours]) / max(rates[theirs]):,.2f} | {statistics.median(cheaper):,.2f} |"
        )


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Round by round; what was measured several times in a round is held against the same other."""
    each = len(ours) // len(theirs) or 1
    return [value / theirs[i // each] for i, value in enumerate(ours)]


def processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def record_slice(number: int, size: int, n: int) -> slice:
    start = number * size % max(1, n - size)
    return slice(start, start + size)


def linked(options: argparse.Namespace, scratch: Path) -> tuple[Records, Path]:
    """Links under new names, as records and as the CSV that torchxrayvision reads."""
    import pandas as pd  # noqa: PLC0415 - the peer's need

    originals = sorted(options.images.glob("*.png"))
    entries = pd.read_csv(options.csv).set_index("Image Index")
    folder = scratch / "images"
    folder.mkdir()
    names, rows = [], []
    for i in range(options.files):
        original = originals[i % len(originals)]
        name = f"{i // len(originals):03d}_{original.name}"
        (folder / name).symlink_to(original)
        names.append(name)
        rows.append(entries.loc[original.name])
    table = pd.DataFrame(rows).reset_index(drop=True)
    table.insert(0, "Image Index", names)
    table.to_csv(scratch / "entries.csv", index=False)
    records = Records([folder / name for name in names], np.zeros((len(names), 1)), ("none",))
    return records, scratch / "entries.csv"


def torchxrayvision(images: Path, table: Path) -> Any:
    import torch  # noqa: PLC0415 - the peer's need
    from peer_torchxrayvision import read_as_examples_do, xrv  # noqa: PLC0415

    torch.set_num_threads(1)
    return xrv.datasets.NIH_Dataset(
        str(images), csvpath=str(table), views=["PA", "AP"], unique_patients=False,
        transform=read_as_examples_do(SIZE),
    )  # fmt: skip


def loaded(dataset: Any, rows: range, workers: int) -> None:
    import torch  # noqa: PLC0415 - the peer's need

    part = torch.utils.data.Subset(dataset, list(rows))
    for _ in torch.utils.data.DataLoader(part, batch_size=BATCH, num_workers=workers):
        pass


def tf_data(images: np.ndarray) -> Iterator[Any]:
    """Decode and resize as the documentation of tf.data has it."""
    import tensorflow as tf  # noqa: PLC0415 - after the peer with processes has begun

    def read(path: Any) -> Any:
        image = tf.io.decode_png(tf.io.read_file(path), channels=1)
        return tf.image.resize(image, (SIZE, SIZE), method="area")

    files = tf.data.Dataset.from_tensor_slices([str(path) for path in images])
    ready = files.map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH)
    return ready.prefetch(tf.data.AUTOTUNE).as_numpy_iterator()


def through(dataset: Any) -> None:
    for i in range(len(dataset)):
        dataset[i]


def gathered(held: np.ndarray, order: np.ndarray) -> None:
    for start in range(0, len(order), BATCH):
        held[order[start : start + BATCH]]


if __name__ == "__main__":
    main()
