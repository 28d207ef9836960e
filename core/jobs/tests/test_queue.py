"""The fair queue's rules, on real rows."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.exceptions import QueueFull, QuotaExceeded
from core.jobs import leases, queue
from core.jobs.links import Silent
from core.jobs.models import Job, Status
from core.jobs.worker import Worker


def put(share: str, *, lane: str = "device", priority: int = 0) -> Job:
    turn = queue.next_turn(lane=lane, share=share, priority=priority)
    return Job.objects.create(
        kind="test", parameters={}, owner=share, share=share, lane=lane, priority=priority, turn=turn
    )


def drain(lane: str = "device") -> list[Job]:
    claimed = []
    while job := queue.claim(lane=lane, worker="w"):
        leases.finish(job, Status.DONE)
        claimed.append(job)
    return claimed


@pytest.mark.django_db
class TestOrder:
    def test_a_newcomer_is_served_after_one_job_of_a_long_backlog(self) -> None:
        for _ in range(50):
            put("ann")
        first = queue.claim(lane="device", worker="w")
        assert first is not None
        put("bob")

        shares = [job.share for job in drain()]

        assert shares.index("bob") <= 1

    def test_higher_priority_goes_first_and_lanes_are_apart(self) -> None:
        slow, quick, other = put("ann"), put("ann", priority=5), put("ann", lane="cpu")

        assert [job.pk for job in drain("device")] == [quick.pk, slow.pk]
        assert [job.pk for job in drain("cpu")] == [other.pk]

    def test_a_job_of_low_priority_that_waits_holds_no_round_open(self) -> None:
        """Else it would save up turns for a later burst: whoever came then would go before everybody."""
        put("eve", priority=-1)
        for _ in range(20):
            put("ann")
        for _ in range(10):
            claimed = queue.claim(lane="device", worker="w")
            assert claimed is not None
            leases.finish(claimed, Status.DONE)
        for _ in range(5):
            put("bob")

        assert [job.share for job in drain()][:6].count("bob") == 3

    def test_position_is_the_order_of_claims(self) -> None:
        jobs = [put(share, priority=priority) for share in "aabbc" for priority in (0, 1)]
        expected = sorted(jobs, key=lambda job: queue.position(job) or 0)

        assert [queue.position(job) for job in expected] == list(range(1, len(jobs) + 1))
        assert [job.pk for job in drain()] == [job.pk for job in expected]
        assert queue.position(Job.objects.get(pk=jobs[0].pk)) is None


class FairnessProperties(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from(["ann", "bob", "eve", None]), max_size=40))
    def test_nobody_is_served_three_times_while_another_waits(self, script: list[str | None]) -> None:
        """`script`: a share submits a job; None: a slot claims and finishes one."""
        Job.objects.all().delete()
        submitted, claimed = Counter[str](), Counter[str]()
        since: dict[str, Counter[str]] = {}  # for each share that waits: who was served since it last was
        for share in [*script, *[None] * len(script)]:
            if share:
                put(share)
                submitted[share] += 1
                since.setdefault(share, Counter())
            elif job := queue.claim(lane="device", worker="w"):
                leases.finish(job, Status.DONE)
                claimed[job.share] += 1
                for waiting, served in since.items():
                    if waiting != job.share:
                        served[job.share] += 1
                        assert served[job.share] < 3, (
                            f"{waiting} waited while {job.share} was served three times"
                        )
                since[job.share] = Counter()
                if claimed[job.share] == submitted[job.share]:
                    del since[job.share]

        assert claimed == submitted
        assert not since


@pytest.mark.django_db
class TestRoom:
    def test_quota_counts_one_share_and_the_queue_counts_all(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.STUDIO_MAX_PENDING_PER_OWNER, settings.STUDIO_MAX_QUEUE = 2, 3
        put("ann"), put("ann"), put("bob")

        with pytest.raises(QuotaExceeded) as quota:
            queue.check_room(share="ann")
        with pytest.raises(QueueFull):
            queue.check_room(share="bob")

        assert quota.value.retry_after
        drain()
        queue.check_room(share="ann")


@pytest.mark.django_db
class TestLeases:
    def test_a_worker_that_lost_its_lease_writes_nothing(self) -> None:
        put("ann")
        old = queue.claim(lane="device", worker="old")
        assert old is not None
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        leases.reclaim_expired()
        new = queue.claim(lane="device", worker="new")
        assert new is not None

        assert not leases.finish(old, Status.DONE, result={"from": "old"})
        assert leases.finish(new, Status.DONE, result={"from": "new"})
        assert not leases.finish(new, Status.ERROR)
        assert Job.objects.get().result == {"from": "new"}

    def test_after_three_lost_workers_a_job_ends_in_error(self) -> None:
        put("ann")
        for attempt in (1, 2, 3):
            job = queue.claim(lane="device", worker="w")
            assert job is not None
            assert job.attempt == attempt
            Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
            leases.reclaim_expired()

        assert Job.objects.get().status == Status.ERROR
        assert Job.objects.get().error["code"] == "worker_lost"

    def test_of_jobs_that_a_worker_died_over_twice_one_runs_at_a_time(self) -> None:
        """One of them kills the worker, the others were only there: they shall not end with it."""
        for share in ("ann", "bob"):
            put(share)
        for _ in range(2):
            while queue.claim(lane="device", worker="w"):
                pass
            leases.reclaim(Q(worker="w"))
        put("eve")

        claimed = [queue.claim(lane="device", worker="w") for _ in range(2)]

        assert [job and job.share for job in claimed] == ["ann", "eve"]
        assert queue.claim(lane="device", worker="w") is None
        leases.reclaim(Q(worker="w"))
        assert [job.share for job in Job.objects.filter(status=Status.ERROR)] == ["ann"]
        assert [job.share for job in drain()] == ["bob", "eve"]

    def test_a_lost_job_whose_cancel_was_asked_for_is_cancelled(self) -> None:
        put("ann")
        queue.claim(lane="device", worker="w")
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1), cancel_requested=True)

        leases.reclaim_expired()

        assert Job.objects.get().status == Status.CANCELLED

    def test_a_released_job_has_its_attempt_back(self) -> None:
        put("ann")
        job = queue.claim(lane="device", worker="w")
        assert job is not None
        leases.release(job)

        again = queue.claim(lane="device", worker="other")

        assert again is not None
        assert again.attempt == 1

    def test_renewal_tells_which_jobs_are_to_be_cancelled(self) -> None:
        put("ann"), put("bob")
        first, second = queue.claim(lane="device", worker="w"), queue.claim(lane="device", worker="w")
        assert first is not None
        assert second is not None
        Job.objects.filter(pk=second.pk).update(cancel_requested=True)

        both = [first.pk, second.pk]
        assert leases.renew(worker="w", running=both) == {first.pk: False, second.pk: True}
        assert leases.renew(worker="somebody else", running=both) == {}

    def test_a_job_that_no_slot_runs_any_more_is_not_kept(self) -> None:
        put("ann")
        job = queue.claim(lane="device", worker="w")
        assert job is not None
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

        Worker(name="w", slots={}, link=Silent())._renew()
        leases.reclaim_expired()

        assert Job.objects.get().status == Status.QUEUED
