from importlib import import_module

from django.apps import AppConfig


class EmailchangeConfig(AppConfig):
    name = "nichandle.emailchange"

    def ready(self) -> None:
        """Hear of mails that were accepted or refused, and of acts that were disowned."""
        # Models, and what imports them, exist only by now.
        for module in ("deliveries", "endings"):
            import_module(f"{self.name}.{module}").listen()
