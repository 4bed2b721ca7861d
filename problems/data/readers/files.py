"""A person's own file, read by what its name ends in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from problems.data.readers.delimited import read_csv
from problems.data.readers.libsvm import read_libsvm
from problems.data.readers.npz import read_npz
from problems.data.readers.parquet import read_parquet
from problems.data.readers.table import Table
from problems.foundation.checks import DataError

READERS: dict[str, Callable[[str | Path, str | None], Table]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".svm": read_libsvm,
    ".libsvm": read_libsvm,
    ".npz": read_npz,
    ".parquet": read_parquet,
}
NIST = ".dat"


def read_table(file: str | Path, target: str | None = None) -> Table:
    """Rows and a target: CSV, LIBSVM, NPZ or Parquet by the name's ending, CSV where it says nothing. DataError."""
    path = Path(file)
    if path.suffix.lower() == ".npy":
        raise DataError(f"{path} holds one array; np.savez('own.npz', X=X, y=y) keeps rows and their target together")
    if path.suffix.lower() in (".pkl", ".pickle", ".joblib"):
        raise DataError(f"{path} is a pickle, and reading one can run any code; save the rows as CSV, NPZ or Parquet")
    if path.suffix.lower() == NIST:
        raise DataError(f"{path} is taken for a file of NIST's StRD, which has a model and no target to choose")
    return READERS.get(path.suffix.lower(), read_csv)(path, target)
