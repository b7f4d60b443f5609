"""Editors of how cases are worked, declared: rows, form, columns, roles, and the pages beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commonbeat.cases import tracked as case_rows
from commonbeat.cases.categories import Category
from commonbeat.cases.keeping import RetentionRule
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, ResponseTemplate, RoutingRule
from commonbeat.cases.redating import applied
from commonbeat.cases.tags import Tag
from commonbeat.cases.work_records import SoundLimit
from commonbeat.core.actor import Role
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor, yes
from commonbeat.interfaces.web.office.forms.categories import CategoryForm
from commonbeat.interfaces.web.office.forms.retention import RetentionRuleForm, days_name, outcome_name
from commonbeat.interfaces.web.office.forms.routing import RoutingRuleForm, TemplateForm
from commonbeat.interfaces.web.office.forms.sound import SoundLimitForm
from commonbeat.interfaces.web.office.forms.systems import WebhookForm
from commonbeat.interfaces.web.office.forms.tags import TagForm
from commonbeat.interfaces.web.office.routing_words import conditions_of
from commonbeat.journal import tracked as rows
from commonbeat.journal.models import Delivery, Webhook


def _words(category: Any) -> Any:
    texts = {text.language: text for text in category.texts.all()}
    return texts.get(get_language() or "en") or texts.get("en") or next(iter(texts.values()), None)


def _category_context(category: Any, request: HttpRequest) -> dict[str, Any]:
    words, questions = _words(category), reverse("office_questions", kwargs={"pk": category.pk})
    return {
        "title": words.name if words else category.code,
        "top_links": [
            {"url": questions, "label": _("Questions")},
            {"url": f"{reverse('sign')}?category={category.pk}&language=en", "label": _("Sign with a QR code")},
        ],
        "questions_url": questions,
        "question_count": len(category.questions),
        "uses": Case.objects.filter(category=category)[:1000].count(),
        "radius": max(2, category.public_precision_m * 1.9 * 0.12),
        "precision": category.public_precision_m,
    }


CATEGORIES = EDITORS.add(
    Editor(
        tracked=case_rows.CATEGORY,
        form=CategoryForm,
        title=gettext_lazy("Categories"),
        one=gettext_lazy("Category"),
        add_label=gettext_lazy("Add a category"),
        intro=gettext_lazy(
            "What residents can report: words, questions, clocks, who handles it, and what the public sees."
        ),
        columns=(
            Column(gettext_lazy("Name"), lambda row: getattr(_words(row), "name", row.code)),
            Column(gettext_lazy("Group"), lambda row: getattr(_words(row), "group", "")),
            Column(gettext_lazy("Questions"), lambda row: len(row.questions), number=True),
            Column(
                gettext_lazy("Hours to read / to answer"),
                lambda row: f"{row.acknowledge_hours:g} / {row.respond_hours:g}",
                number=True,
            ),
            Column(gettext_lazy("Sensitive"), lambda row: yes(row.sensitive)),
        ),
        rows=lambda: Category.objects.prefetch_related("texts").order_by("kind", "order", "code"),
        search=("code", "texts__name", "texts__group"),
        form_template="pages/office/parts/category_form.html",
        panels="pages/office/parts/category.html",
        context=_category_context,
    )
)


def _rule_target(rule: Any) -> str:
    names = [rule.user.name if rule.user_id else "", rule.team.name if rule.team_id else ""]
    if rule.area_officer:
        names.insert(0, _("the officer of the area"))
    return ", ".join(name for name in names if name)


ROUTING = EDITORS.add(
    Editor(
        tracked=case_rows.ROUTING_RULE,
        form=RoutingRuleForm,
        title=gettext_lazy("Routing"),
        one=gettext_lazy("Rule"),
        add_label=gettext_lazy("Add a rule"),
        intro=gettext_lazy("Who gets a new case: the first rule whose conditions all hold decides."),
        columns=(
            Column(gettext_lazy("Rule"), lambda rule: f"{rule.order}. {rule.name}"),
            Column(gettext_lazy("When"), lambda rule: conditions_of(rule.when)),
            Column(gettext_lazy("Goes to"), _rule_target),
            Column(gettext_lazy("On"), lambda rule: yes(rule.active)),
        ),
        rows=lambda: RoutingRule.objects.select_related("team", "user").order_by("order", "id"),
        roles=(Role.ADMIN, Role.SUPERVISOR),
        retires=False,
        removes=True,
        views=(),
        links=(
            ("office_routing_explain", gettext_lazy("Explain a report")),
            ("office_routing_trial", gettext_lazy("Try on past cases")),
        ),
        panels="pages/office/parts/routing_rule.html",
        buttons="pages/office/parts/try_button.html",
        context=lambda rule, request: {
            "move_url": reverse("office_routing_move", kwargs={"pk": rule.pk}),
            "title": rule.name,
        },
    )
)

TEMPLATES = EDITORS.add(
    Editor(
        tracked=case_rows.TEMPLATE,
        form=TemplateForm,
        title=gettext_lazy("Response templates"),
        one=gettext_lazy("Template"),
        add_label=gettext_lazy("Add a template"),
        intro=gettext_lazy("Form letters that staff choose while they take a step. Fields in braces are filled in."),
        columns=(
            Column(gettext_lazy("Title"), "title"),
            Column(gettext_lazy("Code"), "slug"),
            Column(gettext_lazy("Language"), "language"),
            Column(gettext_lazy("Steps"), lambda row: ", ".join(row.steps)),
        ),
        rows=lambda: ResponseTemplate.objects.order_by("slug", "language"),
        search=("title", "slug", "body"),
        roles=(Role.ADMIN, Role.SUPERVISOR, Role.EDITOR),
        panels="pages/office/parts/template.html",
        context=lambda row, request: _sample(row),
    )
)


def _sample(row: Any) -> dict[str, Any]:
    from commonbeat.interfaces.web.office.letters import FIELDS, preview

    return {"title": row.title, "sample": preview(row.body), "letter_fields": FIELDS}


TAGS = EDITORS.add(
    Editor(
        tracked=case_rows.TAG,
        form=TagForm,
        title=gettext_lazy("Tags"),
        one=gettext_lazy("Tag"),
        add_label=gettext_lazy("Add a tag"),
        intro=gettext_lazy(
            "A few words for sorts of matter that no category says. Tags describe the matter, never a person or what "
            "somebody believes. Only staff of the department see them."
        ),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("When to put it on"), "description"),
            Column(gettext_lazy("Code"), "code"),
        ),
        rows=lambda: Tag.objects.order_by("name"),
        search=("name", "code", "description"),
        roles=(Role.ADMIN, Role.SUPERVISOR),
        context=lambda tag, request: {
            "top_links": [{"url": f"/desk/?view=all&tag={tag.pk}", "label": _("Cases with this tag")}]
        },
    )
)


def _deliveries(hook: Any) -> list[dict[str, Any]]:
    from commonbeat.interfaces.web.office.logs import delivery_row

    recent = Delivery.objects.filter(channel="webhook", context__webhook=hook.pk).order_by("-pk")[:20]
    return [delivery_row(row) for row in recent]


WEBHOOKS = EDITORS.add(
    Editor(
        tracked=rows.WEBHOOK,
        form=WebhookForm,
        title=gettext_lazy("Webhooks"),
        one=gettext_lazy("Webhook"),
        add_label=gettext_lazy("Add a webhook"),
        intro=gettext_lazy("Other systems that are told of events on cases, each message signed."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("Address"), "url"),
            Column(gettext_lazy("Events"), lambda hook: len(hook.verbs) or _("all"), number=True),
            Column(gettext_lazy("State"), lambda hook: _("Paused") if hook.paused_at else _("Running")),
        ),
        rows=lambda: Webhook.objects.order_by("name"),
        retires=False,
        adds=False,
        views=(),
        links=(("office_webhook_new", gettext_lazy("Add a webhook")),),
        panels="pages/office/parts/webhook.html",
        context=lambda hook, request: {
            "title": hook.name,
            "deliveries": _deliveries(hook),
            "hook_url": reverse("office_webhook_do", kwargs={"pk": hook.pk}),
        },
    )
)

SOUND_LIMITS = EDITORS.add(
    Editor(
        tracked=case_rows.SOUND_LIMIT,
        form=SoundLimitForm,
        title=gettext_lazy("Sound limits"),
        one=gettext_lazy("Sound limit"),
        add_label=gettext_lazy("Add a limit"),
        intro=gettext_lazy(
            "How loud it may be, by zone and time of day, as your ordinance says. Measurements are compared with it; "
            "one made earlier keeps the limit that held then."
        ),
        columns=(
            Column(gettext_lazy("Zone"), lambda row: row.zone),
            Column(gettext_lazy("Time of day"), lambda row: f"{row.starts:%H:%M}–{row.ends:%H:%M}"),
            Column(gettext_lazy("dB(A)"), lambda row: f"{row.level_db:g}", number=True),
            Column(gettext_lazy("Source"), lambda row: row.source),
        ),
        rows=lambda: SoundLimit.objects.order_by("zone", "starts", "id"),
        search=("zone", "source"),
        roles=(Role.ADMIN, Role.SUPERVISOR),
    )
)


def _retention_context(rule: Any, request: HttpRequest) -> dict[str, Any]:
    declared = KINDS[rule.kind].declared(rule.outcome)
    return {
        "title": f"{_(KINDS[rule.kind].plural)} – {outcome_name(rule.kind, rule.outcome)}",
        "declared": days_name(declared.days),
        "reason": _(declared.reason),
        "applied": applied(rule),
    }


RETENTION_RULES = EDITORS.add(
    Editor(
        tracked=case_rows.RETENTION_RULE,
        form=RetentionRuleForm,
        title=gettext_lazy("Times to keep"),
        one=gettext_lazy("Time to keep"),
        add_label=gettext_lazy("Set a time"),
        intro=gettext_lazy(
            "Where the law of your state or your records schedule wants another time than the one declared. What is "
            "out of use gives way to the declared time."
        ),
        columns=(
            Column(
                gettext_lazy("Cases that ended with"),
                lambda row: f"{_(KINDS[row.kind].plural)} – {outcome_name(row.kind, row.outcome)}",
            ),
            Column(gettext_lazy("Kept for"), lambda row: days_name(row.days)),
            Column(gettext_lazy("Declared"), lambda row: days_name(KINDS[row.kind].declared(row.outcome).days)),
            Column(gettext_lazy("Legal basis"), "basis"),
        ),
        rows=lambda: RetentionRule.objects.filter(kind__in=[kind.slug for kind in KINDS]).order_by("kind", "outcome"),
        roles=(Role.ADMIN, Role.RECORDS),
        panels="pages/office/parts/retention_rule.html",
        context=_retention_context,
        links=(("office_retention", gettext_lazy("Keeping and disposal")),),
    )
)
