from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "nichandle.commerce.catalogue"
