"""What "Attention Is All You Need" printed, or what follows by arithmetic, for `test_papers`."""

from math import ceil, cos, exp, log, sin, sqrt

IDS = [
    *("A1.1", "A1.2", "A1.3", "A1.4", "A1.5", "A1.6"),
    *(f"A2.{number}" for number in range(1, 17)),
    *("A3.0", "A3.1", "A3.2", "A3.3", "A3.4", "A3.5"),
    *("A4.1", "A4.2", "A4.3", "A4.4", "A4.5"),
    *("B1", "B2", "B4", "B5", "B8", "B8b", "B9", "D1", "D2", "D3"),
]
WITHOUT_CHECKS = [
    "A3.4",  # times, of which the paper says nothing
    *("A4.2", "A4.3", "A4.4", "A4.5"),  # corpora, settings, pictures
    *("B4", "B8b", "D1"),  # a GPU, days, gates that are trained
]

TABLE_3 = {
    **{"base": 65, "B_dk16": 58, "B_dk32": 60, "C_N2": 36, "C_N4": 50, "C_N8": 80},
    **{"C_d256": 28, "C_d1024": 168, "C_dff1024": 53, "C_dff4096": 90},
}
n, d, d_ff = 64, 512, 2048  # of the counts of single layers
HEADS = (4 * n * d * d + 2 * n * n * d) / 1e6
TABLE_1 = {  # powers of the sizes in O(n^2 d), O(n d^2), O(k n d^2), O(r n d)
    "self_attention": {"n": 2, "d": 1},
    "recurrent": {"n": 1, "d": 2},
    "convolution": {"k": 1, "n": 1, "d": 2},
    "restricted": {"r": 1, "n": 1, "d": 1},
}
RATE = {width: 1 / sqrt(width * 4000) for width in (256, 512, 1024)}  # equation 3 at step 4000


def alike(k: int) -> float:
    """PE(p) . PE(p + k) over d / 2 at d = 512: the mean cosine of k times each pair's angle."""
    return sum(cos(k / 10000 ** (i / 256)) for i in range(256)) / 256


def least(V: int, eps: float, receivers: int) -> float:
    """Nats of a target, eps shared out over all V tokens or over the V - 1 wrong ones."""
    on = 1 - eps * (V - 1) / receivers
    return -on * log(on) - (1 - on) * log(eps / receivers)


EPOCHS = [1.927, 1.658, 1.489, 1.349, 0.985, 0.569, 0.343, 0.261, 0.432, 0.273]
SEQUENTIAL = {"self_attention": 0, "recurrent": 1, "convolution": 0, "restricted": 0}

