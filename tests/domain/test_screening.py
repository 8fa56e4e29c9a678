from app.domain.screening import LABELS, Exclusion


def test_the_eight_exclusions_have_their_permanent_ids():
    assert [exclusion.value for exclusion in Exclusion] == [
        "active-substance-abuse",
        "no-negative-urine-toxicology",
        "history-of-psychosis",
        "raised-intracranial-pressure",
        "pregnancy",
        "uncontrolled-hypertension",
        "unstable-cardiovascular-disease",
        "previous-negative-response",
    ]
    assert set(LABELS) == set(Exclusion)
