"""What the tables of security surveys hold about people: the weak points of somebody's place, told and erased."""

from commonbeat.cases.personal import PERSONAL, PersonalTable

PERSONAL.add(
    PersonalTable(
        "service.Survey", apart={"answers": "Keys of the checklist; what was found is told with its words."}
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "service.Finding", case="survey__case", told=("seen", "advice", "note"), erased=("seen", "advice", "note")
    )
)
