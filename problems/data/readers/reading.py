"""A user's file, read by the reader that belongs to the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from problems.data.readers.delimited import read_csv
from problems.data.readers.libsvm import read_libsvm
from problems.data.readers.npz import read_npz
from problems.data.readers.parquet import read_parquet
from problems.data.readers.raw_table import RawTable
from problems.foundation.checks import DataError

READERS: dict[str, Callable[[str | Path, str | None], RawTable]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".svm": read_libsvm,
    ".libsvm": read_libsvm,
    ".npz": read_npz,
    ".parquet": read_parquet,
}
NIST = ".dat"
SEPARATE_TARGET = (".svm", ".libsvm", ".npz")  # files whose target is not one of the columns


def read_table(file: str | Path, target: str | None = None) -> RawTable:
    """Rows and a target: CSV, LIBSVM, NPZ or Parquet by the ending of the name, CSV by default. Raises DataError."""
    path = Path(file)
    if path.suffix.lower() == ".npy":
        raise DataError(f"{path} contains one array; np.savez('own.npz', X=X, y=y) stores rows and target in one file")
    if path.suffix.lower() in (".pkl", ".pickle", ".joblib"):
        raise DataError(
            f"{path} is a pickle, which can run any code when it is read; save the rows as CSV, NPZ or Parquet"
        )
    if path.suffix.lower() == NIST:
        raise DataError(f"{path} is read as a file of NIST's StRD, whose model determines the target; choose no target")
    return READERS.get(path.suffix.lower(), read_csv)(path, target)
