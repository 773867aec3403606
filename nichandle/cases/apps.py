from importlib import import_module

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "nichandle.cases"

    def ready(self) -> None:
        """Hear of notices that were delivered."""
        # Models, and what imports them, exist only by now.
        import_module(f"{self.name}.notices").listen()
