"""scikit-learn's MLPClassifier, one net after the other.

It is the same net, start, step and momentum, and a full batch; but what it minimises is the log
loss, not the squared error, so that its nets end elsewhere. It takes the mean over the cases where
the others take the sum, which the step makes up for.
"""

import warnings

import numpy as np

from benchmark.work import Work


class ScikitTrainer:
    """The first of the nets. Each `sweep` is one `fit`, which begins without momentum."""

    replicas = 1

    def __init__(self, work: Work):
        from sklearn.neural_network import MLPClassifier

        cases = work.inputs.shape[1]
        self.inputs, self.targets = work.inputs.T.copy(), work.targets[0].astype(int)
        self.net = MLPClassifier(
            hidden_layer_sizes=(work.plan.sizes[work.plan.sources[work.plan.outputs[0]][0]],),
            activation="logistic",
            solver="sgd",
            alpha=0,
            batch_size=cases,
            learning_rate="constant",
            learning_rate_init=work.epsilon * cases,
            momentum=work.alpha,
            nesterovs_momentum=False,
            shuffle=False,
            tol=0,
            n_iter_no_change=np.inf,
            warm_start=True,
            random_state=0,
        )
        self.sweep(1)  # makes the arrays that hold the weights
        self._set(work.start(1)[:, 0])

    def _set(self, weights: np.ndarray) -> None:
        for w, bias in zip(self.net.coefs_, self.net.intercepts_, strict=True):
            own, offset, weights = np.split(weights, [w.size, w.size + bias.size])
            w[...] = own.reshape(w.shape[::-1]).T
            bias[...] = offset

    def sweep(self, count: int) -> None:
        """Make `count` sweeps; that they may not have converged is not of interest."""
        self.net.set_params(max_iter=count)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.net.fit(self.inputs, self.targets)

    def weights(self) -> np.ndarray:
        """The weights (P, 1)."""
        parts = zip(self.net.coefs_, self.net.intercepts_, strict=True)
        return np.concatenate([part for w, bias in parts for part in (w.T.ravel(), bias)])[:, None]


class Scikit:
    """MLPClassifier, for nets that it can express: a chain with one hidden layer and one output."""

    name = "scikit-learn MLPClassifier"
    threads = 1

    def missing(self, work: Work) -> str | None:
        """Not installed, or a net that is not a layer upon a layer."""
        try:
            import sklearn.neural_network  # noqa: F401
        except ImportError:
            return "scikit-learn is not installed"
        sources = list(work.plan.sources.values())
        chain = len(sources) == 2 and all(len(groups) == 1 for groups in sources)
        if not chain or len(work.targets) != 1:
            return f"it cannot express the net {work.name}"
        return None

    def prepare(self, work: Work, replicas: int) -> ScikitTrainer:
        """The first net of `replicas`."""
        return ScikitTrainer(work)
