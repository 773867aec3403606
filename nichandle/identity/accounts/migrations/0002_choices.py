"""The database knows the states, the kinds of holder, and the length classes too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
        ("handles", "0003_one_index_of_keys"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["opening", "active", "frozen", "closed"])),
                name="accounts_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", ""), ("state", "opening")),
                    models.Q(
                        models.Q(("state", "opening"), _negated=True),
                        (
                            "kind__in",
                            ["individual", "corporation", "association", "administration", "other"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="accounts_kind_once_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("password_length_class__in", ["", "long", "short"])),
                name="accounts_length_class_known",
            ),
        ),
    ]