NUMBERS = {  # claim -> quantity -> every number that is published of it
    "B1": {f"loss_at_test_{epoch}": [loss] for epoch, loss in enumerate(EPOCHS, 1)},
    "B5": {"loss_on_tiny_shakespeare": [1.88]},
    "B8": {"test_accuracy": [0.99, 0.99]},
    "D3": {f"{name}_over_offset": [0.1] for name in ("agreement", "bracket", "copy")},
    "A1.1": {f"parameters_{row}": [number] for row, number in TABLE_3.items()},
    "A1.2": {"parameters_big": [213]},
    "A1.3": {"rows_A_spread": [0], "multiply_adds_spread": [0]},
    "A1.4": {"base_minus_B_dk16": [65 - 58], "base_minus_B_dk32": [65 - 60]},
    "A1.5": {
        "attention_sublayers_of_base": [6 + 2 * 6],
        "heads_of_base": [8 * 18],
        "body_of_base": [44_140_544 - 2 * 2 * 512],
    },
    "A1.6": {"head_width_of_big": [1024 / 16]},
    "A2.4": {
        "multiply_adds_h8": [HEADS],
        "multiply_adds_h1": [HEADS],
        "multiply_adds_spread": [0],
    },
    "A2.8": {
        "is_one_matrix": [1],
        "times_counted": [1],
        "scale_of_embedding": [round(sqrt(512), 1)],
    },
    "A2.9": {
        "at_0_error": [0],
        "sine_at_1": [round(sin(1), 6)],
        "cosine_at_1": [round(cos(1), 6)],
        "norm_error": [0],
    },
    "A2.10": {
        "map_error": [0],
        "map_error_float32": [0],
        "distance_error": [0],
        **{f"similarity_{k}": [round(alike(k), 3)] for k in (1, 10, 100)},
    },
    "A2.11": {
        "first_wavelength": [1],
        **{f"last_wavelength_{kind}": [10000] for kind in ("d512", "d256", "d64")},
        "last_wavelength_tensor2tensor_d512": [10000],
    },
    "A2.12": {
        "peak_step_d512": [4000],
        **{f"peak_rate_d{width}": [round(rate, 9)] for width, rate in RATE.items()},
        "rate_at_1_d512": [round(RATE[512] / 4000, 12)],
        "rate_at_end_d512": [round(RATE[512] * sqrt(4000 / 100_000), 9)],
        "branch_difference": [0],
    },
    "A2.13": {"beta_1": [0.9], "beta_2": [0.98], "epsilon": [1e-9]},
    "A2.14": {
        "printed_perplexity_is_below_0.2": [exp(least(37000, 0.2, 37000)) > 5.47],
        "least_perplexity_0.2": [round(exp(least(37000, 0.2, 37000)), 1)],
        "floor_all_V37000_0.1": [round(least(37000, 0.1, 37000), 4)],
        "floor_all_V37000_0.2": [round(least(37000, 0.2, 37000), 3)],
        "floor_all_V11_0.1": [round(least(11, 0.1, 11), 3)],
        "floor_others_V11_0.1": [round(least(11, 0.1, 10), 3)],
        "floor_error": [0],
    },
    "A2.15": {
        "share_dropped_of_sublayers": [0.1],
        "share_dropped_of_embeddings": [0.1],
        "places_without_dropout": [0],
        "change_in_eval": [0],
    },
    "A3.0": {
        **{
            f"exponent_of_{size}_{row}": [power]
            for row, powers in TABLE_1.items()
            for size, power in powers.items()
        },
        "convolution_over_recurrent": [3],  # a factor of k = 3
        **{f"sequential_exponent_{row}": [power] for row, power in SEQUENTIAL.items()},
        "path_self_attention": [1],
        "path_recurrent": [243],
        "path_dilated": [round(log(243, 3))],
        "path_exponent_restricted": [1],
        "path_exponent_of_r": [-1],
    },
    "A3.1": {
        "path_exponent_contiguous": [1],
        "path_exponent_of_k": [-1],
        "path_contiguous": [ceil((243 - 1) / (3 - 1))],
    },
    "A3.2": {
        "core_over_recurrent_at_n_d": [1],
        "lengths_where_core_is_cheaper": [len([64, 128, 256])],
        "lengths_where_layer_is_cheaper": [3],
        "lengths_where_layer_than_lstm_is_cheaper": [3],
        "multiply_adds_core": [round(2 * n * n * d / 1e6, 1)],
        "multiply_adds_projections": [round(4 * n * d * d / 1e6)],
        "multiply_adds_recurrent": [round(2 * n * d * d / 1e6)],
        "multiply_adds_feed_forward": [round(2 * n * d * d_ff / 1e6)],
    },
    "A3.3": {
        "separable_n2d": [1],
        "separable_nd2": [1],
        "attention_and_ffn_left_over": [0],
        "attention_and_ffn_over_separable": [1],
    },
    "A4.1": {  # Table 2: 3.3 * 10^18 and 2.3 * 10^19; section 5.2: 12 hours and 3.5 days
        **{f"flops_from_{facts}_base": [3.3] for facts in ("hours", "steps")},
        **{f"flops_from_{facts}_big": [23] for facts in ("hours", "steps")},
        "hours_from_steps_base": [12],
        "days_from_steps_big": [3.5],
    },
}
BOUNDS = {  # (claim, quantity) -> at least and at most, where the paper leaves no choice
    ("A2.7", "gradient_of_later_targets"): (None, 0),
    ("A2.7", "gradient_of_later_tokens"): (None, 0),
    **{("A2.3", f"gradient_norm_unscaled_over_scaled_dk{d_k}"): (None, 1) for d_k in (64, 256)},
}
