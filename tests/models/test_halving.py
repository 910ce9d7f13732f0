"""Convolutions that halve their maps, against plain NumPy: padded as TensorFlow and as PyTorch do it."""

import keras
import numpy as np
import pytest

from cxrzoo.models.halving import strided, whole


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("kind", [keras.layers.Conv2D, keras.layers.DepthwiseConv2D])
def test_padding_on_both_sides_is_pytorchs_and_same_is_tensorflows(score, kind, size):
    random = np.random.default_rng(0)
    for sides in ((8, 8), (9, 7), (10, 13)):
        x = random.normal(size=(2, *sides, 3)).astype("float32")
        for padding in ("same", "symmetric"):
            pixels = keras.Input((*sides, 3))
            options = {"filters": 4} if kind is keras.layers.Conv2D else {}
            made = strided(kind, size, 2, padding, name="conv", **options)(pixels)
            model = keras.Model(pixels, made)
            (kernel,) = model.get_weights()
            before = [
                size // 2 if padding == "symmetric" or n % 2 else size // 2 - 1 for n in sides
            ]
            expected = convolved(x, kernel, before)
            np.testing.assert_allclose(score(model, x), expected, atol=1e-5)
            assert model.output_shape[1:3] == tuple(-(-n // 2) for n in sides)


def convolved(x, kernel, before):
    """Every second place of a convolution, with so many rows of zeros before it and enough after."""
    size = kernel.shape[0]
    padded = np.pad(x, ((0, 0), *((n, size) for n in before), (0, 0)))
    rows, columns = (-(-n // 2) for n in x.shape[1:3])
    found = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    found = found[:, ::2, ::2][:, :rows, :columns]  # (b, h, w, c, size, size)
    if kernel.shape[3] == 1:  # channel by channel
        return np.einsum("nhwcyx,yxc->nhwc", found, kernel[..., 0])
    return np.einsum("nhwcyx,yxco->nhwo", found, kernel)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [(32, 32), (8 * 0.35, 8), (24 * 0.35, 8), (33.6, 32), (11, 16), (184.0, 184)],
)
def test_channels_are_multiples_of_8(channels, expected):
    assert whole(channels) == expected
