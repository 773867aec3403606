from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from nichandle.platform.ui.brand import check_accent


class UiConfig(AppConfig):
    name = "nichandle.platform.ui"

    def ready(self) -> None:
        register(accent_can_be_read)


def accent_can_be_read(**_options: object) -> list[CheckMessage]:
    sentence = check_accent(settings.NICHANDLE_ACCENT)
    return [Error(sentence, id="nichandle.ui.E001")] if sentence else []
