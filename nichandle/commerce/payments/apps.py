from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "nichandle.commerce.payments"
