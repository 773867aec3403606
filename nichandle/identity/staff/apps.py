from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "nichandle.identity.staff"
