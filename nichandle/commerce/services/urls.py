from django.urls import path

from nichandle.commerce.services import views

app_name = "services"
urlpatterns = [
    path("services", views.services, name="list"),
    path("services/<key:service_id>", views.service, name="service"),
    path("services/<key:service_id>/renewal", views.renewal, name="renewal"),
]
