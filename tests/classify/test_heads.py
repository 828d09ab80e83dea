"""Heads and the open-set score: what is exported answers as scikit-learn does."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xiutu.classify.head_graph import HeadGraph
from xiutu.classify.heads import CANDIDATES, Candidate, Data, choose, fit
from xiutu.classify.novelty import learn

SIZE = 24


def data(classes: int, each: int = 30, views: int = 2, seed: int = 3) -> Data:
    """Overlapping clouds of features, so that probabilities are not all 0 and 1."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(0, 0.6, (classes, SIZE))
    labels = np.repeat(np.arange(classes), each)
    features = centres[labels][:, None] + random.normal(0, 1, (len(labels), views, SIZE))
    return Data((features + 2).astype(np.float32), labels)


def run(
    head: HeadGraph, features: NDArray[np.float32], outputs: list[str]
) -> list[NDArray[np.float32]]:
    import onnxruntime
    from onnx import TensorProto, helper

    found = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", SIZE])
    graph = helper.make_graph(head.nodes, "head", [given], found, head.weights)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return list(session.run(outputs, {"features": features}))


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda row: row.name)
def test_exported_head_answers_as_scikit_learn(candidate: Candidate, classes: int) -> None:
    learnt, asked = data(classes), data(classes, seed=4).plain
    estimator = fit(candidate, learnt)
    head = HeadGraph()
    head.head(candidate.kind, estimator, "features", "probabilities")
    (found,) = run(head, asked, ["probabilities"])
    expected = estimator.predict_proba(asked)
    assert found.shape == (len(asked), classes)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert (found.argmax(1) == np.repeat(np.arange(classes), 30)).mean() > 0.6


def test_exported_novelty_answers_as_numpy() -> None:
    known = data(3).plain
    novelty = learn(known)
    strange = np.random.default_rng(9).normal(0, 1, (40, SIZE)).astype(np.float32)
    head = HeadGraph()
    head.known(novelty, "features", "known")
    (found,) = run(head, np.concatenate([known, strange]), ["known"])
    expected = novelty.known(np.concatenate([known, strange]))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert (found[: len(known)] >= 0.5).mean() >= 0.95
    assert (found[len(known) :] >= 0.5).mean() < 0.2


def test_the_choice_takes_the_head_that_fits() -> None:
    """Exclusive or: no plane tells the classes apart, neighbours do."""
    random = np.random.default_rng(1)
    signs = random.choice([-1.0, 1.0], (160, 2))
    labels = (signs[:, 0] * signs[:, 1] > 0).astype(np.int64)
    features = random.normal(0, 0.1, (160, 1, SIZE))
    features[:, 0, :2] += signs
    chosen = choose(Data(features.astype(np.float32), labels))
    assert chosen.candidate.kind == "knn"
    assert chosen.scores[chosen.candidate.name][0] > 0.95
    assert chosen.scores["logistic 0.01"][0] < 0.7
    assert set(chosen.scores) == {row.name for row in CANDIDATES}


def test_the_choice_leaves_out_what_cannot_work() -> None:
    """Neighbours need more pictures in each class than they ask."""
    small = data(3, each=6)
    assert not {"knn 11"} & set(choose(small).scores)
    assert "logistic 0.01" in choose(small).scores


def test_reproducible() -> None:
    first, second = choose(data(3)), choose(data(3))
    assert first.candidate.name == second.candidate.name and first.scores == second.scores
