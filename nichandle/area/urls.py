from django.urls import path

from nichandle.area import views

app_name = "area"
urlpatterns = [
    path("", views.public, name="public"),
    path("area", views.home, name="home"),
    path("area/identifier", views.spelling, name="spelling"),
    path("account", views.account, name="account"),
    path("account/edit", views.edit, name="edit"),
    path("language", views.language, name="language"),
]
