"""An index of the words of each conversation, on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TABLE = "conversations_conversation"
_FORWARD = (
    f"ALTER TABLE {_TABLE} ADD COLUMN search_words tsvector"
    " GENERATED ALWAYS AS (to_tsvector('english', search_text)) STORED",
    f"CREATE INDEX conversation_words ON {_TABLE} USING gin (search_words)",
)


def _add(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # SQLite serves one machine, where reading the texts is fast enough.
    if schema_editor.connection.vendor == "postgresql":
        for statement in _FORWARD:
            schema_editor.execute(statement)


def _remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {_TABLE} DROP COLUMN search_words")


class Migration(migrations.Migration):
    """Adds the column that PostgreSQL keeps up to date by itself."""

    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunPython(_add, _remove)]
