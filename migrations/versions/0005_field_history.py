"""In which events a field of a record changed"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# The database keeps it by itself, with the log.
KEPT_ON_SQLITE = """\
CREATE TRIGGER events_note_fields AFTER INSERT ON events WHEN new.subject_version > 1 BEGIN
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT new.subject_id, substr(json_extract(value, '$.path'), 1, 120), new.sequence
FROM json_each(new.changes); END"""
KEPT_ON_POSTGRESQL = (
    """\
CREATE OR REPLACE FUNCTION note_event_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_fields (subject_id, path, sequence)
    SELECT DISTINCT subject_id, left(change ->> 'path', 120), sequence
    FROM added, jsonb_array_elements(added.changes) AS change
    WHERE subject_version > 1;
    RETURN NULL;
END $$""",
    """\
CREATE TRIGGER events_note_fields AFTER INSERT ON events REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION note_event_fields()""",
)

# What the log has told before.
FILL_ON_SQLITE = """\
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT subject_id, substr(json_extract(value, '$.path'), 1, 120), sequence
FROM events, json_each(events.changes) WHERE subject_version > 1"""
FILL_ON_POSTGRESQL = """\
INSERT INTO event_fields (subject_id, path, sequence)
SELECT DISTINCT subject_id, left(change ->> 'path', 120), sequence
FROM events, jsonb_array_elements(events.changes) AS change WHERE subject_version > 1"""


def upgrade() -> None:
    op.create_table(
        "event_fields",
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("path", tables.line(120), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "path", "sequence", name=op.f("pk_event_fields")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(KEPT_ON_SQLITE)
        op.execute(FILL_ON_SQLITE)
        return
    for statement in KEPT_ON_POSTGRESQL:
        op.execute(statement)
    op.execute(FILL_ON_POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER events_note_fields")
    else:
        op.execute("DROP TRIGGER events_note_fields ON events")
        op.execute("DROP FUNCTION note_event_fields()")

    op.drop_table("event_fields")
