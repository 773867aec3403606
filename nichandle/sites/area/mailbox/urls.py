from django.urls import path

from nichandle.sites.area.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.letters, name="list"),
    path("<str:name>", views.letter, name="letter"),
    path("<str:name>/html", views.html, name="html"),
]
