"""What engines call the arrays that they pass each other. Pictures are H x W x 3 in RGB, masks H x W."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Labels = NDArray[np.integer[Any]]
