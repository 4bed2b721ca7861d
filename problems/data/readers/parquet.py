"""Rows out of a Parquet file; its schema and sizes are read before anything else is. Needs pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from problems.data.readers.table import MOST, Table, table_of, within
from problems.foundation.checks import DataError


def read_parquet(file: str | Path, target: str | None = None) -> Table:
    """Read columns of numbers and a target, the last column unless another is named. DataError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise DataError(f"{file}: Parquet files need pyarrow; pip install 'solver-lab[parquet]'") from None
    path = Path(file)
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            _checked(path, parquet, target)
            frame = parquet.read().replace_schema_metadata(None).to_pandas()
    except (OSError, pa.ArrowException, MemoryError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.filename is not None:  # pyarrow's own name none
            raise DataError(f"{path} cannot be read: {error.strerror}") from None
        raise DataError(f"{path} is not a Parquet file, or is not whole: {_first(error)}") from None
    coded = {name: object for name, kind in frame.dtypes.items() if kind.name == "category"}
    return table_of(path, frame.astype(coded), target)


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _checked(path: Path, parquet: Any, target: str | None) -> None:
    """Refuse what is too large, and columns of what is no number, no truth value, and no text in the target."""
    import pyarrow.types as kinds

    schema, metadata = parquet.schema_arrow, parquet.metadata
    within(path, metadata.num_rows, len(schema))
    unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if unpacked > MOST:
        raise DataError(f"{path} unpacks to {unpacked / 2**30:.3g} GiB; at most {MOST / 2**30:g} GiB are read")
    names = schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path} has two columns that are called {twice[0]!r}")
    labels = target or (names or [""])[-1]
    for field in schema:
        kind = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind) or kinds.is_decimal(kind)
        text = kinds.is_string(kind) or kinds.is_large_string(kind)
        if not number and not (text and field.name == labels):
            allowed = "numbers, truth values or text" if field.name == labels else "numbers"
            raise DataError(f"{path}: column {field.name!r} holds values of type {field.type}; {allowed} are needed")
