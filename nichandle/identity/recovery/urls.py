from django.urls import include, path

from nichandle.identity.recovery import views

app_name = "recovery"
urlpatterns = [
    path("", include("nichandle.identity.recovery.procedure.urls")),
    path("password/lost", views.lost_password, name="password"),
    path("password/new/<str:secret>", views.new_password, name="new_password"),
    path("password/stop/<str:secret>", views.stop_reset, name="stop_reset"),
    path("not-me/<str:secret>", views.it_was_not_me, name="not_me"),
    path("recovery-address/undo/<str:secret>", views.undo_address, name="undo_address"),
    path("identifier/lost", views.lost_identifier, name="identifier"),
]
