from catenae.running.local.notices import KEPT, Notices


def test_the_last_few_notices_are_kept_and_all_are_counted() -> None:
    notices = Notices()
    for number in range(KEPT + 2):
        notices.add(str(number))

    assert notices.count == KEPT + 2
    assert notices.texts == tuple(str(number) for number in range(2, KEPT + 2))


def test_what_somebody_waits_for_is_told_once_for_each_outage() -> None:
    notices = Notices()
    for reason in ("no answer", "still no answer", "", "no answer"):
        notices.waits("counter", reason)

    assert notices.texts == ("counter waits: no answer", "counter waits: no answer")
