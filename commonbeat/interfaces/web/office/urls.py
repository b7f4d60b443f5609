"""Addresses of the office."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.office import (
    agency,
    areas,
    categories,
    declared,  # noqa: F401  (declares the editors)
    declared_city,  # noqa: F401
    declared_evidence,  # noqa: F401
    declared_records,  # noqa: F401
    declared_reports,  # noqa: F401
    declared_scorecard,  # noqa: F401
    declared_surveys,  # noqa: F401
    disclosure,
    handover,
    home,
    logs,
    people,
    records,
    routing,
    systems,
)
from commonbeat.interfaces.web.office.editor_views import editor_urls

SORT = {"asking": "incidentsort"}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="office"),
    path("agency/", agency.agency, name="office_agency"),
    path("agency/history/", agency.agency_history, name="office_agency_history"),
    path("agency/restore/", agency.agency_restore, name="office_agency_restore"),
    path("logo/<slug:sha>.<slug:kind>", agency.logo, name="agency_logo"),
    path("holiday/import/", agency.holidays_import, name="office_holidays_import"),
    path("area/upload/", areas.upload, name="office_areas_upload"),
    path("area/upload/<str:token>/shapes.json", areas.preview_shapes, name="office_areas_preview"),
    path("area/serving/", areas.serving, name="office_areas_serving"),
    path("area/populations/", areas.populations, name="office_areas_populations"),
    path("user/invite/", people.invite, name="office_user_invite"),
    path("user/<int:pk>/do/", people.do, name="office_user_do"),
    path("user/<int:pk>/handover/", handover.show, name="office_user_handover"),
    path("category/<int:pk>/questions/", categories.questions, name="office_questions"),
    path("category/<int:pk>/questions/do/", categories.question_do, name="office_question_do"),
    path("category/<int:pk>/questions/new/", categories.question, name="office_question_new"),
    path("category/<int:pk>/questions/edit/<str:code>/", categories.question, name="office_question"),
    path("incidentsort/<int:pk>/questions/", categories.questions, SORT, name="office_sort_questions"),
    path("incidentsort/<int:pk>/questions/do/", categories.question_do, SORT, name="office_sort_question_do"),
    path("incidentsort/<int:pk>/questions/new/", categories.question, SORT, name="office_sort_question_new"),
    path("incidentsort/<int:pk>/questions/edit/<str:code>/", categories.question, SORT, name="office_sort_question"),
    path("routingrule/<int:pk>/move/", routing.move, name="office_routing_move"),
    path("routingrule/explain/", routing.explain, name="office_routing_explain"),
    path("routingrule/trial/", routing.trial, name="office_routing_trial"),
    path("routingrule/try/", routing.try_rule, name="office_routing_try_new"),
    path("routingrule/<int:pk>/try/", routing.try_rule, name="office_routing_try"),
    path("keys/", systems.keys, name="office_keys"),
    path("keys/new/", systems.key_new, name="office_key_new"),
    path("keys/<int:pk>/revoke/", systems.key_revoke, name="office_key_revoke"),
    path("webhook/new/", systems.webhook_new, name="office_webhook_new"),
    path("webhook/<int:pk>/do/", systems.webhook_do, name="office_webhook_do"),
    path("deliveries/", logs.deliveries, name="office_deliveries"),
    path("deliveries/<int:pk>/again/", logs.delivery_again, name="office_delivery_again"),
    path("access/", logs.access_log, name="office_access_log"),
    path("retention/", records.retention, name="office_retention"),
    path("retention/do/", records.retention_do, name="office_retention_do"),
    path("persons/", records.persons, name="office_persons"),
    path("requests/", disclosure.requests, name="records_requests"),
    path("requests/<int:number>/", disclosure.show, name="records_request"),
    path("requests/<int:number>/do/", disclosure.do, name="records_request_do"),
    path("requests/<int:number>/bundle.zip", disclosure.bundle, name="records_request_bundle"),
    path("requests/<int:number>/<str:reference>/", disclosure.review, name="records_request_case"),
    *editor_urls(),
]
