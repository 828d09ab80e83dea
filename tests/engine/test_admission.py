"""The queue alone: who is refused, who starts next."""

import gc
import threading
import time
import weakref

import pytest

from tests.engine._support import MakeJob
from xiutu.engine.admission import PATIENCE, Admission, Bounds, Ticket
from xiutu.engine.job import Outcome
from xiutu.errors import DeadlineExceeded, NoWorkers, Overloaded


def admission(
    slots: int = 2, waiting: int = 20, megabytes: float = 100.0, waiting_bytes: int = 1000
) -> Admission:
    return Admission(Bounds(slots, waiting, megabytes, waiting_bytes))


def take(queue: Admission) -> Ticket:
    ticket = queue.take(0)
    assert ticket is not None
    return ticket


def test_first_in_first_out(job: MakeJob) -> None:
    queue = admission()
    tickets = [queue.put(job("echo")) for _ in range(5)]
    assert [take(queue) for _ in range(5)] == tickets
    assert queue.take(0) is None


def test_bound_counts_waiting_and_running(job: MakeJob) -> None:
    queue = admission(slots=2, waiting=3)
    for _ in range(5):
        queue.put(job("echo"))
    with pytest.raises(Overloaded):
        queue.put(job("echo"))
    running = take(queue)
    with pytest.raises(Overloaded):
        queue.put(job("echo"))
    queue.done(running)
    queue.put(job("echo"))
    assert queue.refused == 2


def test_bound_of_waiting_bytes(job: MakeJob) -> None:
    queue = admission(waiting_bytes=1000)
    queue.put(job("echo", inputs={"image": bytes(5000)}))  # alone, any size may wait
    with pytest.raises(Overloaded):
        queue.put(job("echo", inputs={"image": b"x"}))
    take(queue)
    queue.put(job("echo", inputs={"image": bytes(600)}))
    with pytest.raises(Overloaded):
        queue.put(job("echo", inputs={"image": bytes(300), "mask": bytes(101)}))
    queue.put(job("echo", inputs={"image": bytes(300), "mask": bytes(100)}))


def test_estimates_of_running_jobs_stay_within_the_budget(job: MakeJob) -> None:
    queue = admission(slots=4, megabytes=100)
    first = queue.put(job("echo", megabytes=60))
    second = queue.put(job("echo", megabytes=50))
    assert take(queue) is first
    assert queue.take(0) is None
    queue.done(first)
    assert take(queue) is second


def test_a_job_beyond_the_whole_budget_runs_alone(job: MakeJob) -> None:
    queue = admission(slots=4, megabytes=100)
    small = queue.put(job("echo", megabytes=1))
    giant = queue.put(job("echo", megabytes=5000))
    assert take(queue) is small
    assert queue.take(0) is None
    queue.done(small)
    assert take(queue) is giant
    queue.put(job("echo", megabytes=1))
    assert queue.take(0) is None


def test_small_jobs_pass_a_big_one_a_few_times_only(job: MakeJob) -> None:
    queue = admission(slots=20, megabytes=100)
    holder = queue.put(job("echo", megabytes=60))
    big = queue.put(job("echo", megabytes=90))
    small = [queue.put(job("echo", megabytes=1)) for _ in range(PATIENCE + 3)]
    assert take(queue) is holder
    passed = [take(queue) for _ in range(PATIENCE)]
    assert passed == small[:PATIENCE]
    assert queue.take(0) is None, "there is room, but the big job has waited long enough"
    for ticket in (holder, *passed):
        queue.done(ticket)
    assert take(queue) is big
    assert take(queue) is small[PATIENCE]


def test_a_big_job_never_starves_under_a_stream_of_small_ones(job: MakeJob) -> None:
    queue = admission(slots=4, waiting=100, megabytes=100)
    running = []
    for _ in range(3):
        queue.put(job("echo", megabytes=30))
        running.append(take(queue))
    big = queue.put(job("echo", megabytes=95))
    rounds = 0
    while big not in running and rounds < 50:
        rounds += 1
        queue.put(job("echo", megabytes=30))
        queue.done(running.pop(0))
        while (ticket := queue.take(0)) is not None:
            running.append(ticket)
    assert big in running
    assert rounds <= PATIENCE + 4


def test_late_job_is_dropped_without_running(job: MakeJob) -> None:
    queue = admission()
    late = queue.put(job("echo", seconds=0))
    fine = queue.put(job("echo"))
    assert take(queue) is fine
    with pytest.raises(DeadlineExceeded):
        late.future.result(0)


def test_deadline_is_answered_even_while_nothing_can_start(job: MakeJob) -> None:
    queue = admission(megabytes=10)
    queue.put(job("echo", megabytes=10))
    take(queue)
    late = queue.put(job("echo", megabytes=10, seconds=0.05))
    started = time.monotonic()
    assert queue.take(0.3) is None
    assert time.monotonic() - started >= 0.29
    assert isinstance(late.future.exception(0), DeadlineExceeded)
    assert queue.load() == (0, 1, 10)


