"""A folder with a user's own files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two tables and a module that cannot be imported."""
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(42)
    age, income = rng.integers(18, 80, 120), rng.lognormal(10, 1, 120)
    spent = 3 * age + 2e-3 * income + rng.normal(0, 5, 120)
    pd.DataFrame({"age": age, "income": income, "spent": spent}).to_csv(folder / "spent.csv", index=False)
    buys = np.where(spent + rng.normal(0, 60, 120) > np.median(spent), "yes", "no")
    pd.DataFrame({"buys": buys, "age": age, "income": income}).to_csv(folder / "buys.csv", index=False)
    (folder / "broken.py").write_text("class Solver(\n")
    return folder
