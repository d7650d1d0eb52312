"""Inner tensors, recorded and changed by name."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.layers.taps import heard, recording, replacing, tap
from nlpx.layers.token_embedding import TokenEmbedding

IDS = tf.constant([[1, 2, 0], [3, 3, 3]])
MASK = tf.constant([[True, True, False], [True, True, True]])


def doubled(x: tf.Tensor) -> tf.Tensor:
    return tap("outer", 2.0 * tap("inner", x))


def test_without_a_listener_the_tensor_itself_is_returned() -> None:
    x = tf.constant(1.0)
    assert tap("x", x) is x and not heard("x")
    with recording(), replacing("y", tf.negative):
        pass
    assert tap("x", x) is x and not heard("x")


def test_without_a_listener_a_graph_is_the_same() -> None:
    def operations(function: object) -> list[str]:
        graph = tf.function(function).get_concrete_function(tf.TensorSpec((), tf.float32)).graph
        return [operation.type for operation in graph.get_operations()]

    assert operations(doubled) == operations(lambda x: 2.0 * x)


def test_calls_are_recorded_in_order() -> None:
    with recording() as found:
        doubled(tf.constant(1.0))
        doubled(tf.constant(5.0))
    values = {name: float(value) for name, value in found.items()}
    assert values == {"inner": 1.0, "outer": 2.0, "inner#2": 5.0, "outer#2": 10.0}


@pytest.mark.parametrize("xla", [False, True])
def test_listeners_are_nested_in_graphs(xla: bool) -> None:
    """The innermost one comes first; what an outer one records is what the model uses."""
    seen = []

    @tf.function(jit_compile=xla)
    def traced(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with recording() as outside:  # noqa: SIM117
            with replacing("inner", lambda x: x + 1.0), recording() as inside:
                with replacing("inner", lambda x: 10.0 * x):
                    result = doubled(x)
        seen.extend([*outside, *inside])
        return result, outside["inner"], inside["inner"]

    assert [float(value) for value in traced(tf.constant(3.0))] == [62.0, 31.0, 30.0]
    assert seen == ["inner", "outer"] * 2


def test_a_name_is_heard_by_those_who_listen_to_it() -> None:
    with replacing("one", lambda x: x):
        assert heard("one") and not heard("two")
        with recording():
            assert heard("two")
            found = []
            thread = threading.Thread(target=lambda: found.append(heard("one")))
            thread.start()
            thread.join()
            assert found == [False]


def test_all_threads_can_be_recorded() -> None:
    with recording(all_threads=True) as found, replacing("x", lambda x: x + 1):
        for value in (1, 2):
            thread = threading.Thread(target=lambda value=value: tap("x", value))
            thread.start()
            thread.join()
        tap("x", 3)
    assert found == {"x": 1, "x#2": 2, "x#3": 4}


def test_an_error_leaves_no_listener() -> None:
    with pytest.raises(KeyError), recording(), replacing("x", lambda x: x):
        raise KeyError
    assert not heard("x")


def test_dense_vectors_of_an_embedding_are_tapped_before_dropout_and_levels() -> None:
    layout = {"fields": 1, "depth": 2, "dropout": 0.0}
    layer = TokenEmbedding(5, 3, 0.5, [{"vocabulary_size": 4, "dim": 2}], layout)
    layer.build((2, 3))
    inputs = (IDS, [IDS - 1, IDS], tf.ones((2, 3, 1), tf.uint8))
    with recording() as found:
        layer(*inputs, mask=MASK, training=True)
    table = layer.ngram_tables[0]
    vectors = [layer.table(IDS), table(IDS - 1), table(IDS)]
    np.testing.assert_array_equal(found["embedding"], keras.ops.concatenate(vectors, -1))
    with replacing("embedding", tf.zeros_like):
        changed = layer(*inputs, mask=MASK)
    np.testing.assert_array_equal(changed[..., :7], np.zeros((2, 3, 7)))
    np.testing.assert_array_equal(changed[0, :, 7:], [[0, 1], [0, 1], [0, 0]])


def test_values_of_an_objective_are_tapped_as_it_reads_them() -> None:
    values = {
        "logits": tf.constant([[1.0, -1.0]], tf.float16),
        "target": tf.constant([0]),
        "mask": tf.constant([True]),
    }
    with recording() as found:
        CrossEntropy()(values, 0)
    assert list(found) == ["value/logits", "value/target", "value/mask"]
    assert found["value/logits"].dtype == tf.float32
    with replacing("value/target", lambda target: 1 - target):
        changed = CrossEntropy()(values, 0)["loss"].sum
    assert float(changed) == pytest.approx(np.log1p(np.exp(2.0)), rel=1e-6)
