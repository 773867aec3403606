from django.urls import path

from nichandle.commerce.orders.delivery import views as delivery
from nichandle.commerce.orders.plans import views as plans
from nichandle.commerce.orders.views import basket, checkout, orders
from nichandle.commerce.orders.withdrawal import views as withdrawal

app_name = "orders"
urlpatterns = [
    path("order/basket", basket.basket, name="basket"),
    path("order/basket/remove", basket.remove, name="remove"),
    path("order/checkout", checkout.checkout, name="checkout"),
    path("orders", orders.orders, name="list"),
    path("orders.csv", orders.as_file, name="file"),
    path("orders/pay", orders.pay, name="pay"),
    path("orders/<slug:number>", orders.order, name="order"),
    path("orders/<slug:number>/cancel", orders.cancel, name="cancel"),
    path("services/<key:service_id>/plan", plans.plans, name="plans"),
    path("services/<key:service_id>/plan/smaller", plans.downgrade, name="downgrade"),
    path("services/<key:service_id>/plan/<slug:plan>", plans.upgrade, name="upgrade"),
    path("withdraw", withdrawal.start, name="withdraw"),
    path("withdraw/confirm", withdrawal.confirm, name="withdraw_confirm"),
    path("withdraw/order/<slug:number>", withdrawal.own, name="withdraw_own"),
    path("withdraw/contest/<str:secret>", withdrawal.contest, name="contest"),
    path("webhooks/delivery", delivery.answer, name="delivery"),
]