def test_cancelled_job_makes_room(job: MakeJob) -> None:
    queue = admission(slots=1, waiting=0)
    ticket = queue.put(job("echo"))
    assert ticket.future.cancel()
    assert queue.load() == (0, 0, 0)
    other = queue.put(job("echo"))
    assert take(queue) is other
    assert not other.future.cancel()


def test_take_wakes_up_for_a_new_job(job: MakeJob) -> None:
    queue = admission()
    threading.Timer(0.1, lambda: queue.put(job("echo"))).start()
    started = time.monotonic()
    assert queue.take(10) is not None
    assert time.monotonic() - started < 5


def test_close_refuses_but_hands_out_what_waits(job: MakeJob) -> None:
    queue = admission()
    ticket = queue.put(job("echo"))
    queue.close()
    with pytest.raises(NoWorkers):
        queue.put(job("echo"))
    assert not queue.finished
    assert take(queue) is ticket
    assert queue.finished
    assert queue.take(10) is None


def test_drain_fails_what_waits_with_an_error_each(job: MakeJob) -> None:
    queue = admission()
    tickets = [queue.put(job("echo")) for _ in range(2)]
    queue.drain(NoWorkers("stopped"))
    found = [ticket.future.exception(0) for ticket in tickets]
    assert [type(error) for error in found] == [NoWorkers, NoWorkers]
    assert found[0] is not found[1]


def test_callback_may_submit_again(job: MakeJob) -> None:
    queue = admission(slots=1, waiting=0)
    again: list[Ticket] = []
    ticket = queue.put(job("echo", seconds=0))
    ticket.future.add_done_callback(lambda _: again.append(queue.put(job("echo"))))
    assert take(queue) is again[0]


def test_owners_take_turns(job: MakeJob) -> None:
    queue = admission(slots=2)
    loud = [queue.put(job("echo", owner="loud")) for _ in range(4)]
    quiet = [queue.put(job("echo", owner="quiet")) for _ in range(2)]
    assert [take(queue) for _ in range(2)] == [loud[0], quiet[0]]
    queue.done(loud[0])
    assert take(queue) is loud[1], "the quiet one has a job running already"
    queue.done(quiet[0])
    assert take(queue) is quiet[1]


def test_a_full_queue_has_room_for_who_has_less(job: MakeJob) -> None:
    queue = admission(slots=1, waiting=3)
    running = queue.put(job("echo", owner="loud"))
    assert take(queue) is running
    loud = [queue.put(job("echo", owner="loud")) for _ in range(3)]
    queue.put(job("echo", owner="quiet"))
    assert isinstance(loud[2].future.exception(0), Overloaded)
    assert [ticket.future.done() for ticket in loud] == [False, False, True]
    for owner in ("loud", "quiet"):  # 2 and 1 of 3 waiting
        with pytest.raises(Overloaded):
            queue.put(job("echo", owner=owner))
    queue.put(job("echo", owner="third"))
    assert isinstance(loud[1].future.exception(0), Overloaded)
    assert queue.load()[:2] == (3, 1)
    assert queue.refused == 4


def test_nobody_is_displaced_in_vain(job: MakeJob) -> None:
    queue = admission(slots=1, waiting=20, waiting_bytes=1000)
    loud = [queue.put(job("echo", inputs={"image": bytes(300)}, owner="loud")) for _ in range(3)]
    with pytest.raises(Overloaded):  # one of the loud ones gone would not be enough
        queue.put(job("echo", inputs={"image": bytes(700)}, owner="quiet"))
    assert not any(ticket.future.done() for ticket in loud)
    queue.put(job("echo", inputs={"image": bytes(400)}, owner="quiet"))
    assert loud[2].future.done()


def test_one_owner_cannot_starve_under_many(job: MakeJob) -> None:
    queue = admission(slots=1, waiting=50)
    mine = [queue.put(job("echo", owner="mine")) for _ in range(3)]
    taken = []
    for number in range(12):
        queue.put(job("echo", owner=f"other {number}"))
        taken.append(take(queue))
        queue.done(taken[-1])
    assert all(ticket in taken for ticket in mine)


def test_a_finished_job_is_gone_without_the_garbage_collector(job: MakeJob) -> None:
    """It holds the pictures: in reference cycles a busy server kept seventy megabytes of them."""
    queue = admission()
    gc.disable()
    try:
        ticket = queue.put(job("echo"))
        gone = weakref.ref(ticket)
        queue.done(take(queue))
        ticket.succeed(Outcome({}, {}))
        del ticket
        assert gone() is None
    finally:
        gc.enable()
