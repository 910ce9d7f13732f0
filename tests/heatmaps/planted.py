"""Small networks of every family whose first label is decided by a bright square."""

import keras
import numpy as np

SQUARE = 24
"""Side of the square in pixels."""


def pictures(random, n, shape, corners=None):
    """Draw dark grey with a bright square each; return them, and the squares' corners ``(n, 2)``."""
    height, width, channels = shape
    noise = background(random, n, shape)[..., :1]
    if corners is None:
        corners = np.stack(
            [random.integers(0, side - SQUARE + 1, n) for side in (height, width)], axis=1
        )
    for picture, (top, left) in zip(noise, corners, strict=True):
        picture[top : top + SQUARE, left : left + SQUARE] = 230
    return np.repeat(noise, channels, axis=3), corners


def background(random, n, shape):
    """Draw pictures of one dark grey each: noise would drown the square in a deep random network."""
    grey = random.integers(20, 60, (n, 1, 1, 1), np.uint8)
    return np.ascontiguousarray(np.broadcast_to(grey, (n, *shape)))


def decide_by_square(model):
    """Fit the last layer, linear on what it takes, so that the first label is the square's.

    Where the head takes averaged feature maps, it is a ridge regression of what share of each cell the
    square covers; elsewhere of whether there is a square. The second label is its opposite.
    """
    random = np.random.default_rng(5)
    _attend_to_bright(model)
    shape = model.input_shape[1:]
    layer = model.get_layer("predictions")
    pooled = [one for one in model.layers if one.name == "head_pool"]
    n = 96 if pooled else 300  # flattened maps are learnt place by place
    with_it, corners = pictures(random, n, shape)
    without = background(random, n, shape)
    below = keras.Model(model.input, pooled[0].input if pooled else layer.input)
    x = below.predict_on_batch(np.concatenate([with_it, without]).astype("float32"))
    x = np.asarray(x, np.float64)
    if pooled:
        rows, columns = x.shape[1:3]
        y = np.concatenate([covered(corners, shape, rows, columns), np.zeros((n, rows, columns))])
        x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1)
        times = rows * columns
    else:
        y, times = np.repeat([1.0, 0.0], n), 4
    mean = x.mean(0)
    centred = x - mean
    covariance = centred.T @ centred
    size = len(covariance)
    covariance[np.diag_indices(size)] += 1e-6 * np.trace(covariance) / size
    weights = times * np.linalg.solve(covariance, centred.T @ (y - y.mean()))
    kernel = np.zeros(layer.kernel.shape)
    kernel[:, 0], kernel[:, 1] = weights, -weights
    layer.kernel.assign(kernel)
    layer.bias.assign(np.r_[-mean @ weights, mean @ weights, np.zeros(kernel.shape[1] - 2)])
    return model


def covered(corners, shape, rows, columns):
    """Return which share of each cell of a grid a square covers, ``(n, rows, columns)``."""
    mask = np.zeros((len(corners), *shape[:2]))
    for one, (top, left) in zip(mask, corners, strict=True):
        one[top : top + SQUARE, left : left + SQUARE] = 1
    edges = [
        np.linspace(0, side, n + 1).astype(int)
        for side, n in zip(shape[:2], (rows, columns), strict=True)
    ]
    sums = np.add.reduceat(np.add.reduceat(mask, edges[0][:-1], 1), edges[1][:-1], 2)
    return sums / (np.diff(edges[0])[:, None] * np.diff(edges[1]))


def _attend_to_bright(model):
    """Let a Vision Transformer attend to bright patches, as a trained one does to what matters."""
    random = np.random.default_rng(6)
    shape = model.input_shape[1:]
    for layer in model.layers:
        if not isinstance(layer, keras.layers.MultiHeadAttention):
            continue
        given = keras.tree.flatten(layer.input)[0]
        network = keras.Model(model.input, given)
        dark, bright = (
            np.asarray(network.predict_on_batch(np.asarray(grey, "float32")))[:, 1:].mean((0, 1))
            for grey in (
                random.integers(0, 60, (4, *shape)),
                random.integers(200, 256, (4, *shape)),
            )
        )
        towards = (bright - dark) / np.square(bright - dark).sum()
        query, key = layer.query_dense, layer.key_dense
        for dense in (query, key):
            dense.kernel.assign(np.zeros(dense.kernel.shape))
            dense.bias.assign(np.zeros(dense.bias.shape))
        kernel = np.zeros(key.kernel.shape)
        kernel[:, :, 0] = towards[:, None]
        key.kernel.assign(kernel)
        bias = np.zeros(query.bias.shape)
        bias[:, 0] = 4 * np.sqrt(bias.shape[1])
        query.bias.assign(bias)


def hits(peaks, corners, slack):
    """Return which peaks ``(n, 2)`` lie in the squares, or up to ``slack`` pixels beside them."""
    inside = (peaks >= corners - slack) & (peaks <= corners + SQUARE + slack)
    return inside.all(1)
