"""Addresses of surveys and populations, below /desk/surveys/."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.evidence.surveys import bringing, heard, looking, pages, populations

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.survey_list, name="surveys"),
    path("bring/", bringing.bring, name="survey_bring"),
    path("imports/<int:number>/", bringing.show, name="survey_import"),
    path("imports/<int:number>/do/", bringing.do, name="survey_import_do"),
    path("imports/<int:number>/rejected.csv", bringing.rejected, name="survey_rejected"),
    path("populations/", populations.population_list, name="populations"),
    path("populations/bring/", populations.bring, name="population_bring"),
    path("populations/<int:number>/", populations.show, name="population"),
    path("populations/<int:number>/do/", populations.do, name="population_do"),
    path("heard-from/", heard.heard_from, name="heard_from"),
    path("heard-from/<slug:by>/", heard.heard_from, name="heard_from_by"),
    path("heard-from/<slug:by>.<slug:sort>", heard.download, name="heard_from_file"),
    path("series/<slug:slug>/", pages.series, name="survey"),
    path("series/<slug:slug>/delete/", pages.delete_series, name="survey_delete"),
    path("waves/<int:number>/", pages.wave, name="survey_wave"),
    path("waves/<int:number>/weights/", pages.weights, name="survey_weights"),
    path("waves/<int:number>/facts/", pages.facts, name="survey_facts"),
    path("waves/<int:number>/<slug:deed>/", pages.do, name="survey_wave_do"),
    path("waves/<int:number>/look/<slug:look>/", looking.look, name="survey_look"),
    path("waves/<int:number>/look/<slug:look>.<slug:sort>", looking.download, name="survey_file"),
]
