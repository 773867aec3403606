from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "nichandle.platform.audit"
