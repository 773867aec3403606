from django.urls import path

from nichandle.identity.signup import views

app_name = "signup"
urlpatterns = [
    path("signup", views.start, name="start"),
    path("signup/code", views.code, name="code"),
    path("signup/code/again", views.again, name="again"),
    path("signup/details", views.details, name="details"),
    path("signup/recovery", views.recovery, name="recovery"),
    path("signup/recovery/again", views.recovery_again, name="recovery_again"),
    path("signup/done", views.done, name="done"),
    path("password/strength", views.strength, name="strength"),
]
