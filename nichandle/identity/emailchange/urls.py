from django.urls import path

from nichandle.identity.emailchange.views import links, page

app_name = "emailchange"
urlpatterns = [
    path("account/address", page.address, name="address"),
    path("account/address/code", page.code, name="code"),
    path("account/address/prove", page.prove, name="prove"),
    path("account/address/again", page.again, name="again"),
    path("account/address/withdraw", page.withdraw, name="withdraw"),
    path("account/address/veto", page.veto, name="veto_signed_in"),
    path("account/address/resume", page.resume, name="resume"),
    path("change/proof/<str:secret>", links.proof, name="proof"),
    path("change/veto/<str:secret>", links.veto, name="veto"),
    path("change/undo/<str:secret>", links.undo, name="undo"),
    path("change/undo/<str:secret>/code", links.undo_code, name="undo_code"),
    path("change/undo/<str:secret>/factor", links.undo_factor, name="undo_factor"),
]
