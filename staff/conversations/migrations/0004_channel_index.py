"""An index for the filter by channel."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds it."""

    dependencies = [("conversations", "0003_undelivered")]
    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["channel", "-last_activity"], name="conversation_channel"),
        )
    ]
