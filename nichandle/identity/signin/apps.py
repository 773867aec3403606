from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "nichandle.identity.signin"
