"""The states of an alert, as a pure function of readings and time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixillo.ops.alerts.measurements import Reading
from mixillo.ops.alerts.rules import PAGE, SHARE, TICKET, Rule
from mixillo.ops.alerts.states import Alert, advance, notice, told

# The driver's threads draw random numbers too, which Hypothesis takes for the strategies' doing.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
START = datetime(2026, 5, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = Rule("r", "Rule", PAGE, SHARE, 0.10, 20, lambda *_: Reading(None, 0, ""), "Act.", evaluations=2)


def walk(*values: float | None, rule: Rule = RULE, step: timedelta = MINUTE, sample: int = 100) -> list[Alert]:
    """Return the alert after each reading, one ``step`` after the other; ``None`` has no sample."""
    alerts, alert = [], Alert("r")
    for number, value in enumerate(values):
        reading = Reading(value, 0 if value is None else sample, "")
        alert = advance(alert, rule, reading, START + number * step)
        alerts.append(alert)
    return alerts


def states(*values: float | None, **more) -> list[str]:
    return [alert.state for alert in walk(*values, **more)]


def test_bad_twice_in_a_row_fires_and_good_twice_in_a_row_resolves() -> None:
    assert states(0.0, 0.5, 0.5, 0.5, 0.0, 0.0) == ["ok", "pending", "firing", "firing", "firing", "resolved"]


def test_a_single_bad_evaluation_never_fires() -> None:
    assert "firing" not in states(0.5, 0.0, 0.5, 0.0, 0.5, 0.09, 0.5, 0.0)


def test_it_must_hold_for_its_time() -> None:
    rule = replace(RULE, hold=5 * MINUTE)
    assert states(*[0.5] * 7, rule=rule) == ["pending"] * 5 + ["firing"] * 2


def test_what_lies_just_below_the_threshold_does_not_end_an_alert() -> None:
    assert states(0.5, 0.5, 0.09, 0.09, 0.09, 0.081)[-1] == "firing"
    assert states(0.5, 0.5, 0.09, 0.08, 0.08)[-1] == "resolved"


def test_the_clear_evaluations_must_follow_each_other() -> None:
    assert states(0.5, 0.5, 0.0, 0.09, 0.0, 0.5, 0.0)[-1] == "firing"


def test_the_threshold_itself_is_still_good() -> None:
    assert states(0.10, 0.10, 0.10) == ["ok"] * 3


def test_too_small_a_sample_is_neither_ok_nor_an_alert() -> None:
    assert states(0.9, 0.9, 0.9, sample=19) == ["insufficient data"] * 3
    assert states(0.0, 0.0, sample=19) == ["insufficient data"] * 2
    assert states(0.9, 0.9, sample=20)[-1] == "firing"


def test_missing_data_does_not_end_what_was_open() -> None:
    alerts = walk(0.5, 0.5, None, None, 0.5)
    assert [alert.state for alert in alerts[2:]] == ["insufficient data"] * 2 + ["firing"]
    assert {alert.opened_at for alert in alerts[1:]} == {START + MINUTE}
    after = told(alerts[1], "firing", START)
    assert notice(advance(after, RULE, Reading(None, 0, ""), START + 60 * MINUTE), RULE, START + 60 * MINUTE) is None


def test_evaluations_in_quick_succession_are_one() -> None:
    assert states(*[0.5] * 20, step=timedelta(seconds=1)) == ["pending"] * 20
    assert states(0.5, 0.5, step=timedelta(seconds=30)) == ["pending", "firing"]


def test_a_resolved_alert_is_ok_after_an_hour() -> None:
    assert states(0.5, 0.5, 0.0, 0.0, *[0.0] * 60)[-2:] == ["resolved", "ok"]


def test_a_rule_that_is_switched_off_is_off() -> None:
    alert = advance(walk(0.5, 0.5)[-1], replace(RULE, enabled=False), Reading(None, 0, ""), START + 5 * MINUTE)
    assert (alert.state, alert.opened_at) == ("off", None)


def tell(values: list[float], rule: Rule = RULE, **fixed) -> list[tuple[int, str]]:
    """Return in which minute people are told what."""
    alert, found = Alert("r", **fixed), []
    for number, value in enumerate(values):
        now = START + number * MINUTE
        alert = advance(alert, rule, Reading(value, 100, ""), now)
        if kind := notice(alert, rule, now):
            alert = told(alert, kind, now)
            found.append((number, kind))
    return found


def test_people_are_told_when_it_fires_and_when_it_is_over() -> None:
    assert tell([0.5] * 30 + [0.0] * 30) == [(1, "firing"), (31, "resolved")]


def test_flapping_is_told_at_most_once_in_15_minutes() -> None:
    flapping = [0.5, 0.5, 0.0, 0.0] * 30
    minutes = [minute for minute, _kind in tell(flapping)]
    assert all(later - earlier >= 15 for earlier, later in zip(minutes, minutes[1:], strict=False))


def test_what_has_changed_back_within_15_minutes_is_not_told() -> None:
    assert tell([0.5, 0.5, 0.0, 0.0, 0.5, 0.5, *[0.5] * 30]) == [(1, "firing")]


def test_what_ended_on_good_figures_is_told_even_when_figures_are_few_by_then() -> None:
    alert = told(walk(0.5, 0.5)[-1], "firing", START)
    for minute in (2, 3):
        alert = advance(alert, RULE, Reading(0.0, 100, ""), START + minute * MINUTE)
    alert = advance(alert, RULE, Reading(0.0, 3, ""), START + 20 * MINUTE)
    assert (alert.state, notice(alert, RULE, START + 20 * MINUTE)) == ("insufficient data", "resolved")


def test_a_silence_holds_back_until_it_expires() -> None:
    silence = {"until": START + 20 * MINUTE}
    assert tell([0.5] * 30, silence=silence) == [(20, "firing")]
    assert tell([0.5] * 10 + [0.0] * 30, silence=silence) == []
    assert walk(0.5, 0.5)[-1].shown(START) == "firing"
    assert replace(walk(0.5, 0.5)[-1], silence=silence).shown(START) == "silenced"


def test_a_page_is_repeated_until_somebody_acknowledges() -> None:
    hours = [0.5] * 600
    assert tell(hours) == [(1, "firing"), (241, "reminder"), (481, "reminder")]
    assert tell(hours, rule=replace(RULE, severity=TICKET)) == [(1, "firing")]


def test_an_acknowledgement_ends_with_the_alert() -> None:
    seen = replace(walk(0.5, 0.5)[-1], acknowledgement={"by": "me"})
    assert seen.shown(START) == "acknowledged"
    assert notice(told(seen, "firing", START), RULE, START + timedelta(hours=5)) is None
    over = seen
    for minute in (5, 6):
        over = advance(over, RULE, Reading(0.0, 100, ""), START + minute * MINUTE)
    assert (over.state, over.acknowledgement) == ("resolved", None)


readings = st.lists(
    st.tuples(st.one_of(st.none(), st.floats(0, 0.3)), st.integers(0, 40), st.integers(1, 1_200)), max_size=60
)


@given(readings)
def test_whatever_is_read_the_promises_hold(read: list[tuple[float | None, int, int]]) -> None:
    alert, now, told_at = Alert("r"), START, None
    for value, sample, seconds in read:
        now += timedelta(seconds=seconds)
        before, alert = alert, advance(alert, RULE, Reading(value, sample, ""), now)
        if value is None or sample < RULE.minimum_sample:
            assert alert.state == "insufficient data"
        if alert.state == "firing" and before.opened_at is None:
            assert value is not None
            assert value > RULE.threshold
            assert before.state == "pending"
        if before.opened_at and not alert.opened_at:
            assert value is not None
            assert value <= 0.08 + 1e-9
        if kind := notice(alert, RULE, now):
            assert told_at is None or now - told_at >= timedelta(minutes=15)
            alert, told_at = told(alert, kind, now), now
        assert advance(alert, RULE, Reading(value, sample, ""), now) == alert
