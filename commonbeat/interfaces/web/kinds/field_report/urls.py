"""Addresses of field reports on the desk, besides the page of each."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.field_report import calls, listing, paper, questions, starting

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", listing.queue, name="field_reports"),
    path("reports/new/", starting.new, name="field_report_new"),
    path("reports/cards/", listing.cards, name="field_report_cards"),
    path("calls/", calls.queue, name="dispatch_calls"),
    path("calls/bring/", calls.bring, name="dispatch_calls_bring"),
    path("<str:reference>/dispatched/", calls.take, name="dispatch_call_take"),
    path("<str:reference>/questions/", questions.answer, name="field_report_questions"),
    path("<str:reference>/report.pdf", paper.paper, name="field_report_paper"),
]
