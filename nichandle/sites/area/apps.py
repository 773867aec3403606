from django.apps import AppConfig


class AreaConfig(AppConfig):
    name = "nichandle.sites.area"
