from django.apps import AppConfig


class NotmeConfig(AppConfig):
    name = "nichandle.identity.notme"
