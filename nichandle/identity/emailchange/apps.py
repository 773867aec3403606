from django.apps import AppConfig


class EmailchangeConfig(AppConfig):
    name = "nichandle.identity.emailchange"
