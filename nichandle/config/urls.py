"""Every address of the product, room by room."""

from django.urls import include, path

from nichandle.config.serving.health import alive, ready

urlpatterns = [
    # Before the families of the shop and the webhooks of providers, which take any name.
    path("", include("nichandle.commerce.orders.urls")),
    path("", include("nichandle.identity.signin.urls")),
    path("", include("nichandle.identity.signup.urls")),
    path("", include("nichandle.identity.emailchange.urls")),
    path("", include("nichandle.identity.recovery.urls")),
    path("", include("nichandle.commerce.services.urls")),
    path("", include("nichandle.commerce.contacts.urls")),
    path("", include("nichandle.commerce.invoices.urls")),
    path("", include("nichandle.commerce.payments.urls")),
    path("", include("nichandle.support.tickets.urls")),
    path("", include("nichandle.sites.desk.urls")),
    # After the orders: of what stands below /order, the shop's families are what is left.
    path("", include("nichandle.sites.area.urls")),
    path("", include("nichandle.platform.ui.urls")),
    path("mail/", include("nichandle.sites.area.mailbox.urls")),
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
]

handler400 = "nichandle.platform.ui.errors.bad_request"
handler403 = "nichandle.platform.ui.errors.forbidden"
handler404 = "nichandle.platform.ui.errors.not_found"
handler500 = "nichandle.platform.ui.errors.broken"
