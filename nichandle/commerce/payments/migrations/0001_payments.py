import uuid

import django.db.models.deletion
from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0007_voided_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receivable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    nichandle.platform.kernel.fields.FoldedField(max_length=10, unique=True),
                ),
                ("handle", models.CharField(max_length=16)),
                ("cause", nichandle.platform.kernel.fields.FoldedField(max_length=40, unique=True)),
                ("title", models.CharField(max_length=160)),
                ("currency", nichandle.platform.kernel.fields.FoldedField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("refunding_minor", models.BigIntegerField(default=0)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("credit_minor", models.BigIntegerField(default=0)),
                (
                    "state",
                    nichandle.platform.kernel.fields.FoldedField(default="open", max_length=9),
                ),
                ("means", nichandle.platform.kernel.fields.FoldedField(blank=True, max_length=8)),
                ("due_date", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", nichandle.platform.kernel.fields.FoldedField(max_length=10)),
                ("amount_minor", models.BigIntegerField()),
                ("means", nichandle.platform.kernel.fields.FoldedField(max_length=8)),
                ("source", nichandle.platform.kernel.fields.FoldedField(max_length=120)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(blank=True, max_length=32)),
                (
                    "receivable",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="payments.receivable",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("credit", models.BooleanField(default=False)),
                (
                    "state",
                    nichandle.platform.kernel.fields.FoldedField(default="waiting", max_length=8),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "provider_ref",
                    nichandle.platform.kernel.fields.FoldedField(blank=True, max_length=100),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("by", models.CharField(blank=True, max_length=32)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "movement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.movement",
                    ),
                ),
                (
                    "receivable",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.receivable",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="receivable",
            index=models.Index(fields=["account", "-id"], name="payments_of_account"),
        ),
        migrations.AddIndex(
            model_name="receivable",
            index=models.Index(
                condition=models.Q(("credit_minor__gt", 0)),
                fields=["account", "currency"],
                name="payments_credit",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_amount_owed"
            ),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_minor__gte", 0), ("paid_minor__lte", models.F("amount_minor"))
                ),
                name="payments_no_more_than_owed",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_minor__gte", 0),
                    ("refunded_minor__lte", models.F("refunding_minor")),
                    ("refunding_minor__lte", models.F("paid_minor")),
                ),
                name="payments_no_more_back_than_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(("credit_minor__gte", 0)), name="payments_credit_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_minor", 0), ("state", "open")),
                    models.Q(
                        ("paid_minor__gt", 0),
                        ("paid_minor__lt", models.F("amount_minor")),
                        ("state", "partly"),
                    ),
                    models.Q(("paid_minor", models.F("amount_minor")), ("state", "settled")),
                    models.Q(
                        ("paid_minor__gt", 0),
                        ("refunded_minor", models.F("paid_minor")),
                        ("state", "refunded"),
                    ),
                    models.Q(("paid_minor", models.F("refunding_minor")), ("state", "cancelled")),
                    _connector="OR",
                ),
                name="payments_state_true",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                fields=("receivable", "source", "kind"), name="payments_source_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_moved"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "payment",
                            "excess",
                            "chargeback",
                            "released",
                            "refund",
                            "returned",
                            "loss",
                        ],
                    )
                ),
                name="payments_movement_known",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["receivable", "id"], name="payments_refunds"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["movement"], name="payments_refunds_of"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["id"],
                name="payments_refunds_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_refund_moves"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "sent", "by_hand", "done"])),
                name="payments_refund_known",
            ),
        ),
    ]
