from django.urls import path

from nichandle.recovery import views

app_name = "recovery"
urlpatterns = [
    path("password/lost", views.lost_password, name="password"),
    path("password/new/<str:secret>", views.new_password, name="new_password"),
    path("identifier/lost", views.lost_identifier, name="identifier"),
]
