from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "nichandle.commerce.services"
