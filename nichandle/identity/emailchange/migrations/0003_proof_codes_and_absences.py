from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("emailchange", "0002_refused_why"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="browser_digest",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="change",
            name="proof_code_digest",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="change",
            name="proof_codes_sent",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="change",
            name="prompt_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="change",
            name="prompts_sent",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="change",
            name="frozen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="changemail",
            name="written_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="changemail",
            name="part",
            field=models.CharField(
                choices=[
                    ("asked", "Asked"),
                    ("reminder", "Reminder"),
                    ("proven", "Proven"),
                    ("proof", "Proof"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField(unique=True)),
                ("ended_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=Q(state="todo"), fields=["prompt_at"], name="emailchange_prompt"
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=Q(state="todo", frozen_at__isnull=False),
                fields=["frozen_at"],
                name="emailchange_frozen",
            ),
        ),
    ]
