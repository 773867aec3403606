from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "nichandle.sites.desk"
    # The name that its tables and migrations have had from the first day.
    label = "review"
