from django.urls import path

from nichandle.commerce.invoices.views import archives, checking, reading, sharing

app_name = "invoices"
urlpatterns = [
    path("invoices", reading.invoices, name="list"),
    path("invoices.csv", reading.invoices_csv, name="csv"),
    path("invoices/check", checking.check, name="check"),
    path("invoices-by-year", archives.years, name="years"),
    path("invoices-by-year/<key:year>", archives.ask, name="ask_year"),
    path("invoices-by-year/<key:year>/<key:place>", archives.file, name="year_file"),
    path("invoices/shared/<str:secret>", sharing.shared, name="shared"),
    path("invoices/shared/<str:secret>/<slug:kind>", sharing.shared_file, name="shared_file"),
    path("invoices/<slug:number>", reading.invoice, name="invoice"),
    path("invoices/<slug:number>/links", sharing.links, name="links"),
    path("invoices/<slug:number>/links/new", sharing.make, name="make_link"),
    path("invoices/<slug:number>/links/<key:link_id>", sharing.withdraw, name="withdraw_link"),
    path("invoices/<slug:number>/<slug:kind>", reading.file, name="file"),
]
