"""Every address of the product, room by room."""

from django.urls import include, path

from nichandle.config.health import alive, ready

urlpatterns = [
    path("", include("nichandle.signin.urls")),
    path("", include("nichandle.area.urls")),
    path("", include("nichandle.signup.urls")),
    path("", include("nichandle.emailchange.urls")),
    path("", include("nichandle.recovery.urls")),
    path("", include("nichandle.services.urls")),
    path("", include("nichandle.contacts.urls")),
    path("", include("nichandle.review.urls")),
    path("", include("nichandle.ui.urls")),
    path("mail/", include("nichandle.area.mailbox.urls")),
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
]

handler400 = "nichandle.ui.errors.bad_request"
handler403 = "nichandle.ui.errors.forbidden"
handler404 = "nichandle.ui.errors.not_found"
handler500 = "nichandle.ui.errors.broken"
