from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "nichandle.support.tickets"
