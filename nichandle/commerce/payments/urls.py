from django.urls import path

from nichandle.commerce.payments.views import paying, trial, webhooks

app_name = "payments"
urlpatterns = [
    path("pay/test/<str:secret>", trial.page, name="trial"),
    path("pay/done/<str:number>", paying.done, name="done"),
    path("pay/go/<str:number>", paying.go, name="go"),
    path("pay/<str:number>", paying.pay, name="pay"),
    path("pay/<str:number>/transfer", paying.transfer, name="transfer"),
    path("webhooks/<str:provider>", webhooks.webhook, name="webhook"),
]
