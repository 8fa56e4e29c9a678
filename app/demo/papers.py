"""What the demo's clinic has settled for its papers, and what its nurses ask for the monitoring form."""

from app.demo.api_client import Document
from app.demo.patients import Person
from app.domain.forms import Answer, Medicine

SETTLED: Document = {
    "care_setting": "Outpatient clinic (demo)",
    "address": "1 Invented Avenue\nNowhere, NY 00000",
    "phone": "+1 555 0100",
    "email": "ward@demo-clinic.example",
    "enrolment_number": "DEMO-0000",
    "form_days": 7,
    "instructions": (
        "Go home with the person who came to fetch you.\n"
        "Do not drive, ride a bicycle or use machines until tomorrow, after a night's sleep.\n"
        "Drink no alcohol today. Take your other medicines as you were told.\n"
        "Call us if you feel worse than when you left, or if you are not sure."
    ),
    "values_on_sheet": False,
}
ENROLLED: Document = {"enrolled": Answer.YES.value}


def form_answers(person: Person, watcher: str, *, first: bool) -> Document:
    """What a nurse asked: every group of medicines, and who watched. Made from the patient, without chance."""
    return {
        "first_treatment": (Answer.YES if first else Answer.NO).value,
        "medicines": {
            group.value: (Answer.YES if (person.id.int >> (8 * place)) % 5 == 0 else Answer.NO).value
            for place, group in enumerate(Medicine)
        },
        "monitored_by": watcher,
    }
