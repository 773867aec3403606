from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "nichandle.platform.outbox"
