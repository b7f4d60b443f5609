"""Addresses of evidence, under the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.evidence import board, bringing, looking, scorecard, sources

urlpatterns: list[URLPattern | URLResolver] = [
    path("", looking.home, name="evidence"),
    path("board/", board.show, name="evidence_board"),
    path("board.csv", board.download, name="evidence_board_file"),
    path("look/<slug:measure>/<slug:look>/", looking.look, name="evidence_look"),
    path("look/<slug:measure>/<slug:look>.<slug:sort>", looking.download, name="evidence_file"),
    path("scorecard/", scorecard.show, name="scorecard"),
    path("scorecard.<slug:sort>", scorecard.download, name="scorecard_file"),
    path("reporting/", scorecard.reporting, name="reporting"),
    path("reporting.<slug:sort>", scorecard.reporting_download, name="reporting_file"),
    path("sources/", sources.sources, name="evidence_sources"),
    path("sources/<slug:slug>/", sources.source, name="evidence_source"),
    path("sources/<slug:slug>/use/", sources.use, name="evidence_source_use"),
    path("sources/<slug:slug>/delete/", sources.delete, name="evidence_source_delete"),
    path("bring/", bringing.bring, name="evidence_bring"),
    path("imports/<int:number>/", bringing.show, name="evidence_import"),
    path("imports/<int:number>/do/", bringing.do, name="evidence_import_do"),
    path("imports/<int:number>/rejected.csv", bringing.rejected, name="evidence_rejected"),
]
