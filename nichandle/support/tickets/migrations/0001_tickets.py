import uuid

import django.db.models.deletion
from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0007_voided_passwords"),
        ("services", "0004_next_plans"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", nichandle.platform.kernel.fields.FoldedField(max_length=9, unique=True)),
                ("handle", models.CharField(max_length=16)),
                ("category", nichandle.platform.kernel.fields.FoldedField(max_length=12)),
                ("subject", models.CharField(max_length=120)),
                ("subject_folded", nichandle.platform.kernel.fields.FoldedField(max_length=360)),
                ("state", nichandle.platform.kernel.fields.FoldedField(max_length=10)),
                ("once", models.UUIDField(default=uuid.uuid4)),
                ("opened_at", models.DateTimeField()),
                ("waiting_since", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("assignee", models.CharField(blank=True, max_length=80)),
                ("rating", models.PositiveSmallIntegerField(null=True)),
                ("rating_words", models.CharField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="services.service",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", nichandle.platform.kernel.fields.FoldedField(max_length=8)),
                ("author", models.CharField(blank=True, max_length=80)),
                ("text", models.TextField()),
                ("once", models.UUIDField(default=uuid.uuid4)),
                ("at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["account", "-id"], name="tickets_of_account"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("waiting_since__isnull", False)),
                fields=["waiting_since", "id"],
                name="tickets_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["state", "-id"], name="tickets_by_state"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                fields=("account", "once"), name="tickets_form_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "waiting"), ("waiting_since__isnull", False)),
                    models.Q(
                        ("state__in", ["answered", "closed"]), ("waiting_since__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="tickets_waits_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rating__isnull", True),
                    models.Q(("rating__gte", 1), ("rating__lte", 5)),
                    _connector="OR",
                ),
                name="tickets_rating_known",
            ),
        ),
        migrations.AddIndex(
            model_name="ticketmessage",
            index=models.Index(fields=["ticket", "id"], name="tickets_messages"),
        ),
        migrations.AddConstraint(
            model_name="ticketmessage",
            constraint=models.UniqueConstraint(
                fields=("ticket", "once"), name="tickets_message_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["customer", "staff", "note"])),
                name="tickets_side_known",
            ),
        ),
    ]
