from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "nichandle.commerce.invoices"
