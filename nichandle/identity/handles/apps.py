from django.apps import AppConfig


class HandlesConfig(AppConfig):
    name = "nichandle.identity.handles"
