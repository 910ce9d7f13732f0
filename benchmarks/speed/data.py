"""Images a second from files and from a pack, beside torchxrayvision and tf.data, in one run.

    python benchmarks/speed/data.py --images DIR --csv Data_Entry_2017_v2020.csv.gz [--files 2000]
        [--rounds 3]
        [--part 200] [--peer-python PYTHON] [--output FILE.json]

DIR holds original NIH images; they are linked under new names until there are as many as asked for.
Every contender decodes the same files to 224 x 224, another part of them in each round; the first pass
of cxrzoo packs that part. The second pass reads a pack of all files, shuffled, batch by batch, as `fit`
would, three epochs a round; a plain NumPy gather of the same rows in the same order is the measure of
what memory gives. Ratios are those of what an image costs.

torchxrayvision runs in a process of its own (`torchxrayvision_peer.py`). Its NIH_Dataset is gone through
with its crop and resize, in one process as its examples do, and by a DataLoader with as many processes as
there are processors.
"""

import argparse
import csv
import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ratios import ABSENT, Part, Table, options_of, ratio, say
from rounds import Contender, Worker, each, linked, rows_of_round, take_turns, timed

from cxrzoo.data import Records, pack

SIZE = 224
BATCH = 64
EPOCHS = 3
FIRST, SECOND = "cxrzoo, first pass", "cxrzoo, second pass"
FILES_ALONE, TF_DATA, GATHER = "cxrzoo, files alone", "tf.data", "NumPy gather"
PEERS = {
    "torchxrayvision, one process": "one process",
    "torchxrayvision, DataLoader": "DataLoader",
}


def main() -> None:
    parser = options_of(__doc__, rounds=3, peer=True)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--part", type=int, default=200, help="files that are decoded in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        say(measured(options, Path(scratch)), options.output)


def measured(options: argparse.Namespace, scratch: Path) -> Part:
    records, table = links(options, scratch)
    contenders: dict[str, Contender] = {}
    peer = None
    if options.peer_python:
        served = Path(__file__).with_name("torchxrayvision_peer.py")
        given = (scratch / "images", table, SIZE, BATCH, options.part)
        peer = Worker([options.peer_python, str(served), "dataset", *map(str, given)])
        contenders |= {name: each(options.part, peer.turn(way)) for name, way in PEERS.items()}
    contenders |= ours(records, options.part, scratch)
    costs = take_turns(contenders, options.rounds)
    if peer:
        peer.end()
    decoding = [*(name for name in PEERS if peer), TF_DATA]
    pairs = [(FILES_ALONE, name) for name in decoding]
    pairs += [(FIRST, name) for name in decoding]
    pairs += [(SECOND, name) for name in (*decoding, GATHER)]
    return Part(
        f"Files of 1024 x 1024 made {SIZE} x {SIZE}, {options.part:,} a round; batches of {BATCH} from a "
        f"pack of {len(records):,}.",
        options.rounds,
        (Table("images a second", tuple(ratio(costs, *pair) for pair in pairs)),),
        left_out=() if peer else (ABSENT,),
    )


def ours(records: Records, part: int, scratch: Path) -> dict[str, Contender]:
    """Return cxrzoo, tf.data and NumPy, each giving what one image costs."""
    pack(records, scratch / "pack", SIZE)
    packed = records.dataset(cache=scratch / "pack", batch_size=BATCH, shuffle=True, seed=1)
    through(packed)  # the page cache and this process's maps
    held = np.concatenate(
        [packed.pack.pixels(r) for r in np.split(np.arange(len(records)), [1_000])]
    )
    list(tf_data(records.images[:2]))  # what starts once

    def some(number: int) -> Records:
        return records[rows_of_round(number, part, len(records))]

    def second(number: int) -> None:
        for epoch in range(EPOCHS):
            packed.epoch = EPOCHS * number + epoch
            through(packed)

    def gather(number: int) -> None:
        for epoch in range(EPOCHS):
            rng = np.random.default_rng([1, EPOCHS * number + epoch])
            gathered(held, rng.permutation(len(held)))

    decoding = {
        TF_DATA: lambda number: list(tf_data(some(number).images)),
        FILES_ALONE: lambda number: through(some(number).dataset(batch_size=BATCH)),
        FIRST: lambda number: pack(some(number), scratch / f"pack{number}", SIZE),
    }
    feeding = {SECOND: second, GATHER: gather}
    return {name: each(part, timed(work)) for name, work in decoding.items()} | {
        name: each(EPOCHS * len(records), timed(work)) for name, work in feeding.items()
    }


def links(options: argparse.Namespace, scratch: Path) -> tuple[Records, Path]:
    """Return links under new names, as records and as the CSV that torchxrayvision reads."""
    originals = sorted(options.images.glob("*.png"))
    opened = gzip.open if options.csv.suffix == ".gz" else open
    with opened(options.csv, "rt", newline="") as stream:
        header, *rows = csv.reader(stream)
    entries = {row[0]: row[1:] for row in rows}
    paths = linked(originals, scratch / "images", options.files)
    with (scratch / "entries.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for path in paths:
            writer.writerow([path.name, *entries[path.resolve().name]])
    records = Records(paths, np.zeros((len(paths), 1)), ("none",))
    return records, scratch / "entries.csv"


def tf_data(images: np.ndarray) -> Iterator[Any]:
    """Decode and resize as the documentation of tf.data has it."""
    import tensorflow as tf  # noqa: PLC0415 - Keras may run on another backend

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
