"""Addresses of activities on the desk."""

from django.urls import path

from commonbeat.interfaces.web.activities import lists, pages

urlpatterns = [
    path("meetings/", lists.meetings, name="meetings"),
    path("meetings.csv", lists.table, name="meetings_table"),
    path("meetings/new/", pages.new, name="meeting_new"),
    path("meetings/<int:number>/", pages.meeting, name="meeting"),
    path("meetings/<int:number>/change/", pages.change, name="meeting_change"),
    path("meetings/<int:number>/off/", pages.call_off, name="meeting_off"),
    path("meetings/<int:number>/record/", pages.record, name="meeting_record"),
]
