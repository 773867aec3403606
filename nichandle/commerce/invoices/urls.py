from django.urls import path

from nichandle.commerce.invoices.views import checking, reading

app_name = "invoices"
urlpatterns = [
    path("invoices", reading.invoices, name="list"),
    path("invoices.csv", reading.invoices_csv, name="csv"),
    path("invoices/check", checking.check, name="check"),
    path("invoices/<slug:number>", reading.invoice, name="invoice"),
    path("invoices/<slug:number>/<slug:kind>", reading.file, name="file"),
]
