from django.urls import path

from nichandle.commerce.invoices.views import archives, checking, copies, reading, sharing

app_name = "invoices"
urlpatterns = [
    path("invoices", reading.invoices, name="list"),
    path("invoices.csv", reading.invoices_csv, name="csv"),
    path("invoices/check", checking.check, name="check"),
    path("invoices/copies", copies.copies, name="copies"),
    path("invoices/copies/<key:copy_id>/remove", copies.remove, name="remove_copy"),
    path("invoices/copies/agree/<str:secret>", copies.agree, name="agree_copy"),
    path("invoices/copies/stop/<str:secret>", copies.stop, name="stop_copy"),
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
