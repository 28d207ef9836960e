"""The Frechet distance between two sets of features, as in Heusel et al., "GANs Trained by a Two Time-Scale
Update Rule Converge to a Local Nash Equilibrium", 2017, with a judge's features in place of Inception's."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg


def frechet_distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The distance of two normal distributions fitted to features (n, d) and (m, d); 0 for equal ones.

    Few pictures make it larger, so compare figures of equally many only.
    """
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    # trace of sqrt(ab) from the eigenvalues of the product, which are real and not negative but for rounding
    root = np.sqrt(np.clip(linalg.eigvals(a @ b).real, 0, None)).sum()
    shift = one.mean(0) - other.mean(0)
    return float(shift @ shift + np.trace(a) + np.trace(b) - 2 * root)
