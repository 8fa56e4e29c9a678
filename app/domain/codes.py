"""The permanent codes a rule decides with, each beside the words it stands for; `sentences` puts the values in.

Codes and parameters are kept and signed, words are not: they can change without a new verdict. A name in braces is
looked up among the formers of `sentences`, then the parameters, then the limits that the finding was held against.
"""

from enum import StrEnum
from typing import Self

IN_SET = "in the set at {at}: "
_AGAIN = "look again in the next set"
_OVERRIDE = "the rules do not bend for it, a signed override with a reason is the intended way"
_USUAL = f"where that is this patient's usual, {_OVERRIDE}"
_ADD_DOSE = "add the infusion-started or nasal-device-given event"
_NO_SET = "there is no recovery set: take one after the dose has ended"
_PRESSURE = "blood pressure {pressure} at {at}, from {pressure_limit} on"
_DROP = "at most {max_drop} below the baseline {shown}"


class Code(StrEnum):
    """Permanent, never reused: why a finding came out as it did, or one part of that. `template` are its words."""

    template: str

    def __new__(cls, code: str, template: str = "") -> Self:
        """A member is its code; its words hang on it."""
        one = str.__new__(cls, code)
        one._value_ = code
        one.template = template
        return one

    # any criterion
    COULD_NOT_BE_EVALUATED = (
        "could-not-be-evaluated",
        "could not be evaluated ({where}): the rules failed on these facts, tell whoever runs the service",
    )
    NO_RECOVERY_SET = "no-recovery-set", _NO_SET

    # dose-finished
    DOSE_ENDED = "dose-ended", "the dose ended at {ended_at}"
    INFUSION_RUNNING = (
        "infusion-running",
        "the infusion begun at {started_at} is running: add the infusion-stopped event at its end",
    )
    INFUSION_ON_PAUSE = (
        "infusion-on-pause",
        "the infusion begun at {started_at} is paused: add the infusion-stopped event at its end",
    )
    NO_DOSE = "no-dose", f"no dose is on record: {_ADD_DOSE}"
    DOSE_CANNOT_BE = "dose-cannot-be", "the dose events cannot be so: {cannot_be}"
    ALREADY_UNDER_WAY = (
        "already-under-way",
        (
            "{kind} at {at}, but an infusion was already under way: "
            "void it, or add the infusion-stopped that came before it"
        ),
    )
    NOTHING_RUNNING = (
        "nothing-running",
        (
            "{kind} at {at}, but no infusion was running: "
            "void it, or add the infusion-started or infusion-resumed before it"
        ),
    )
    NOTHING_UNDER_WAY = (
        "nothing-under-way",
        "{kind} at {at}, but no infusion was under way: void it, or add the infusion-started before it",
    )
    NOTHING_PAUSED = (
        "nothing-paused",
        "{kind} at {at}, but no infusion was paused: void it, or add the infusion-paused before it",
    )

    # clocks-certain
    CLOCKS_AGREED = "clocks-agreed", "every reading and event was timed by a clock that agreed with the service"
    CLOCKS_IN_DOUBT = (
        "clocks-in-doubt",
        "the tablet's clock was in doubt for {doubtful}: correct the time, or void and enter it again",
    )

    # minutes-since-dose
    MINUTES_HAVE_RUN = "minutes-have-run", "{clocks}"
    MINUTES_RUNNING = "minutes-running", "{clocks}"
    DOSE_EVENT_MISSING = "dose-event-missing", "{clocks}"
    CLOCK_HAS_RUN = "clock-has-run", "{minutes} minutes from {clock} had run at {until}"
    CLOCK_RUNNING = "clock-running", "{minutes} minutes from {clock} run until {until}: wait"
    CLOCK_WITHOUT_EVENT = (
        "clock-without-event",
        "there is no {clock} to count {minutes} minutes from: add the event",
    )

    # baseline-sound, and the baseline itself
    BASELINE_BEFORE_NO_DOSE = (
        "baseline-before-no-dose",
        f"no dose is on record, so no reading is known to lie before it: {_ADD_DOSE}",
    )
    BASELINE_SOUND = "baseline-is-sound", "the baseline is sound: {why}"
    BASELINE_ACCEPTED = (
        "baseline-accepted",
        "a clinician accepted the baseline as it stands, though it is not sound: {why}",
    )
    BASELINE_NOT_FORMED = (
        "baseline-not-formed",
        "no baseline can be formed: {why}; enter what was measured before the dose, if it was",
    )
    BASELINE_NOT_SOUND = "baseline-not-sound", "the baseline is not sound until a clinician accepts it: {why}"
    BASELINE_INSIDE = "baseline-inside", "inside the baseline limits, fully conscious, not dissociated"
    BASELINE_IN_DOUBT = "baseline-in-doubt", "{doubts}"
    BASELINE_PROVISIONAL = "baseline-provisional", "provisional, as no dose has begun: {why}"
    DOUBT_BELOW = "doubt-below", "{vital} {value} is below {limit} at {at}"
    DOUBT_ABOVE = "doubt-above", "{vital} {value} is above {limit} at {at}"
    DOUBT_CONSCIOUSNESS_NOT_GIVEN = "doubt-consciousness-not-given", "consciousness was not given at {at}"
    DOUBT_NOT_CONSCIOUS = "doubt-not-conscious", "the patient was not fully conscious at {at}"
    DOUBT_DISSOCIATION_NOT_GIVEN = "doubt-dissociation-not-given", "dissociation was not given at {at}"
    DOUBT_DISSOCIATED = "doubt-dissociated", "the patient was dissociated at {at}"
    REFERENCE_TAKEN = "reference-taken", "{method} of {readings} readings, from {first} to {last}"
    READINGS_DISAGREE = (
        "readings-disagree",
        "the readings at {at} disagree on {vital}: correct or void the one that is wrong",
    )
    TOO_FEW_READINGS = (
        "too-few-readings",
        (
            "of {vital} {counted} of the {needed} readings needed count: before the dose start by at most "
            "{max_age} minutes, and at least {spacing} minutes apart"
        ),
    )
    OXYGEN_NOT_SHARED = "oxygen-not-shared", "the baseline SpO2 readings do not share one kind of oxygen"

    # the newest set, any item
    SET_CLOCK_IN_DOUBT = (
        "set-clock-in-doubt",
        f"{IN_SET}the tablet's clock was in doubt: correct the reading's time or take another set",
    )

    # heart-rate-recovered, systolic-recovered, diastolic-recovered, respiratory-rate-recovered
    VITAL_NOT_GIVEN = "vital-not-given", f"{IN_SET}{{vital}} was not given: measure it in the next set"
    VITAL_NOT_MEASURED = (
        "vital-not-measured",
        f"{IN_SET}{{vital}} was not measured ({{reason}}): measure it in the next set",
    )
    NO_REFERENCE = "no-reference", f"{IN_SET}{{vital}} {{value}} has no baseline to be compared with ({{why}})"
    BEYOND_LIMIT_WITHOUT_REFERENCE = (
        "beyond-limit-without-reference",
        f"{IN_SET}{{vital}} {{value}} is {{beyond}}, and there is no baseline to compare with: {_AGAIN}",
    )
    NO_ROOM = (
        "no-room",
        f"{IN_SET}{{vital}} {{value}}: no value is both {{near}} and from {{floor}} to {{ceiling}}, {_OVERRIDE}",
    )
    BEYOND_LIMIT_NEAR_BASELINE = (
        "beyond-limit-near-baseline",
        f"{IN_SET}{{vital}} {{value}} is {{beyond}}, though it is {{near}}: {_USUAL}",
    )
    BEYOND_LIMIT = "beyond-limit", f"{IN_SET}{{vital}} {{value}} is {{beyond}}, and outside {{allowed}}: {_AGAIN}"
    FAR_FROM_BASELINE = (
        "far-from-baseline",
        f"{IN_SET}{{vital}} {{value}} lies outside {{allowed}}, which is {{near}}: {_AGAIN}",
    )
    NEAR_BASELINE = "near-baseline", f"{IN_SET}{{vital}} {{value}} is {{near}}, between {{floor}} and {{ceiling}}"

    # spo2-recovered
    SPO2_BELOW_FLOOR = "spo2-below-floor", f"{IN_SET}SpO2 {{value}} is below the floor {{floor}}: {_AGAIN}"
    SPO2_BELOW_FLOOR_NEAR_BASELINE = (
        "spo2-below-floor-near-baseline",
        f"{IN_SET}SpO2 {{value}} is below the floor {{floor}}, though {_DROP}: {_USUAL}",
    )
    SPO2_DROPPED = (
        "spo2-dropped",
        f"{IN_SET}SpO2 {{value}} is more than {{max_drop}} below the baseline {{shown}}: {_AGAIN}",
    )
    SPO2_NEAR_BASELINE = "spo2-near-baseline", f"{IN_SET}SpO2 {{value}} is at least {{floor}} and {_DROP}"
    OXYGEN_NOT_GIVEN = (
        "oxygen-not-given",
        f"{IN_SET}what the patient breathed was not given: say it in the next set",
    )
    ON_ROOM_AIR = "on-room-air", f"{IN_SET}room air"
    FLOW_NOT_GIVEN = "flow-not-given", f"{IN_SET}oxygen was given without its flow: correct the reading"
    NO_BASELINE_OXYGEN = (
        "no-baseline-oxygen",
        f"{IN_SET}on {{oxygen}}, and there is no baseline oxygen to compare with ({{why}})",
    )
    BASELINE_ON_ROOM_AIR = (
        "baseline-on-room-air",
        f"{IN_SET}on {{oxygen}}, where the baseline was on room air: take a set without it when that is safe",
    )
    BASELINE_FLOW_NOT_GIVEN = (
        "baseline-flow-not-given",
        f"{IN_SET}on {{oxygen}}, and the baseline flow was not given",
    )
    MORE_OXYGEN = "more-oxygen", f"{IN_SET}on {{oxygen}}, more than the baseline's {{baseline_oxygen}}: {_AGAIN}"
    NO_MORE_OXYGEN = "no-more-oxygen", f"{IN_SET}{{oxygen}}, no more than the baseline's {{baseline_oxygen}}"
    ROOM_AIR_WHILE_OXYGEN_RUNS = (
        "room-air-while-oxygen-runs",
        f"{IN_SET}the reading says room air while the events say that oxygen runs: correct one of the two",
    )
    OXYGEN_RUNNING = (
        "oxygen-running",
        f"{IN_SET}oxygen was running by the events: stop it when it is safe, then take a set on room air",
    )
    OXYGEN_STARTED_SINCE = (
        "oxygen-started-since",
        (
            "oxygen was started at {oxygen_started_at}, after the newest set at {at}, and runs: "
            "stop it when it is safe, then take sets on room air"
        ),
    )

    # consciousness-recovered
    CONSCIOUSNESS_NOT_GIVEN = (
        "consciousness-not-given",
        f"{IN_SET}consciousness was not given: grade it by {{wanted_scale}}",
    )
    CONSCIOUSNESS_NOT_MEASURED = (
        "consciousness-not-measured",
        f"{IN_SET}consciousness was not measured ({{reason}}): grade it by {{wanted_scale}}",
    )
    OTHER_SCALE = "other-scale", f"{IN_SET}consciousness was graded by {{scale}}: grade it by {{wanted_scale}}"
    FULLY_CONSCIOUS = "fully-conscious", f"{IN_SET}{{scale}} {{value}} is fully conscious"
    NOT_FULLY_CONSCIOUS = "not-fully-conscious", f"{IN_SET}{{scale}} {{value}} is not fully conscious: {_AGAIN}"

    # dissociation-absent
    DISSOCIATION_NOT_GIVEN = (
        "dissociation-not-given",
        f"{IN_SET}dissociation was not given: grade it in the next set",
    )
    DISSOCIATION_NOT_MEASURED = (
        "dissociation-not-measured",
        f"{IN_SET}dissociation was not measured ({{reason}}): grade it in the next set",
    )
    DISSOCIATED = "dissociated", f"{IN_SET}dissociation was graded {{value}}: {_AGAIN}"
    DISSOCIATED_AS_BEFORE = (
        "dissociated-as-before",
        f"{IN_SET}dissociation was graded {{value}}: the patient was dissociated before the dose too, {_OVERRIDE}",
    )
    SCORE_ABOVE_ZERO = (
        "score-above-zero",
        f"{IN_SET}dissociation was graded none, but a score beside it is above 0: {_AGAIN}",
    )
    SCORE_ABOVE_ZERO_AS_BEFORE = (
        "score-above-zero-as-before",
        (
            f"{IN_SET}dissociation was graded none, but a score beside it is above 0: "
            f"the patient was dissociated before the dose too, {_OVERRIDE}"
        ),
    )
    NOT_SCORED = (
        "not-scored",
        f"{IN_SET}dissociation was graded none but not scored by {{wanted_instrument}}: score it in the next set",
    )
    NOT_DISSOCIATED = "not-dissociated", f"{IN_SET}dissociation was graded none, and no score is above 0"

    # gait-steady, orientated
    GAIT_NOT_SEEN = "gait-not-seen", f"{IN_SET}gait was not looked at: look in the next set"
    GAIT_STEADY = "gait-was-steady", f"{IN_SET}gait was steady"
    GAIT_UNSTEADY = "gait-unsteady", f"{IN_SET}gait was not steady: {_AGAIN}"
    GAIT_UNSTEADY_AS_BEFORE = (
        "gait-unsteady-as-before",
        f"{IN_SET}gait was not steady: it was so before the dose too, {_OVERRIDE}",
    )
    ORIENTATION_NOT_ASKED = "orientation-not-asked", f"{IN_SET}orientation was not asked: ask in the next set"
    ORIENTATED = "was-orientated", f"{IN_SET}the patient was orientated"
    NOT_ORIENTATED = "not-orientated", f"{IN_SET}the patient was not orientated: {_AGAIN}"

    # sustained
    NEWEST_SET_INCOMPLETE = (
        "newest-set-incomplete",
        "the newest set, at {newest_at}, is incomplete: take a complete one ({wanted_sets} are needed)",
    )
    RUN_LONG_ENOUGH = "run-long-enough", "the run of good sets has {run}; {wanted_sets} are needed"
    RUN_TOO_SHORT = (
        "run-too-short",
        "the run of good sets has {run}: go on taking sets until there are {wanted_sets}",
    )
    RUN_BEGAN_ANEW = (
        "run-began-anew",
        (
            "the run of good sets has {run}; it began anew after {began_after}: "
            "go on taking sets until there are {wanted_sets}"
        ),
    )
    AFTER_SET = "after-set", "the {grade} set at {at}"
    AFTER_GAP = "after-gap", "a gap of more than {max_gap} minutes before the set at {at}"
    AFTER_MEDICATION = "after-medication", "a medication was given at {at}"
    AFTER_OXYGEN_STARTED = "after-oxygen-started", "oxygen was started at {at}"
    AFTER_OXYGEN_STOPPED = "after-oxygen-stopped", "oxygen was stopped at {at}"
    AFTER_SYMPTOM_RESOLVED = "after-symptom-resolved", "{symptom} was resolved at {at}"

    # fresh
    SET_FRESH = "set-fresh", "the newest complete set, at {newest_complete_at}, is fresh until {fresh_until}"
    NEWEST_SET_LACKS_ITEM = (
        "newest-set-lacks-item",
        "the newest set, at {newest_at}, lacks an item: take a complete set",
    )
    SET_TOO_OLD = "set-too-old", "the newest set, at {newest_at}, was fresh until {fresh_until}: take a set"

    # symptoms-settled
    SYMPTOM_BLOCKS = "symptom-blocks", "{blocking} is open: record symptom-resolved when it has gone"
    SYMPTOM_WITHOUT_SEVERITY = (
        "symptom-without-severity",
        "{ungraded} is open: correct the reading to give its severity",
    )
    NO_SET_TO_ASK_IN = "no-set-to-ask-in", f"{_NO_SET}, and ask about symptoms"
    SYMPTOMS_NOT_ASKED = (
        "symptoms-not-asked",
        "symptoms were not asked for certain in the newest set, at {newest_at}: ask in the next one",
    )
    NO_SYMPTOM_BLOCKS = "no-symptom-blocks", "symptoms were asked at {newest_at}, and none that blocks is open"

    # medication-settled
    MEDICATION_SETTLING = "medication-settling", "{settling}: wait"
    EVERY_MEDICATION_SETTLED = "every-medication-settled", "every medication given had settled at {settled_at}"
    NO_MEDICATION = "no-medication", "no medication was given"

    # concerns-acknowledged, and the concerns themselves
    CONCERN_WAITS = "concern-waits", "{waiting}: a clinician must acknowledge it"
    EVERY_CONCERN_SEEN = "every-concern-seen", "a clinician has acknowledged every concern that needs it"
    NO_CONCERN = "no-concern", "no reading raised a concern that a clinician must acknowledge"
    CONCERN_BELOW = "concern-below", "{vital} {value} at {at} is below {limit}"
    CONCERN_ABOVE = "concern-above", "{vital} {value} at {at} is above {limit}"
    CONCERN_FAR = "concern-far", "{vital} {value} at {at} is more than {limit} from the baseline {baseline}"

    # escort-present
    NO_ESCORT = (
        "no-escort",
        "nothing was entered about an escort: enter who takes the patient home, once they are seen here",
    )
    ESCORT_WITHOUT_NAME = "escort-without-name", "the escort has no name: enter it"
    ESCORT_NOT_SEEN = "escort-not-seen", "the escort was not seen present: enter it when they are here"
    ESCORT_BEFORE_THE_END = (
        "escort-before-the-end",
        "the dose has not ended: the escort must be seen present after it has",
    )
    ESCORT_SEEN_TOO_EARLY = (
        "escort-seen-too-early",
        "the escort was seen at {present_at}, not after the dose end at {dose_ended_at}: look again and enter it",
    )
    ESCORT_SEEN = "escort-seen", "the escort was seen present at {present_at}, after the dose end at {dose_ended_at}"

    # tablets-in-step
    TABLET_BEHIND = (
        "tablet-behind",
        (
            "tablet {behind} has this session open and holds unsent items or an unfinished set, "
            "or is silent: bring it into reach, or release it with a reason"
        ),
    )
    EVERY_TABLET_IN_STEP = "every-tablet-in-step", "every tablet that has this session open is in step"
    NO_TABLET = "no-tablet", "no tablet has this session open, and nothing of it is held elsewhere"

    # before the dose: what is missing to start
    NOT_SCREENED = "not-screened", "answer the eight exclusions"
    EXCLUSION_NOT_ANSWERED = "exclusion-not-answered", "answer this one: {exclusion}"
    EXCLUSION_PRESENT = (
        "exclusion-present",
        "{exclusion} is present: a clinician must override it with a reason, or there is no dose",
    )
    SAME_DAY_NOT_ANSWERED = "same-day-not-answered", "answer this one of the same-day check: {question}"
    SAME_DAY_ASKS = (
        "same-day-asks",
        "{question} {answer}: a clinician must clear this item for this session",
    )
    SAME_DAY_STOPS = (
        "same-day-stops",
        "{question} {answer}: a clinician must override it with a reason, or there is no dose",
    )
    SAME_DAY_TOO_OLD = (
        "same-day-too-old",
        "the same-day check was asked at {asked_at}, more than {hours} hours before: ask it again",
    )
    NOT_CLEARED = "not-cleared", "a clinician must clear the course or this session"
    CLEARANCE_ENDED = (
        "clearance-ended",
        "the clearance ended at {until}: a clinician must clear this session anew",
    )
    BASELINE_SETS_MISSING = "baseline-sets-missing", "{counted} of {needed} baseline sets count: take another"
    BASELINE_TOO_OLD = (
        "baseline-too-old",
        "fewer than {needed} baseline sets are at most {max_age} minutes old: take new ones",
    )
    WEIGHT_NOT_GIVEN = "weight-not-given", "the weight is not given: enter it before the infusion"

    # prompts: shown, and asked for by no criterion
    PRESSURE_RAISED = "pressure-raised", f"{_PRESSURE}: measure again from {{due}}"
    PRESSURE_STAYS_RAISED = (
        "pressure-stays-raised",
        f"{_PRESSURE}, again: call a clinician, and measure again from {{due}}",
    )
    PRESSURE_FAR_RAISED = "pressure-far-raised", f"{_PRESSURE}: call a clinician, and measure again from {{due}}"
