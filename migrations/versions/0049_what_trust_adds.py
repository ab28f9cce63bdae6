"""What others keep of trust"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_let_erase

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("api_tokens") as batch_op:
        batch_op.add_column(sa.Column("budget", sa.Integer(), nullable=True))
    with op.batch_alter_table("bank_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.VARCHAR(length=34), type_=sa.Text(), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.Text(),
            existing_nullable=True,
        )
    # What was found by its value is found by it until it is sealed (ADR 0045).
    with op.batch_alter_table("customer_tax_ids") as batch_op:
        batch_op.add_column(sa.Column("value_index", tables.line(80), nullable=True))
    op.execute("UPDATE customer_tax_ids SET value_index = value")
    with op.batch_alter_table("customer_tax_ids") as batch_op:
        batch_op.alter_column("value_index", existing_type=tables.line(80), nullable=False)
        batch_op.alter_column(
            "value", existing_type=tables.line(80), type_=sa.Text(), existing_nullable=False
        )
        batch_op.drop_constraint(op.f("pk_customer_tax_ids"), type_="primary")
        batch_op.create_primary_key(op.f("pk_customer_tax_ids"), ["kind", "value_index"])
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("idempotency_key", sa.String(length=200), nullable=True))
    with op.batch_alter_table("keys") as batch_op:
        batch_op.alter_column(
            "value", existing_type=sa.VARCHAR(length=128), type_=sa.Text(), existing_nullable=False
        )
    with op.batch_alter_table("payer_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.VARCHAR(length=34), type_=sa.Text(), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.Text(),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "tax_id", existing_type=sa.VARCHAR(length=80), type_=sa.Text(), existing_nullable=True
        )
    with op.batch_alter_table("payment_run_lines") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.VARCHAR(length=34), type_=sa.Text(), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.Text(),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "tax_id", existing_type=sa.VARCHAR(length=80), type_=sa.Text(), existing_nullable=True
        )
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.add_column(sa.Column("verified_at", tables.Instant(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum(
                    "password",
                    "provider",
                    name="way",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="password",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        batch_op.add_column(sa.Column("agent", tables.line(120), nullable=True))
    with op.batch_alter_table("supplier_bank_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.VARCHAR(length=34), type_=sa.Text(), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.Text(),
            existing_nullable=True,
        )
    with op.batch_alter_table("supplier_bank_changes") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.VARCHAR(length=34), type_=sa.Text(), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.Text(),
            existing_nullable=True,
        )
    with op.batch_alter_table("webhook_secrets") as batch_op:
        batch_op.alter_column(
            "secret", existing_type=sa.VARCHAR(length=100), type_=sa.Text(), existing_nullable=False
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""DROP TRIGGER IF EXISTS events_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER events_refuses_UPDATE BEFORE UPDATE ON events WHEN OLD.sequence IS NOT NEW.sequence OR OLD.id IS NOT NEW.id OR OLD.type IS NOT NEW.type OR OLD.subject_kind IS NOT NEW.subject_kind OR OLD.subject_id IS NOT NEW.subject_id OR OLD.subject_version IS NOT NEW.subject_version OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR OLD.command IS NOT NEW.command OR OLD.request_id IS NOT NEW.request_id OR OLD.occurred_at IS NOT NEW.occurred_at OR OLD.horizon IS NOT NEW.horizon OR (OLD.reason IS NOT NEW.reason AND coalesce(NEW.reason, '(erased)') <> '(erased)') OR (OLD.reference IS NOT NEW.reference AND coalesce(NEW.reference, '(erased)') <> '(erased)') OR (OLD.idempotency_key IS NOT NEW.idempotency_key AND coalesce(NEW.idempotency_key, '(erased)') <> '(erased)') OR (NEW.changes IS NOT NULL AND OLD.changes IS NOT NEW.changes AND (OLD.changes IS NULL OR EXISTS (SELECT atom FROM json_tree(NEW.changes) WHERE atom IS NOT NULL EXCEPT SELECT atom FROM json_tree(OLD.changes) EXCEPT SELECT '(erased)'))) OR (NEW.data IS NOT NULL AND OLD.data IS NOT NEW.data AND (OLD.data IS NULL OR EXISTS (SELECT atom FROM json_tree(NEW.data) WHERE atom IS NOT NULL EXCEPT SELECT atom FROM json_tree(OLD.data) EXCEPT SELECT '(erased)')))
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS events_refuses_DELETE""")
        op.execute("""CREATE TRIGGER events_refuses_DELETE BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS events_note_fields""")
        op.execute("""CREATE TRIGGER events_note_fields AFTER INSERT ON events WHEN new.subject_version > 1 BEGIN
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT new.subject_id, substr(json_extract(value, '$.path'), 1, 120), new.sequence
FROM json_each(new.changes); END""")
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        for statement in statements_to_let_erase(
            "events",
            dialect,
            [
                "sequence",
                "id",
                "type",
                "subject_kind",
                "subject_id",
                "subject_version",
                "actor_kind",
                "actor_id",
                "command",
                "request_id",
                "occurred_at",
                "horizon",
            ],
            {
                "reason": False,
                "reference": False,
                "idempotency_key": False,
                "changes": True,
                "data": True,
            },
        ):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER events_rows_stay ON events")
        op.execute("DROP TRIGGER events_values_stay ON events")
        op.execute("DROP TRIGGER events_stays ON events")
    with op.batch_alter_table("webhook_secrets") as batch_op:
        batch_op.alter_column(
            "secret", existing_type=sa.Text(), type_=sa.VARCHAR(length=100), existing_nullable=False
        )
    with op.batch_alter_table("supplier_bank_changes") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.Text(), type_=sa.VARCHAR(length=34), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.Text(),
            type_=sa.VARCHAR(length=40),
            existing_nullable=True,
        )
    with op.batch_alter_table("supplier_bank_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.Text(), type_=sa.VARCHAR(length=34), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.Text(),
            type_=sa.VARCHAR(length=40),
            existing_nullable=True,
        )
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.drop_constraint(op.f("ck_sessions_way"), type_="check")
        batch_op.drop_column("agent")
        batch_op.drop_column("address")
        batch_op.drop_column("way")
        batch_op.drop_column("verified_at")
    with op.batch_alter_table("payment_run_lines") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.Text(), type_=sa.VARCHAR(length=34), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.Text(),
            type_=sa.VARCHAR(length=40),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "tax_id", existing_type=sa.Text(), type_=sa.VARCHAR(length=80), existing_nullable=True
        )
    with op.batch_alter_table("payer_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.Text(), type_=sa.VARCHAR(length=34), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.Text(),
            type_=sa.VARCHAR(length=40),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "tax_id", existing_type=sa.Text(), type_=sa.VARCHAR(length=80), existing_nullable=True
        )
    with op.batch_alter_table("keys") as batch_op:
        batch_op.alter_column(
            "value", existing_type=sa.Text(), type_=sa.VARCHAR(length=128), existing_nullable=False
        )
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("idempotency_key")
    with op.batch_alter_table("customer_tax_ids") as batch_op:
        batch_op.drop_constraint(op.f("pk_customer_tax_ids"), type_="primary")
        batch_op.create_primary_key(op.f("pk_customer_tax_ids"), ["kind", "value"])
        batch_op.alter_column(
            "value", existing_type=sa.Text(), type_=tables.line(80), existing_nullable=False
        )
        batch_op.drop_column("value_index")
    with op.batch_alter_table("bank_accounts") as batch_op:
        batch_op.alter_column(
            "iban", existing_type=sa.Text(), type_=sa.VARCHAR(length=34), existing_nullable=True
        )
        batch_op.alter_column(
            "account_number",
            existing_type=sa.Text(),
            type_=sa.VARCHAR(length=40),
            existing_nullable=True,
        )
    with op.batch_alter_table("api_tokens") as batch_op:
        batch_op.drop_column("budget")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS events_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS events_refuses_DELETE")
        op.execute("DROP TRIGGER IF EXISTS events_note_fields")
        op.execute("""CREATE TRIGGER events_refuses_DELETE BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER events_note_fields AFTER INSERT ON events WHEN new.subject_version > 1 BEGIN
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT new.subject_id, substr(json_extract(value, '$.path'), 1, 120), new.sequence
FROM json_each(new.changes); END""")
        op.execute("""CREATE TRIGGER events_refuses_UPDATE BEFORE UPDATE ON events WHEN OLD.sequence IS NOT NEW.sequence OR OLD.id IS NOT NEW.id OR OLD.type IS NOT NEW.type OR OLD.subject_kind IS NOT NEW.subject_kind OR OLD.subject_id IS NOT NEW.subject_id OR OLD.subject_version IS NOT NEW.subject_version OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR OLD.command IS NOT NEW.command OR OLD.request_id IS NOT NEW.request_id OR OLD.occurred_at IS NOT NEW.occurred_at OR OLD.horizon IS NOT NEW.horizon OR (OLD.reason IS NOT NEW.reason AND coalesce(NEW.reason, '(erased)') <> '(erased)') OR (OLD.reference IS NOT NEW.reference AND coalesce(NEW.reference, '(erased)') <> '(erased)') OR (NEW.changes IS NOT NULL AND OLD.changes IS NOT NEW.changes AND (OLD.changes IS NULL OR EXISTS (SELECT atom FROM json_tree(NEW.changes) WHERE atom IS NOT NULL EXCEPT SELECT atom FROM json_tree(OLD.changes) EXCEPT SELECT '(erased)'))) OR (NEW.data IS NOT NULL AND OLD.data IS NOT NEW.data AND (OLD.data IS NULL OR EXISTS (SELECT atom FROM json_tree(NEW.data) WHERE atom IS NOT NULL EXCEPT SELECT atom FROM json_tree(OLD.data) EXCEPT SELECT '(erased)')))
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER events_rows_stay BEFORE DELETE ON public.events FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER events_values_stay BEFORE UPDATE ON public.events FOR EACH ROW WHEN (((old.sequence IS DISTINCT FROM new.sequence) OR (old.id IS DISTINCT FROM new.id) OR ((old.type)::text IS DISTINCT FROM (new.type)::text) OR ((old.subject_kind)::text IS DISTINCT FROM (new.subject_kind)::text) OR (old.subject_id IS DISTINCT FROM new.subject_id) OR (old.subject_version IS DISTINCT FROM new.subject_version) OR ((old.actor_kind)::text IS DISTINCT FROM (new.actor_kind)::text) OR (old.actor_id IS DISTINCT FROM new.actor_id) OR ((old.command)::text IS DISTINCT FROM (new.command)::text) OR ((old.request_id)::text IS DISTINCT FROM (new.request_id)::text) OR (old.occurred_at IS DISTINCT FROM new.occurred_at) OR (old.horizon IS DISTINCT FROM new.horizon) OR (((old.reason)::text IS DISTINCT FROM (new.reason)::text) AND ((new.reason)::text <> '(erased)'::text)) OR (((old.reference)::text IS DISTINCT FROM (new.reference)::text) AND ((new.reference)::text <> '(erased)'::text)) OR ((new.changes IS NOT NULL) AND (old.changes IS DISTINCT FROM new.changes) AND ((old.changes IS NULL) OR says_more(old.changes, new.changes))) OR ((new.data IS NOT NULL) AND (old.data IS DISTINCT FROM new.data) AND ((old.data IS NULL) OR says_more(old.data, new.data))))) EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER events_stays BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
