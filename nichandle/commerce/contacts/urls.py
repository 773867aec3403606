from django.urls import path

from nichandle.commerce.contacts.views import answering, asking, requests, warning

app_name = "contacts"
urlpatterns = [
    path("contacts", asking.contacts, name="list"),
    path("contacts/change", asking.change, name="change"),
    path("contacts/requests", requests.requests, name="requests"),
    path("contacts/requests/<key:request_id>", requests.request_page, name="request"),
    path("contacts/requests/<key:request_id>/accept", answering.accept, name="accept"),
    path("contacts/requests/<key:request_id>/refuse", answering.refuse, name="refuse"),
    path("contacts/requests/<key:request_id>/resend", requests.resend, name="resend"),
    path("contacts/requests/<key:request_id>/begin", requests.begin, name="begin"),
    path("contacts/requests/<key:request_id>/resume", requests.resume, name="resume"),
    path(
        "contacts/requests/<key:request_id>/dispute",
        answering.dispute_request,
        name="dispute_request",
    ),
    path("contacts/warn/<key:service_id>", warning.warn, name="warn"),
    path("contacts/answer/<str:secret>", answering.answer, name="answer"),
    path("contacts/dispute/<str:secret>", answering.dispute, name="dispute"),
]
