from django.urls import path

from nichandle.review import views

app_name = "review"
urlpatterns = [
    path("review", views.cases, name="cases"),
    path("review/signin", views.signin, name="signin"),
    path("review/signout", views.signout, name="signout"),
    path("review/setup/<str:secret>", views.setup, name="setup"),
    path("review/case/<str:number>", views.case, name="case"),
    path("review/case/<str:number>/take", views.take, name="take"),
    path("review/case/<str:number>/leave", views.leave, name="leave"),
    path("review/case/<str:number>/ask", views.ask, name="ask"),
    path("review/case/<str:number>/approve", views.approve, name="approve"),
    path("review/case/<str:number>/refuse", views.refuse, name="refuse"),
    path("review/case/<str:number>/close", views.close, name="close"),
    path("review/case/<str:number>/settle", views.settle, name="settle"),
    path("review/case/<str:number>/paper/<str:name>/<int:page>", views.paper, name="paper"),
]
