import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voided_passwords"),
        ("invoices", "0006_vat_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoiceCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=254)),
                ("address_key", FoldedField(max_length=254)),
                ("digest", FoldedField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="invoicelink",
            name="copy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="invoices.invoicecopy",
            ),
        ),
        migrations.AddIndex(
            model_name="invoicelink",
            index=models.Index(
                condition=Q(copy__isnull=False), fields=["copy"], name="invoices_links_of_copy"
            ),
        ),
        migrations.AddIndex(
            model_name="invoicecopy",
            index=models.Index(
                condition=Q(ended_at__isnull=True), fields=["account"], name="invoices_copies"
            ),
        ),
    ]
