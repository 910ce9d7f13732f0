"""DenseNet121 as torchvision and torchxrayvision name it: random tensors, and what they compute."""

import numpy as np


def random_state(channels, outputs, seed=0):
    """A state dict with random weights and random BatchNorm statistics, arrays by name."""
    random = np.random.default_rng(seed)
    state = {}

    def conv(name, *shape):
        spread = np.sqrt(2 / np.prod(shape[1:]))
        state[f"{name}.weight"] = random.normal(0, spread, shape)

    def norm(name, n):
        state[f"{name}.weight"] = random.uniform(0.8, 1.2, n)
        state[f"{name}.bias"] = random.normal(0, 0.2, n)
        state[f"{name}.running_mean"] = random.normal(0, 0.2, n)
        state[f"{name}.running_var"] = random.uniform(0.5, 2, n)
        state[f"{name}.num_batches_tracked"] = np.array(7)

    conv("features.conv0", 64, channels, 7, 7)
    norm("features.norm0", 64)
    n = 64
    for block, layers in enumerate((6, 12, 24, 16), 1):
        for layer in range(1, layers + 1):
            inner = f"features.denseblock{block}.denselayer{layer}"
            norm(f"{inner}.norm1", n)
            conv(f"{inner}.conv1", 128, n, 1, 1)
            norm(f"{inner}.norm2", 128)
            conv(f"{inner}.conv2", 32, 128, 3, 3)
            n += 32
        if block < 4:
            norm(f"features.transition{block}.norm", n)
            conv(f"features.transition{block}.conv", n // 2, n, 1, 1)
            n //= 2
    norm("features.norm5", n)
    state["classifier.weight"] = random.normal(0, 0.1, (outputs, n))
    state["classifier.bias"] = random.normal(0, 0.1, outputs)
    kind = {"i": np.int64, "f": np.float32}
    return {name: value.astype(kind[value.dtype.kind]) for name, value in state.items()}


def logits(state, images):
    """What torchvision's class computes in inference, in float64.

    Args:
        state: as random_state gives it.
        images: (n, channels, height, width), scaled.
    """
    state = {name: value.astype(np.float64) for name, value in state.items()}

    def norm(x, name):
        weight, bias, mean, variance = (
            state[f"{name}.{part}"][:, None, None]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return np.maximum((x - mean) / np.sqrt(variance + 1e-5) * weight + bias, 0)  # and its ReLU

    def conv(x, name, stride=1, padding=0):
        kernel = state[f"{name}.weight"]
        return np.einsum("nchwyx,ocyx->nohw", windows(x, kernel.shape[2], stride, padding), kernel,
                         optimize=True)  # fmt: skip

    x = norm(conv(images, "features.conv0", 2, 3), "features.norm0")
    x = windows(x, 3, 2, 1).max((4, 5))  # after a ReLU a border of zeros is one of -inf
    for block, layers in enumerate((6, 12, 24, 16), 1):
        for layer in range(1, layers + 1):
            inner = f"features.denseblock{block}.denselayer{layer}"
            y = conv(norm(x, f"{inner}.norm1"), f"{inner}.conv1")
            y = conv(norm(y, f"{inner}.norm2"), f"{inner}.conv2", padding=1)
            x = np.concatenate([x, y], axis=1)
        if block < 4:
            name = f"features.transition{block}"
            x = windows(conv(norm(x, f"{name}.norm"), f"{name}.conv"), 2, 2, 0).mean((4, 5))
    pooled = norm(x, "features.norm5").mean((2, 3))
    return pooled @ state["classifier.weight"].T + state["classifier.bias"]


def windows(x, size, stride, padding):
    """Views (n, c, h', w', size, size) of maps (n, c, h, w), padded with zeros."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    found = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    return found[:, :, ::stride, ::stride]
