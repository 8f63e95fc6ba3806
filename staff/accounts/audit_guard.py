"""Keeps the audit log as it was written: the database itself refuses to change or delete a row of it."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "auditlog_logentry"
_REFUSAL = "the audit log cannot be changed"

_SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_log_no_{deed.lower()} BEFORE {deed} ON {_TABLE}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for deed in ("UPDATE", "DELETE")
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON {_TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
]


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse changes of the audit log."""
    _execute(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the guard away: for a database that is thrown away, or before the table itself is changed."""
    if connection.vendor == "postgresql":
        _execute(connection, [f"DROP TRIGGER IF EXISTS audit_log_no_change ON {_TABLE}"])
    else:
        _execute(connection, [f"DROP TRIGGER IF EXISTS audit_log_no_{deed}" for deed in ("update", "delete")])


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
