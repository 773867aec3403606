"""Years as ZIP files, and links that open one document."""

import django.db.models.deletion
from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voided_passwords"),
        ("invoices", "0004_day_of_payment"),
    ]

    operations = [
        migrations.CreateModel(
            name="Archive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                (
                    "state",
                    nichandle.platform.kernel.fields.FoldedField(default="asked", max_length=8),
                ),
                ("newest_id", models.BigIntegerField()),
                ("total", models.PositiveIntegerField()),
                ("made", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("held_until", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArchiveFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("documents", models.PositiveIntegerField()),
                (
                    "archive",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="invoices.archive",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InvoiceLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    nichandle.platform.kernel.fields.FoldedField(max_length=64, unique=True),
                ),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "invoice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="invoices.invoice",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(
                condition=models.Q(("state", "asked")),
                fields=["held_until"],
                name="invoices_archives_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(
                condition=models.Q(("state", "ready")),
                fields=["ready_at"],
                name="invoices_archives_old",
            ),
        ),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.UniqueConstraint(
                fields=("account", "year"), name="invoices_archive_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ready_at__isnull", True), ("state", "asked")),
                    models.Q(("ready_at__isnull", False), ("state", "ready")),
                    _connector="OR",
                ),
                name="invoices_archive_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivefile",
            constraint=models.UniqueConstraint(
                fields=("archive", "place"), name="invoices_archive_file_once"
            ),
        ),
        migrations.AddIndex(
            model_name="invoicelink",
            index=models.Index(fields=["invoice"], name="invoices_links"),
        ),
    ]
