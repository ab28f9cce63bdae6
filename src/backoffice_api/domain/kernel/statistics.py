"""What SQLite's planner knows of the tables. PostgreSQL looks by itself.

Without statistics, SQLite takes any index for one that leads to ten rows, and of a filter by a
status and by keys it may choose the status: half the table. So it is told how few values such
indexes have, before there are rows, and looks at samples of what there is from time to time
(https://sqlite.org/lang_analyze.html, 2.2 and 3).
"""

from collections.abc import Iterator

from sqlalchemy import Boolean, Connection, Enum, Index, MetaData, text

# Rows of each index that are looked at: some milliseconds, however long the tables.
_SAMPLE = 400
# What SQLite itself supposes of a table, and of an index.
_ROWS, _ALIKE = 1_048_576, 10


def refresh_statistics(db: Connection, metadata: MetaData) -> None:
    """Let SQLite's planner know what it should, in the transaction of `db`; others do nothing.

    Connections that are open already keep what they know.
    """
    if db.dialect.name != "sqlite":
        return
    db.exec_driver_sql(f"PRAGMA analysis_limit={_SAMPLE}")
    db.exec_driver_sql("ANALYZE")
    db.execute(
        text(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT tbl_name, name, :stat "
            "FROM sqlite_master WHERE type = 'index' AND name = :index "
            "AND tbl_name NOT IN (SELECT tbl FROM sqlite_stat1 WHERE tbl = tbl_name AND idx = name)"
        ),
        [
            {"index": index.name, "stat": _supposed(index, values)}
            for index, values in _of_few_values(metadata)
        ],
    )
    db.exec_driver_sql("ANALYZE sqlite_master")


def _of_few_values(metadata: MetaData) -> Iterator[tuple[Index, int]]:
    """The indexes that begin with a column of few values, and how many these are."""
    for table in metadata.tables.values():
        for index in table.indexes:
            kind = next(iter(index.columns)).type
            if isinstance(kind, Enum):
                yield index, len(kind.enums)
            elif isinstance(kind, Boolean):
                yield index, 2


def _supposed(index: Index, values: int) -> str:
    """Rows of the table, then how many have the same first value, the same first two, and on."""
    others = [_ALIKE] * (len(index.columns) - 1)
    return " ".join(map(str, (_ROWS, _ROWS // max(values, 1), *others)))
