"""Rows of a Parquet file; its schema and its sizes are checked before anything else is read. Needs pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from problems.data.readers.raw_table import MOST_BYTES, RawTable, check_size, table_of
from problems.foundation.checks import DataError


def read_parquet(file: str | Path, target: str | None = None) -> RawTable:
    """Read columns of numbers and a target, the last column by default. Raises DataError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise DataError(f"{file}: Parquet files need pyarrow; pip install 'solver-lab[parquet]'") from None
    path = Path(file)
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            _check(path, parquet, target)
            frame = parquet.read().replace_schema_metadata(None).to_pandas()
    except (OSError, pa.ArrowException, MemoryError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.filename is not None:  # errors of pyarrow have no file name
            raise DataError(f"{path} cannot be read: {error.strerror}") from None
        raise DataError(f"{path} is not a Parquet file, or is damaged: {_first_line(error)}") from None
    coded = {name: object for name, kind in frame.dtypes.items() if kind.name == "category"}
    return table_of(path, frame.astype(coded), target)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _check(path: Path, parquet: Any, target: str | None) -> None:
    """Raise DataError for a table that is too large, and for types other than numbers, booleans and text as target."""
    import pyarrow.types as kinds

    schema, metadata = parquet.schema_arrow, parquet.metadata
    check_size(path, metadata.num_rows, len(schema))
    unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if unpacked > MOST_BYTES:
        raise DataError(f"{path} unpacks to {unpacked / 2**30:.3g} GiB; the limit is {MOST_BYTES / 2**30:g} GiB")
    names = schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path} has two columns with the name {twice[0]!r}")
    target = target or (names or [""])[-1]
    for field in schema:
        kind = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind) or kinds.is_decimal(kind)
        text = kinds.is_string(kind) or kinds.is_large_string(kind)
        if not number and not (text and field.name == target):
            allowed = "numbers, booleans or text" if field.name == target else "numbers"
            raise DataError(f"{path}: column {field.name!r} holds values of type {field.type}; {allowed} are needed")
