"""What was said about an account before belongs to the case that its link opened."""

from django.db import migrations


def find_cases(apps, _editor):
    """Of holds written before: the case that their link opened in the same moment."""
    holds = apps.get_model("recovery", "PasswordHold")
    cases = apps.get_model("cases", "Case")
    for hold in holds.objects.all():
        opened = cases.objects.filter(account_id=hold.account_id, kind="not_me")
        case = opened.filter(opened_at=hold.disowned_at).first()
        if case is not None:
            hold.case = case.number
            hold.said_by = {hold.address.lower(): hold.disowned_at.isoformat()}
            hold.save(update_fields=["case", "said_by"])


class Migration(migrations.Migration):
    dependencies = (("recovery", "0004_contests"), ("cases", "0001_cases"))

    operations = (migrations.RunPython(find_cases, migrations.RunPython.noop),)
