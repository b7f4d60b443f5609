"""Pages made of declarations say what the declarations say."""

from __future__ import annotations

from commonbeat.interfaces.cli.docs import PAGES, out_of_date


def test_generated_pages_are_up_to_date() -> None:
    assert out_of_date() == [], "run `make docs` and commit what it writes"


def test_they_name_every_step_every_role_and_every_address() -> None:
    from commonbeat.cases.kind import KINDS
    from tests.contracts.walking import routes

    workflows, addresses = PAGES["workflows.md"](), PAGES["routes.md"]()
    assert all(f"`{step.slug}`" in workflows for kind in KINDS for step in kind.workflow.steps)
    assert all(route.path.replace("|", "\\|") in addresses for route in routes())
