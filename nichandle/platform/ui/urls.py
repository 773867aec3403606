from django.urls import path

from nichandle.platform.ui import views

app_name = "ui"
urlpatterns = [
    path("brand.css", views.brand_css, name="brand"),
    path("brand/logo", views.logo, name="logo"),
    path("style", views.style, name="style"),
]
