from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AddField(
            model_name="anchor", name="part", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="anchor",
            name="previous",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(model_name="anchor", name="day", field=models.DateField()),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(fields=("day", "part"), name="audit_anchor_part"),
        ),
    ]
