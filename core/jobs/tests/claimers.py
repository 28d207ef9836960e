"""`python -m core.jobs.tests.claimers COUNT CLAIMERS`: processes that claim jobs side by side.

Prints one line a claim: the job's id. Run by test_claiming.py with STUDIO_DATABASE_URL set.
"""

import multiprocessing
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")


def claim_all(number: int, results: "multiprocessing.SimpleQueue[str]") -> None:
    import django

    django.setup()
    from core.jobs import leases, queue
    from core.jobs.models import Status

    while job := queue.claim(lane="device", worker=f"claimer-{number}"):
        results.put(f"{job.pk} {job.attempt}")
        assert leases.finish(job, Status.DONE)
    results.put("")


def main(count: int, claimers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from core.jobs import queue
    from core.jobs.models import Job, Status

    call_command("migrate", verbosity=0)
    for number in range(count):
        share = f"share-{number % 7}"
        Job.objects.create(
            kind="test",
            parameters={},
            owner=share,
            share=share,
            lane="device",
            turn=queue.next_turn(lane="device", share=share),
        )
    connection.close()
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    processes = [context.Process(target=claim_all, args=(number, results)) for number in range(claimers)]
    for process in processes:
        process.start()
    ended = 0
    while ended < claimers:
        line = results.get()
        ended += not line
        if line:
            sys.stdout.write(f"{line}\n")
    for process in processes:
        process.join()
    unfinished = Job.objects.exclude(status=Status.DONE).count()
    sys.exit(any(process.exitcode for process in processes) or unfinished > 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
