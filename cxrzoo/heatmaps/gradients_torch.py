"""Gradients of a network's output, by PyTorch."""

from typing import Any

import keras
import torch

from cxrzoo.heatmaps.network import Gradients, as_input


def gradients(network: keras.Model) -> Gradients:
    """Return what computes outputs, and gradients of their weighted sum by the first input."""

    def run(inputs: Any, weights: Any) -> tuple[Any, Any]:
        given = [keras.ops.convert_to_tensor(one) for one in inputs]
        # Of detached variables nothing is kept for gradients that nobody asks for.
        variables = (
            [one.value.detach() for one in some]
            for some in (network.trainable_variables, network.non_trainable_variables)
        )
        with torch.enable_grad():
            given[0] = given[0].detach().requires_grad_()
            outputs, _ = network.stateless_call(*variables, as_input(given), training=False)
            total = (outputs.float() * keras.ops.convert_to_tensor(weights)).sum()
            (slopes,) = torch.autograd.grad(total, given[0])
        return outputs.detach().cpu().numpy(), slopes.detach().cpu().numpy()

    return run
