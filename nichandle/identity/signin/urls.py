from django.urls import path

from nichandle.identity.signin.authentication import views

app_name = "signin"
urlpatterns = [
    path("signin", views.signin, name="signin"),
    path("signin/factor", views.factor, name="factor"),
    path("signin/code", views.code, name="code"),
    path("signin/code/again", views.code_again, name="code_again"),
    path("signin/passkey", views.passkey, name="passkey"),
    path("signin/open", views.ask_opening, name="ask_opening"),
    path("signin/open/<str:secret>", views.opening, name="opening"),
    path("signout", views.signout, name="signout"),
]
