"""Gradients of a network's output, by JAX."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from cxrzoo.heatmaps.network import Gradients, as_input


def gradients(network: keras.Model) -> Gradients:
    """Return what computes outputs, and gradients of their weighted sum by the first input."""

    @jax.jit  # type: ignore[untyped-decorator]
    def compute(variables: Any, inputs: list[Any], weights: Any) -> tuple[Any, Any]:
        def total(first: Any) -> tuple[Any, Any]:
            given = as_input([first, *inputs[1:]])
            outputs, _ = network.stateless_call(*variables, given, training=False)
            return jnp.sum(outputs.astype("float32") * weights), outputs

        slopes, outputs = jax.grad(total, has_aux=True)(inputs[0])
        return outputs, slopes

    def run(inputs: Any, weights: Any) -> tuple[Any, Any]:
        variables = tuple(
            [one.value for one in some]
            for some in (network.trainable_variables, network.non_trainable_variables)
        )
        outputs, slopes = compute(variables, list(inputs), weights)
        return np.asarray(outputs), np.asarray(slopes)

    return run
