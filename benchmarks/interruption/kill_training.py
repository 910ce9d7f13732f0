"""Training killed at random moments and gone on with: the same history and weights as undisturbed.

    KERAS_BACKEND=tensorflow python benchmarks/interruption/kill_training.py [--kills 10] [--seed 0]

Trains a narrow MobileNet (BatchNorm, dropout, augmentation, weight decay, a balanced loss) on the
embedded sample, its learning rate along a cosine or, with ``--schedule plateau``, lowered when it
stalls. Each run is sent SIGKILL after a time drawn evenly between nothing and what an undisturbed run
takes, sometimes again while it goes on, then it is let end. ``history.csv`` and the best model's tensors
are compared byte for byte with those of the undisturbed run.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from killing import finished, killed

TRAIN = """
import sys
import cxrzoo
from rich.console import Console
parts = cxrzoo.load_sample().split("official")
recipe = cxrzoo.Recipe(
    "killed", "mobilenet_cxr", 1e-3, int(sys.argv[2]), {"alpha": 0.25}, image_size=64,
    weight_decay=1e-4, batch_size=8, augment="light", callbacks="modern", source="ours",
    schedule=sys.argv[3], loss="balanced",
)
print("begun", flush=True)
cxrzoo.train(recipe, parts.train, parts.validation, sys.argv[1], console=Console(quiet=True))
"""
COMPARED = ("history.csv", "model/model.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--schedule", choices=["cosine", "plateau"], default="cosine")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "undisturbed"
        seconds = finished(TRAIN, arguments(whole, options))
        expected = content(whole)
        print(f"undisturbed: {epochs(whole)} epochs", flush=True)
        kills = runs = equal = 0
        while kills < options.kills:
            runs += 1
            folder = Path(scratch) / f"run{runs}"
            for _ in range(min(chance.randint(1, 2), options.kills - kills)):
                moment = chance.uniform(0, seconds)
                if not killed(TRAIN, arguments(folder, options), moment):
                    break
                kills += 1
                left = sorted(path.name for path in folder.rglob("*") if path.is_file())
                print(
                    f"kill {kills}, run {runs}: at {moment / seconds:.2f} of an undisturbed run, "
                    f"{epochs(folder)} epochs in the history; files {', '.join(left) or 'none'}",
                    flush=True,
                )
            finished(TRAIN, arguments(folder, options))
            same = {name: content(folder)[name] == expected[name] for name in COMPARED}
            equal += all(same.values())
            print(
                f"run {runs}: {', '.join(f'{k} equal: {v}' for k, v in same.items())}", flush=True
            )
        print(f"{kills} kills in {runs} runs: {equal} of {runs} equal to the undisturbed one")
    if equal < runs:
        sys.exit(1)


def arguments(folder: Path, options: argparse.Namespace) -> list[str]:
    return [str(folder), str(options.epochs), options.schedule]


def epochs(folder: Path) -> int:
    history = folder / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in COMPARED}


if __name__ == "__main__":
    main()
