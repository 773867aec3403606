from django.urls import path

from nichandle.commerce.payments.views import paying, saved, trial, webhooks

app_name = "payments"
urlpatterns = [
    path("account/payment", saved.means, name="means"),
    path("account/payment/add", saved.add, name="means_add"),
    path("account/payment/go/<str:number>", saved.go, name="means_go"),
    path("account/payment/done/<str:number>", saved.done, name="means_done"),
    path("account/payment/<key:which>/usual", saved.prefer, name="means_prefer"),
    path("account/payment/<key:which>/remove", saved.remove, name="means_remove"),
    path("pay/test/card/<str:secret>", saved.trial_card, name="trial_card"),
    path("pay/test/<str:secret>", trial.page, name="trial"),
    path("pay/done/<str:number>", paying.done, name="done"),
    path("pay/go/<str:number>", paying.go, name="go"),
    path("pay/<str:number>", paying.pay, name="pay"),
    path("pay/<str:number>/transfer", paying.transfer, name="transfer"),
    path("webhooks/<str:provider>", webhooks.webhook, name="webhook"),
]
