from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class AreaConfig(AppConfig):
    name = "nichandle.sites.area"
    menu = (
        MenuEntry("area:home", _("Home"), "home", rank=10),
        MenuEntry("area:account", _("My account"), "user", rank=90, own=True),
        MenuEntry("area:security", _("Security"), "shield-check", rank=110, own=True),
        MenuEntry("area:ledger", _("Ledger"), "history", rank=120, own=True),
        MenuEntry("area:mails", _("Mails"), "mail", rank=130, own=True),
        Below("area:home", ("area:spelling", "signup:done")),
        Below("area:account", ("area:edit", "area:recovery_addresses", "area:preferences")),
        Below("area:recovery_addresses", ("area:prove_recovery_address",), _("Recovery addresses")),
        Below(
            "area:security",
            ("area:password", "area:sessions", "area:factors", "area:networks", "area:pause"),
        ),
        Below(
            "area:factors",
            (
                "area:new_app",
                "area:new_key",
                "area:recovery_codes",
                "area:recovery_codes_file",
                "area:rename_factor",
                "area:remove_factor",
            ),
            _("Second factors"),
        ),
        Below("area:pause", ("area:pause_factor",), _("Pause")),
        Below("area:mails", ("area:mail",)),
    )
