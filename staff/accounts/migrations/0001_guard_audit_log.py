"""The audit log is guarded by the database from the start."""

from django.db import migrations

from accounts import audit_guard


class Migration(migrations.Migration):
    """Installs the guard once auditlog's own migrations are done."""

    dependencies = [("auditlog", "0017_add_actor_email")]
    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: audit_guard.install(schema_editor.connection),
            lambda apps, schema_editor: audit_guard.remove(schema_editor.connection),
        )
    ]
