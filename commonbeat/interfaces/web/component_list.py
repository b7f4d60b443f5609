"""Every component with its parameters and examples: what the gallery shows and the tests walk through."""

from __future__ import annotations

from django import forms

from commonbeat.interfaces.web.component_records import RECORDS
from commonbeat.interfaces.web.components import Component


class FilterExample(forms.Form):
    """Two fields, enough to show a filter bar."""

    category = forms.ChoiceField(choices=[("", "All"), ("noise", "Noise")], required=False)
    place = forms.CharField(required=False, label="Street or area")


LEADING: tuple[Component, ...] = (
    Component(
        "alert",
        {
            "kind": "info, success, warning, error or emergency",
            "title": "a short sentence",
            "text": "a sentence or two",
            "items": "list of sentences",
            "link": "{url, label}",
            "role": "alert or status when it appears later",
        },
        (
            {"title": "Your report is on its way", "text": "We write to you by Friday.", "kind": "success"},
            {"text": "Photos may take a minute to appear."},
            {
                "kind": "warning",
                "title": "This text may name a person",
                "items": ["a telephone number", "a plate"],
            },
            {
                "kind": "error",
                "title": "This was not saved",
                "text": "Somebody changed it meanwhile. Read it, then try again.",
            },
            {
                "kind": "emergency",
                "title": "Is this happening now? Call 911.",
                "text": "Nobody reads this form at once.",
                "link": {"url": "tel:911", "label": "Call 911"},
            },
        ),
    ),
    Component(
        "card",
        {
            "title": "what it is about",
            "url": "where the whole card leads",
            "text": "a sentence",
            "meta": "list of short facts",
            "status": "{tone, label, icon}",
            "image": "URL",
            "image_alt": "what it shows",
            "icon": "icon's name",
        },
        (
            {
                "title": "Street light out on Drexel Boulevard",
                "url": "#card",
                "text": "The lamp was replaced.",
                "meta": ["Hyde Park", "4 March 2026"],
                "status": {"tone": "done", "label": "Solved"},
            },
            {
                "title": "Report a concern",
                "url": "#report",
                "icon": "campaign",
                "text": "Takes about three minutes.",
            },
        ),
    ),
    Component(
        "step_indicator",
        {"steps": "names of all steps", "current": "number of the present one, from 1"},
        ({"steps": ["What", "Where", "Details", "Contact"], "current": 2},),
    ),
    Component(
        "pagination",
        {
            "newer_url": "address of newer rows or none",
            "older_url": "address of older rows or none",
            "label": "name for it",
        },
        (
            {"newer_url": "#newer", "older_url": "#older", "label": "Pages of concerns"},
            {"older_url": "#older", "label": "More"},
        ),
    ),
    Component(
        "empty",
        {
            "title": "what is missing",
            "text": "what to do about it",
            "icon": "icon's name",
            "actions": "list of {url, label}",
        },
        (
            {
                "title": "Nothing is waiting for you",
                "text": "New concerns of your area appear here.",
                "actions": [{"url": "#enter", "label": "Enter a report"}],
            },
        ),
    ),
    Component(
        "filters",
        {
            "form": "a form whose fields filter",
            "action": "address of the list",
            "active": "list of {label, remove_url}",
            "clear_url": "address without filters",
            "label": "name for screen readers",
        },
        (
            {
                "form": FilterExample(prefix="example"),
                "action": "#list",
                "clear_url": "#all",
                "active": [{"label": "Noise", "remove_url": "#without"}],
            },
        ),
    ),
    Component(
        "confirm",
        {
            "title": "the question",
            "text": "what will happen",
            "items": "list of effects",
            "action": "address to send to",
            "label": "words on the button",
            "name": "button's name",
            "value": "button's value",
            "danger": "cannot be undone",
            "cancel_url": "way back",
            "cancel_label": "its words",
            "hidden": "values sent along",
        },
        (
            {
                "title": "Publish this outcome?",
                "items": ["Everybody can read it.", "Followers get an e-mail."],
                "action": "#publish",
                "label": "Publish",
                "cancel_url": "#back",
                "hidden": {"version": 3},
            },
            {
                "title": "Withdraw this report?",
                "text": "We stop working on it.",
                "action": "#withdraw",
                "label": "Withdraw it",
                "danger": True,
                "cancel_url": "#back2",
                "cancel_label": "Keep it",
            },
        ),
    ),
    Component(
        "errors",
        {"form": "a form with errors", "errors": "list of {text, href} besides", "title": "other heading"},
        (
            {
                "errors": [
                    {"text": "Write what happened.", "href": "#what"},
                    {"text": "The photo is larger than 12 MB."},
                ]
            },
        ),
    ),
    Component(
        "search_box",
        {
            "action": "address",
            "name": "query's name",
            "value": "what was searched",
            "label": "what one can find",
            "hint": "how",
            "id": "id, unique in the page",
        },
        (
            {
                "action": "#search",
                "label": "Find a category",
                "hint": "Say it in your own words: loud music, dumped sofa.",
                "id": "example-search",
                "value": "lamp",
            },
        ),
    ),
    Component(
        "tabs",
        {"items": "list of {label, url, current, count}", "label": "name for screen readers"},
        (
            {
                "label": "Lists",
                "items": [
                    {"label": "Mine", "url": "#mine", "current": True, "count": 4},
                    {"label": "My area", "url": "#area", "count": 12},
                    {"label": "All", "url": "#everything"},
                ],
            },
        ),
    ),
    Component(
        "buttons",
        {
            "items": "list of {label, url | name and value, kind: outline|secondary|unstyled|big, key, icon}",
            "fill": "full width on phones",
        },
        (
            {
                "items": [
                    {"label": "Send", "name": "send", "value": "1"},
                    {"label": "Go back", "url": "#prev", "kind": "outline"},
                ]
            },
        ),
    ),
    Component(
        "copy_code",
        {"id": "id, unique in the page", "code": "what is copied"},
        ({"id": "example-code", "code": "7F3K-9QTM-2HXD"},),
    ),
    Component("back", {"url": "where to", "label": "other words than Back"}, ({"url": "#before"},)),
    Component(
        "details",
        {"summary": "the line that opens it", "text": "what it hides", "open": "open from the start"},
        ({"summary": "Why do you ask for this?", "text": "It tells us which team can help."},),
    ),
    Component(
        "toast",
        {
            "text": "what was done",
            "action": "address that undoes it",
            "hidden": "values sent along",
            "until": "end of the undo window",
        },
        ({"text": "12 concerns assigned.", "action": "#undo", "hidden": {"deed": "1"}},),
    ),
)

COMPONENTS = LEADING + RECORDS
