from django.urls import path

from nichandle.support.tickets import views

app_name = "tickets"
urlpatterns = [
    path("tickets", views.tickets, name="list"),
    path("tickets/new", views.new, name="new"),
    path("tickets/<slug:number>", views.ticket, name="ticket"),
    path("tickets/<slug:number>/close", views.close, name="close"),
    path("tickets/<slug:number>/rate", views.rate, name="rate"),
]
