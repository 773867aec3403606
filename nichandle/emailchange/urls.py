from django.urls import path

from nichandle.emailchange import views

app_name = "emailchange"
urlpatterns = [
    path("account/address", views.address, name="address"),
    path("account/address/code", views.code, name="code"),
    path("account/address/again", views.again, name="again"),
    path("account/address/withdraw", views.withdraw, name="withdraw"),
    path("account/address/resume", views.resume, name="resume"),
    path("change/proof/<str:secret>", views.proof, name="proof"),
    path("change/veto/<str:secret>", views.veto, name="veto"),
    path("change/undo/<str:secret>", views.undo, name="undo"),
    path("change/undo/<str:secret>/code", views.undo_code, name="undo_code"),
]
