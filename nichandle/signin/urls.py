from django.urls import path

from nichandle.signin import views

app_name = "signin"
urlpatterns = [
    path("signin", views.signin, name="signin"),
    path("signout", views.signout, name="signout"),
]
