from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "nichandle.identity.cases"
