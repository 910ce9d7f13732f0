"""Gradients of a network's output, by TensorFlow."""

from typing import Any

import keras
import tensorflow as tf

from cxrzoo.heatmaps.network import Gradients, as_input


def gradients(network: keras.Model) -> Gradients:
    """Return what computes outputs, and gradients of their weighted sum by the first input."""

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def compute(inputs: list[Any], weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs[0])
            outputs = tf.cast(network(as_input(inputs), training=False), tf.float32)
            total = tf.reduce_sum(outputs * weights)
        return outputs, tape.gradient(total, inputs[0])

    return lambda inputs, weights: tuple(
        one.numpy() for one in compute([tf.constant(one) for one in inputs], tf.constant(weights))
    )
