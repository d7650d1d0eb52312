"""How benchmarks print what several seeds give."""

from __future__ import annotations

import numpy as np
from scipy.stats import t


def interval(differences: np.ndarray) -> str:
    """Mean and half of its 95 % interval (Student's t); differences (n,), one for each seed."""
    count = len(differences)
    half = t.ppf(0.975, count - 1) * differences.std(ddof=1) / count**0.5 if count > 1 else 0.0
    return f"{differences.mean():+.4f} ± {half:.4f}"
