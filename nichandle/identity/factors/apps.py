from django.apps import AppConfig


class FactorsConfig(AppConfig):
    name = "nichandle.identity.factors"
