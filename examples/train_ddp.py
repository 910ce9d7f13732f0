"""Train on several devices with PyTorch: DistributedDataParallel around a model of the zoo.

    KERAS_BACKEND=torch torchrun --nproc-per-node 2 examples/train_ddp.py
    KERAS_BACKEND=torch torchrun --nproc-per-node 8 examples/train_ddp.py --data NIH

Keras's own ``fit`` does not train on several devices with PyTorch, so this is a loop of one's own. The
batches are those of one process: each process reads its part of every one. BatchNorm measures each
part by itself, and the saved model has the first process's moving averages. One GPU a process where
there are GPUs, else CPUs. When a process dies, torchrun ends the others.
"""

import argparse
import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import keras
import numpy as np
import torch
import torch.distributed as group
from torch.nn.parallel import DistributedDataParallel

import cxrzoo
from cxrzoo.data import Shard
from cxrzoo.evaluation.statistics.auc import roc_auc
from cxrzoo.training import masked_binary_crossentropy

PATIENCE = timedelta(minutes=5)  # for another process's step; then the wait ends with an error


def train_together(
    recipe: cxrzoo.Recipe,
    train: cxrzoo.Records,
    validation: cxrzoo.Records,
    output: Path,
    seed: int = 0,
) -> list[dict[str, float]]:
    """Trains as one of the processes that torchrun started; the first one writes the model.

    Returns:
        Loss and exact validation AUC of each epoch, the same in every process.
    """
    gpu = torch.cuda.is_available()
    group.init_process_group("nccl" if gpu else "gloo", timeout=PATIENCE)
    process, processes = group.get_rank(), group.get_world_size()
    if gpu:
        torch.cuda.set_device(process % torch.cuda.device_count())
    keras.utils.set_random_seed(seed)
    model = cxrzoo.create_model(
        recipe.builder,
        **recipe.arguments,
        input_shape=recipe.image_spec.shape,
        labels=train.labels,
        weights=recipe.weights,
    )
    parallel = DistributedDataParallel(model)
    variables = model.trainable_variables
    optimizer = keras.optimizers.Adam(recipe.learning_rate)
    optimizer.build(variables)
    batches = train.dataset(
        image_spec=recipe.image_spec,
        batch_size=recipe.batch_size,
        shuffle=True,
        seed=seed,
        augment=recipe.augment,
        shard=Shard(process, processes),
    )
    chosen_on = validation.dataset(image_spec=recipe.image_spec, batch_size=recipe.batch_size)
    history: list[dict[str, float]] = []
    for epoch in range(recipe.epochs):
        # Dropout draws from the process: other masks in each, and other ones in each epoch.
        torch.manual_seed(int(np.random.SeedSequence([seed, epoch, process]).generate_state(1)[0]))
        total = torch.zeros(2, dtype=torch.float64)  # loss times images, images
        for pixels, targets in batches.batches(epoch):
            scores = parallel(keras.ops.convert_to_tensor(pixels), training=True)
            loss = masked_binary_crossentropy(keras.ops.convert_to_tensor(targets), scores).mean()
            model.zero_grad()
            loss.backward()  # here the processes exchange gradients
            with torch.no_grad():
                optimizer.apply([variable.value.grad for variable in variables], variables)
            total += torch.tensor([loss.item() * len(pixels), len(pixels)])
        total = total.cuda() if gpu else total
        group.all_reduce(total)
        row = {"loss": float(total[0] / total[1]), "val_auc": measure(model, chosen_on)}
        best = max((past["val_auc"] for past in history), default=-1.0)
        history.append(row)
        if process == 0:
            print(f"epoch {epoch + 1}/{recipe.epochs}  {row}", flush=True)
            write_history(output, history)
            if row["val_auc"] > best:
                cxrzoo.save_pretrained(model, output / "model")
    group.barrier()
    group.destroy_process_group()
    return history


def measure(model: keras.Model, batches: keras.utils.PyDataset) -> float:
    """Return the exact mean AUC of the whole part, of which each process scores every n-th batch."""
    process, processes = group.get_rank(), group.get_world_size()
    mine = [
        model.predict_on_batch(batches[index][0])
        for index in range(process, len(batches), processes)
    ]
    of_all: list[list[np.ndarray]] = [[] for _ in range(processes)]
    group.all_gather_object(of_all, mine)
    scores = [of_all[index % processes][index // processes] for index in range(len(batches))]
    return float(np.nanmean(roc_auc(batches.records.targets, np.concatenate(scores))))


def write_history(output: Path, history: list[dict[str, float]]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    with (output / "history.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, list(history[0]))
        table.writeheader()
        table.writerows(history)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="NIH ChestX-ray14; without it, the embedded sample")
    parser.add_argument("--recipe", default="mobilenet-b", choices=sorted(cxrzoo.recipes))
    parser.add_argument("--weights", default="none", help="none, imagenet, or a saved model")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--output", type=Path, default=Path("runs/ddp"))
    given = parser.parse_args()
    records = cxrzoo.NIHChestXray14(given.data) if given.data else cxrzoo.load_sample()
    parts = records.split("official")
    recipe = replace(
        cxrzoo.recipes[given.recipe],
        weights=None if given.weights == "none" else given.weights,
        image_size=given.image_size,
        epochs=given.epochs,
        learning_rate=given.learning_rate,
    )
    train_together(recipe, parts.train, parts.validation, given.output)


if __name__ == "__main__":
    main()
