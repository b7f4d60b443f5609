"""Addresses of the studio, below /desk/studies/."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.studio import data, outcomes, pages, plans, runs, studies

urlpatterns: list[URLPattern | URLResolver] = [
    path("", studies.study_list, name="studies"),
    path("new/", studies.new, name="study_new"),
    path("new/records/", studies.new_from_records, name="study_new_records"),
    path("data/new/", data.new, name="study_data_new"),
    path("data/<int:number>.csv", data.table, name="study_data"),
    path("<int:number>/", studies.show, name="study"),
    path("<int:number>/plan/", plans.plan, name="study_plan"),
    path("<int:number>/outcomes/", outcomes.show, name="study_outcomes"),
    path("<int:number>/outcomes/<slug:what>/", outcomes.change, name="study_outcomes_change"),
    path("<int:number>/freeze/", plans.freeze_plan, name="study_freeze"),
    path("<int:number>/versions/<int:version>/", plans.version, name="study_version"),
    path("<int:number>/data/", data.newer, name="study_newer_data"),
    path("<int:number>/dose/", data.dose, name="study_dose"),
    path("<int:number>/run/", runs.start, name="study_run_start"),
    path("<int:number>/runs/<int:run>/", runs.show, name="study_run"),
    path("<int:number>/runs/<int:run>/cancel/", runs.cancel, name="study_run_cancel"),
    path("<int:number>/runs/<int:run>/report.json", runs.as_json, name="study_run_json"),
    path("<int:number>/runs/<int:run>/report.pdf", runs.as_pdf, name="study_run_pdf"),
    path("<int:number>/runs/<int:run>/<slug:picture>.svg", runs.picture, name="study_picture"),
    path("<int:number>/page/", pages.page, name="study_page"),
    path("<int:number>/page/<slug:what>/", pages.change, name="study_page_change"),
]
