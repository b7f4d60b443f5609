"""Addresses of the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.desk import case, enter, lists, many, people, photos, publishing, searches, steps, work

urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.inbox, name="inbox"),
    path("map.geojson", lists.points, name="desk_points"),
    path("cases.csv", lists.table, name="desk_table"),
    path("tasks/", people.my_tasks, name="my_tasks"),
    path("new/", enter.enter, name="enter_report"),
    path("new/categories/", enter.found, name="enter_report_find"),
    path("new/questions/", enter.questions, name="enter_questions"),
    path("bulk/", many.choose, name="bulk"),
    path("bulk/<int:number>/", many.result, name="bulk_result"),
    path("bulk/<int:number>/undo/", many.take_back_many, name="bulk_undo"),
    path("searches/", searches.searches, name="saved_searches"),
    path("searches/<int:number>/", searches.search, name="saved_search"),
    path("publishing/", publishing.queue, name="publishing"),
    path("publishing/<int:number>/", publishing.show, name="publication"),
    path("publishing/<int:number>/point.geojson", publishing.point, name="publication_point"),
    path("publishing/<int:number>/<slug:what>/", publishing.change, name="change_publication"),
    path("identity/", people.identity_requests, name="identity_requests"),
    path("identity/<int:number>/", people.decide, name="decide_identity"),
    path("<str:reference>/", case.show, name="desk_case"),
    path("<str:reference>/point.geojson", case.point, name="desk_point"),
    path("<str:reference>/undo/", steps.take_back, name="take_back"),
    path("<str:reference>/agreements/<int:number>/", work.agreement, name="case_agreement"),
    path("<str:reference>/letter/", work.notice_letter, name="notice_letter"),
    path("<str:reference>/tasks/", people.task_add, name="task_add"),
    path("<str:reference>/tasks/<int:number>/", people.task_done, name="task_done"),
    path("<str:reference>/people/<int:number>/contact/", people.contact, name="open_contact"),
    path("<str:reference>/people/<int:number>/identity/", people.identity, name="ask_identity"),
    path("<str:reference>/files/<int:number>/", photos.photo_page, name="case_photo"),
    path("<str:reference>/files/<int:number>/<slug:change>/", photos.photo_change, name="change_photo"),
    path("<str:reference>/<slug:step>/", steps.take, name="take_step"),
]
