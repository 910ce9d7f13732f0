"""The rules of key maps, each against what the layers compute: plain NumPy on both sides."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from cxrzoo.convert import (
    KeyMap,
    attention,
    batch_norm,
    conv,
    depthwise,
    layer_norm,
    linear,
    patch_embedding,
    read_weights,
    scaled_linear,
)
from cxrzoo.convert.fit import fitted, plan_by_map, plan_by_our_names, require_complete
from cxrzoo.convert.key_map import bound, formatted
from cxrzoo.errors import TensorError

RANDOM = np.random.default_rng(0)


def drawn(*shape):
    return RANDOM.normal(size=shape).astype("float32")


@pytest.fixture
def file(tmp_path):
    def write(tensors):
        save_file(
            {name: np.ascontiguousarray(one) for name, one in tensors.items()}, tmp_path / "w.st"
        )
        return read_weights(tmp_path / "w.st")

    return write


@pytest.fixture
def fit(file):
    """What rules make of tensors for targets of these shapes."""

    def fit(rules, tensors, shapes, epsilons=None, **options):
        weights = file(tensors)
        plan = plan_by_map(KeyMap(tuple(rules), **options), weights.tensors, shapes)
        require_complete(plan, source=weights.name, publisher="these")
        return fitted(plan, weights, shapes, epsilons or {})

    return fit


def test_a_header_whose_length_begins_like_a_pickle_is_no_pickle(file):
    for n in range(1, 260, 8):
        assert file({"x" * n: drawn(1)}).format == "safetensors"


def test_templates_bind_whole_numbers_and_count_on():
    numbers = bound("a{i}.b{j}.w", "a12.b3.w")
    assert numbers == {"i": 12, "j": 3}
    assert formatted("c{i+1}_{j-1}/{i}", numbers) == "c13_2/12"
    for other in ("a12.b3.w2", "xa12.b3.w", "a.b3.w", "a12xb3.w", "a\u0661.b3.w"):
        assert bound("a{i}.b{j}.w", other) is None


def test_a_convolution(fit):
    kernel, bias = drawn(5, 2, 3, 4), drawn(5)
    found = fit(
        conv("c", "conv"), {"c.weight": kernel, "c.bias": bias},
        {"conv/kernel": (3, 4, 2, 5), "conv/bias": (5,)},
    )  # fmt: skip
    for o, i, y, x in np.ndindex(5, 2, 3, 4):
        assert found["conv/kernel"][y, x, i, o] == kernel[o, i, y, x]
    assert (found["conv/bias"] == bias).all()


def test_a_depthwise_convolution_with_a_multiplier(fit):
    kernel = drawn(6, 1, 3, 3)  # 3 channels, 2 outputs each: channel c gives outputs 2c and 2c + 1
    found = fit(depthwise("d", "dw"), {"d.weight": kernel}, {"dw/kernel": (3, 3, 3, 2)})
    for channel, k in np.ndindex(3, 2):
        assert (found["dw/kernel"][:, :, channel, k] == kernel[2 * channel + k, 0]).all()


def test_linear_layers_with_and_without_a_scale_behind_them(fit):
    weight, bias, scale, x = drawn(3, 4), drawn(3), drawn(3), drawn(4)
    shapes = {"fc/kernel": (4, 3), "fc/bias": (3,)}
    found = fit(linear("l", "fc"), {"l.weight": weight, "l.bias": bias}, shapes)
    np.testing.assert_allclose(
        x @ found["fc/kernel"] + found["fc/bias"], weight @ x + bias, atol=1e-6
    )
    found = fit(
        scaled_linear("l", "ls.gamma", "fc"),
        {"l.weight": weight, "l.bias": bias, "ls.gamma": scale},
        shapes,
    )
    np.testing.assert_allclose(
        x @ found["fc/kernel"] + found["fc/bias"], scale * (weight @ x + bias), atol=1e-6
    )


@pytest.mark.parametrize("epsilon", [1.001e-5, 1e-3, 1e-6])
def test_batch_norm_with_another_epsilon_wherever_the_variance_is(fit, epsilon):
    gamma, beta, mean, x = (drawn(6) for _ in range(4))
    variance = np.array([1.0, 2.5, 1e-3, 1e-8, 1e-12, 0.0], "float32")
    found = fit(
        [batch_norm("n", "bn")],
        {
            "n.weight": gamma,
            "n.bias": beta,
            "n.running_mean": mean,
            "n.running_var": variance,
            "n.num_batches_tracked": np.array([3]),
        },
        {f"bn/{name}": (6,) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
        {"bn": epsilon},
    )
    assert (found["bn/moving_variance"] >= 0).all()
    wide = {name: value.astype("float64") for name, value in found.items()}
    ours = (x - wide["bn/moving_mean"]) / np.sqrt(wide["bn/moving_variance"] + epsilon)
    ours = ours * wide["bn/gamma"] + wide["bn/beta"]
    theirs = (x - mean.astype("float64")) / np.sqrt(
        variance.astype("float64") + 1e-5
    ) * gamma + beta
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_layer_norm(fit):
    gamma, beta = drawn(4), drawn(4)
    found = fit(layer_norm("n", "ln"), {"n.weight": gamma, "n.bias": beta},
                {"ln/gamma": (4,), "ln/beta": (4,)})  # fmt: skip
    assert (found["ln/gamma"] == gamma).all()
    assert (found["ln/beta"] == beta).all()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_an_attention_whose_three_parts_come_from_one_layer_or_three(fit, layers, scaled):
    d, heads, n = 6, 2, 5
    x = drawn(n, d)
    qkv, qkv_bias, out, out_bias = drawn(3 * d, d), drawn(3 * d), drawn(d, d), drawn(d)
    scale = drawn(d)
    shapes = {"a/attention_output/kernel": (heads, d // heads, d), "a/attention_output/bias": (d,)}
    for part in ("query", "key", "value"):
        shapes |= {
            f"a/{part}/kernel": (d, heads, d // heads),
            f"a/{part}/bias": (heads, d // heads),
        }
    tensors = {"b.proj.weight": out, "b.proj.bias": out_bias}
    if scaled:
        tensors["b.scale"] = scale
    inputs = "b.qkv" if layers == 1 else ("b.q", "b.k", "b.v")
    if layers == 1:
        tensors |= {"b.qkv.weight": qkv, "b.qkv.bias": qkv_bias}
    else:
        for source, weight, bias in zip(
            inputs, np.split(qkv, 3), np.split(qkv_bias, 3), strict=True
        ):
            tensors |= {f"{source}.weight": weight, f"{source}.bias": bias}
    rules = attention(inputs, "b.proj", "a", scale="b.scale" if scaled else None)
    ours = fit(rules, tensors, shapes)

    def attended(q, k, v):  # (heads, n, d / heads) each
        weights = np.exp(q @ k.swapaxes(1, 2) / np.sqrt(d // heads))
        return weights / weights.sum(-1, keepdims=True) @ v

    # timm/models/vision_transformer.py: qkv(x).reshape(n, 3, heads, d / heads).permute(1, 2, 0, 3)
    q, k, v = (x @ qkv.T + qkv_bias).reshape(n, 3, heads, d // heads).transpose(1, 2, 0, 3)
    theirs = attended(q, k, v).transpose(1, 0, 2).reshape(n, d) @ out.T + out_bias
    parts = [
        np.einsum("nd,dhk->hnk", x, ours[f"a/{part}/kernel"]) + ours[f"a/{part}/bias"][:, None]
        for part in ("query", "key", "value")
    ]
    found = np.einsum("hnk,hkd->nd", attended(*parts), ours["a/attention_output/kernel"])
    theirs = theirs * scale if scaled else theirs
    np.testing.assert_allclose(found + ours["a/attention_output/bias"], theirs, atol=1e-5)


def test_patches_that_a_convolution_makes_tokens(fit):
    d, side, rows, columns = 5, 2, 2, 3
    kernel, bias = drawn(d, 3, side, side), drawn(d)
    token, positions = drawn(1, 1, d), drawn(1, 1 + rows * columns, d)
    image = drawn(rows * side, columns * side, 3)
    ours = fit(
        patch_embedding("p", "cls", "pos", "e"),
        {"p.weight": kernel, "p.bias": bias, "cls": token, "pos": positions},
        {"e/kernel": (side * side * 3, d), "e/bias": (1 + rows * columns, d)},
    )
    pixels = image.reshape(rows, side, columns, side, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 12)
    found = np.concatenate([np.zeros((1, 12)), pixels]) @ ours["e/kernel"] + ours["e/bias"]
    np.testing.assert_allclose(found[0], token[0, 0] + positions[0, 0], atol=1e-6)
    for row, column in np.ndindex(rows, columns):
        cut = image[row * side :, column * side :][:side, :side]
        expected = np.einsum("yxc,dcyx->d", cut, kernel) + bias
        at = 1 + row * columns + column
        np.testing.assert_allclose(found[at], expected + positions[0, at], atol=1e-5)


SHAPES = {"x/kernel": (2, 3), "x/bias": (3,)}
GOOD = {"l.weight": drawn(3, 2), "l.bias": drawn(3)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"l.bias": None}, r"0 tensor\(s\) in it .* 1 tensor\(s\) \('x/bias'\) of the network are not"),
        ({"m.weight": drawn(1)}, r"1 tensor\(s\) \('m\.weight'\) in it have no place"),
        ({"l.weight": drawn(2, 3)}, r"'l\.weight' has \(2, 3\) where x/kernel is \(2, 3\)"),
        ({"l.weight": drawn(6)}, r"'l\.weight' has \(6,\) where x/kernel"),
        ({"l.bias": np.array([1, 2, 3])}, r"'l\.bias' has type int64; weights are floating"),
        ({"l.bias": np.array([1, np.nan, 3], "f4")}, r"'l\.bias' holds values that are not finite"),
        ({"l.bias": np.array([1, 1e300, 3])}, r"'l\.bias' holds values that are not finite as float32"),
        ({"module.l.bias": drawn(3)}, r"'l\.bias' and 'module\.l\.bias' are the same tensor"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_clear_error(fit, changes, said):
    tensors = {name: one for name, one in {**GOOD, **changes}.items() if one is not None}
    with pytest.raises(TensorError, match=said) as caught:
        fit(linear("l", "x"), tensors, SHAPES)
    assert "\n" not in str(caught.value)


def test_an_error_does_not_grow_with_the_file(fit):
    many = {f"{'x' * 300}{i}": drawn(1) for i in range(2000)}
    with pytest.raises(TensorError, match=r"2000 tensor\(s\)") as caught:
        fit(linear("l", "x"), {**GOOD, **many}, SHAPES)
    assert len(str(caught.value)) < 1000


def test_two_rules_for_one_target_are_refused_where_both_have_their_source(fit):
    rules = [*linear("l", "x"), *linear("l.{n}", "x")]
    fit(rules, GOOD, SHAPES)
    fit(rules, {"l.4.weight": GOOD["l.weight"], "l.4.bias": GOOD["l.bias"]}, SHAPES)
    with pytest.raises(TensorError, match="same tensor of the network"):
        fit(rules, {**GOOD, "l.0.weight": GOOD["l.weight"]}, SHAPES)


def test_prefixes_of_wrappers_and_other_spellings_are_understood(fit):
    spelt = ((r"lin\.", "l."),)
    for prefix in ("", "module.", "module.net.", "_orig_mod."):
        tensors = {f"{prefix}{name.replace('l.', 'lin.')}": one for name, one in GOOD.items()}
        assert fit(linear("l", "x"), tensors, SHAPES, respelt=spelt).keys() == SHAPES.keys()


@pytest.mark.parametrize(
    "name",
    ["conv1_conv/kernel", "conv1/conv/conv1/conv/kernel:0", "net/conv1/conv/kernel:0",
     "conv1_conv/conv1_conv/depthwise_kernel:0"],
)  # fmt: skip
def test_names_that_keras_wrote(name):
    targets = ("conv1_conv/kernel", "conv/kernel", "bn/gamma")
    plan = plan_by_our_names([name, "net/bn/gamma:0", "conv/kernel"], targets)
    assert [step.targets[0] for step in plan.steps] == [
        "conv1_conv/kernel",
        "bn/gamma",
        "conv/kernel",
    ]
    assert plan.over == plan.missing == ()
    assert plan_by_our_names([name, "other/gamma"], targets).over == ("other/gamma",)
    with pytest.raises(TensorError, match="same tensor"):
        plan_by_our_names(["a/bn/gamma", "b/bn/gamma"], targets)
