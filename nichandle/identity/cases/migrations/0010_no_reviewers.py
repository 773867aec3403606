from django.db import migrations


class Migration(migrations.Migration):
    """Leave the people to ``staff``, which has taken their table over."""

    dependencies = [
        ("cases", "0009_staff"),
        ("review", "0003_staff"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="Reviewer")],
        ),
    ]
