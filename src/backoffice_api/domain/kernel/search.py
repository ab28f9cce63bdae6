"""Free-text search: one index for everything that can be searched, alike on both databases.

Words are made here, not by the database: lower case, without accents, letters and digits only.
So "São Paulo" is found by "sao", and both databases agree. A query matches when every word of it
begins some word of the entry. SQLite keeps the index in FTS5, PostgreSQL in a `tsvector` with
GIN; neither needs an extension.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    Text,
    delete,
    event,
    false,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from backoffice_api.domain.kernel import made, personal
from backoffice_api.domain.kernel.personal import Erasing
from backoffice_api.domain.kernel.tables import Id, Serial, metadata

QUERY_WORDS_MAX = 10
ENTRY_WORDS_MAX = 400
WORD_LENGTH_MAX = 64

_WORD = re.compile(r"[^\W_]+")

entries = Table(
    "search_entries",
    metadata,
    Column("number", Serial, primary_key=True),
    Column("subject_id", Id, nullable=False, unique=True),
    Column("kind", String(4), nullable=False),
    # Who erases a person has the rows made anew: an index of words cannot be emptied in place.
    Column("words", Text, nullable=False, info=personal.erased(personal.CONTENT, Erasing.STAYS)),
    info=personal.of("subject_id"),
)

_ADD = entries.insert()

# The index proper, which only one of the two databases knows each. Migrations run the same text.
INDEX_ON_SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5("
    "words, content='search_entries', content_rowid='number', tokenize='unicode61')",
    "CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN "
    "INSERT INTO search_fts(rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, words) "
    "VALUES ('delete', old.number, old.words); END",
)
INDEX_ON_POSTGRESQL = (
    "ALTER TABLE search_entries ADD COLUMN vector tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX ix_search_entries_vector ON search_entries USING gin (vector)",
)
for _dialect, _statements in (("sqlite", INDEX_ON_SQLITE), ("postgresql", INDEX_ON_POSTGRESQL)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(entries, "after_create", _ddl.execute_if(dialect=_dialect))


class _Matches(FunctionElement[bool]):
    """The words of a search entry match a query, in the language of either database."""

    type = Boolean()
    inherit_cache = True
    name = "search_matches"

    def self_group(self, against: Any = None) -> Self:
        """A condition as it stands: written as `… = 1` on SQLite, it would find no index."""
        return self


@compiles(_Matches, "sqlite")
def _on_sqlite(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    query, _ = element.clauses
    found = compiler.process(query, **options)
    return f"search_entries.number IN (SELECT rowid FROM search_fts WHERE search_fts MATCH {found})"  # noqa: S608  # nosec B608


@compiles(_Matches, "postgresql")
def _on_postgresql(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    _, query = element.clauses
    return f"search_entries.vector @@ CAST({compiler.process(query, **options)} AS tsquery)"


def words_of(text: str) -> list[str]:
    """The words under which `text` is found: lower case, without accents, in their order."""
    if text.isascii():  # The others cost ten times as much.
        return [word[:WORD_LENGTH_MAX] for word in _WORD.findall(text.lower())]
    # Folded last: taking signs apart makes capitals of some that have no small form themselves.
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFKD", folded)
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [word[:WORD_LENGTH_MAX] for word in _WORD.findall(bare)]


def matching(
    id: ColumnElement[UUID], kind: str, query: str, also: Select[Any] | None = None
) -> ColumnElement[bool]:
    """`id` is that of an entry of `kind` that `query` finds. Nothing is found without a word.

    `also`: SELECT the ids of what is found besides, by what does not lie in the index.
    """
    words = words_of(query)[:QUERY_WORDS_MAX]
    if not words:
        return false()
    matches = _Matches(
        literal(" ".join(f'"{word}"*' for word in words)),
        literal(" & ".join(f"'{word}':*" for word in words)),
    )
    found = select(entries.c.subject_id).where(entries.c.kind == kind, matches)
    return id.in_(found if also is None else union_all(found, also))


def put(db: Connection, kind: str, texts: Mapping[UUID, Iterable[str | None]]) -> None:
    """Set under which words each subject is found. Replaces what it was found under before."""
    if texts:
        drop(db, texts)
        add(db, kind, texts)


def add(db: Connection, kind: str, texts: Mapping[UUID, Iterable[str | None]]) -> None:
    """The same for subjects that are new: nothing finds them yet."""
    if not texts:
        return
    rows = [
        {"subject_id": subject, "kind": kind, "words": _entry(parts)}
        for subject, parts in texts.items()
    ]
    made.add(db, _ADD, *rows)


def drop(db: Connection, subjects: Iterable[UUID]) -> None:
    """Forget the subjects: nothing finds them any more."""
    db.execute(delete(entries).where(entries.c.subject_id.in_(tuple(subjects))))


def _entry(parts: Iterable[str | None]) -> str:
    words = dict.fromkeys(word for part in parts if part for word in words_of(part))
    return " ".join(list(words)[:ENTRY_WORDS_MAX])
