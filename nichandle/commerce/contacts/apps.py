from importlib import import_module

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "nichandle.commerce.contacts"

    def ready(self) -> None:
        """Hear of acts that were disowned."""
        # Models, and what imports them, exist only by now.
        import_module(f"{self.name}.lifecycle.suspending").listen()
