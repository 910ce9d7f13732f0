"""What the benchmarks say of torchxrayvision, which runs with a Python of its own (`--peer-python`)."""

ABSENT = "torchxrayvision, as no `--peer-python` was given."
LARGER = (
    "torchxrayvision's DenseNet121, the network of its published weights, computes several times what a "
    "MobileNet does: its rows compare what two libraries offer, not two ways to compute one network."
)
