from django.urls import path

from nichandle.sites.desk.views import bank, cases, door, keys, tickets

app_name = "review"
urlpatterns = [
    path("review", cases.cases, name="cases"),
    path("review/signin", door.signin, name="signin"),
    path("review/signin/key", door.key, name="key"),
    path("review/signout", door.signout, name="signout"),
    path("review/bank", bank.bank, name="bank"),
    path("review/bank/line/<key:which>", bank.line, name="bank_line"),
    path("review/bank/line/<key:which>/assign", bank.assign, name="assign_line"),
    path("review/bank/line/<key:which>/aside", bank.aside, name="line_aside"),
    path("review/bank/line/<key:which>/back", bank.back, name="line_back"),
    path("review/bank/refund/<key:which>/sent", bank.sent, name="refund_sent"),
    path("review/bank/credit/<key:which>/back", bank.credit_back, name="credit_back"),
    path("review/tickets", tickets.tickets, name="tickets"),
    path("review/ticket/<slug:number>", tickets.ticket, name="ticket"),
    path("review/ticket/<slug:number>/note", tickets.note, name="note_ticket"),
    path("review/ticket/<slug:number>/take", tickets.take, name="take_ticket"),
    path("review/ticket/<slug:number>/leave", tickets.leave, name="leave_ticket"),
    path("review/ticket/<slug:number>/close", tickets.close, name="close_ticket"),
    path("review/setup/<str:secret>", door.setup, name="setup"),
    path("review/keys", keys.mine, name="keys"),
    path("review/keys/new", keys.new, name="new_key"),
    path("review/keys/<key:which>/remove", keys.remove, name="remove_key"),
    path("review/case/<str:number>", cases.case, name="case"),
    path("review/case/<str:number>/take", cases.take, name="take"),
    path("review/case/<str:number>/leave", cases.leave, name="leave"),
    path("review/case/<str:number>/ask", cases.ask, name="ask"),
    path("review/case/<str:number>/approve", cases.approve, name="approve"),
    path("review/case/<str:number>/refuse", cases.refuse, name="refuse"),
    path("review/case/<str:number>/close", cases.close, name="close"),
    path("review/case/<str:number>/settle", cases.settle, name="settle"),
    path("review/case/<str:number>/paper/<str:name>/<key:page>", cases.paper, name="paper"),
]
