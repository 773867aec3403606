from django.urls import path

from nichandle.identity.recovery.procedure.views import filing, objecting

urlpatterns = [
    path("procedure", filing.start, name="procedure"),
    path("procedure/follow", filing.follow, name="follow"),
    path("procedure/case/<str:secret>", filing.case, name="case"),
    path("procedure/case/<str:secret>/again", filing.again, name="case_code_again"),
    path("procedure/case/<str:secret>/paper", filing.paper, name="case_paper"),
    path("procedure/case/<str:secret>/remove", filing.remove, name="case_remove_paper"),
    path("procedure/case/<str:secret>/send", filing.send, name="case_send"),
    path("procedure/case/<str:secret>/withdraw", filing.withdraw, name="case_withdraw"),
    path("procedure/notice/<str:secret>", objecting.notice, name="notice"),
    path("account/cases", objecting.own, name="own_cases"),
    path("account/cases/object", objecting.object_own, name="object_own"),
]
