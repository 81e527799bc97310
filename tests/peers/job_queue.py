#!/usr/bin/env python3
"""The queue with workers in Python: job_queue.py ADDRESS [REST]

Two of job_worker.py drain a queue; one is killed with jobs in its hands. A dead letter is mended and replayed, by REST where
an address is given. Cron expressions run when PyPI's croniter says, where it is installed.
"""

import datetime
import json
import sys
import uuid
import zoneinfo
from pathlib import Path

import grpc

from people import check, get, report, until
from worker_process import WorkerProcess

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "proto"))
jobs, job_services = grpc.protos_and_services("selfology/queue/v1/queue_service.proto")
admin, admin_services = grpc.protos_and_services("selfology/queue/v1/queue_admin_service.proto")
schedules, schedule_services = grpc.protos_and_services("selfology/queue/v1/schedule_service.proto")
job_messages = grpc.protos("selfology/queue/v1/job.proto")

ADDRESS, REST = (sys.argv[1:] + [""])[:2]
QUEUE = f"peers-{uuid.uuid4().hex[:8]}"
KEYS = 5
JOBS = 120
S = 30

channel = grpc.insecure_channel(ADDRESS)
queue = job_services.QueueServiceStub(channel)
queues = admin_services.QueueAdminServiceStub(channel)
cron = schedule_services.ScheduleServiceStub(channel)


workers = []


def start_worker(name):
    workers.append(WorkerProcess(name, [sys.executable, str(HERE / "job_worker.py"), ADDRESS, QUEUE, name]))


def enqueue(specifications):
    request = jobs.EnqueueJobsRequest(idempotency_key=uuid.uuid4().hex)
    for specification in specifications:
        payload = specification.pop("payload")
        request.jobs.add(queue=QUEUE, **specification).payload.update(payload)
    return list(queue.EnqueueJobs(request, timeout=S).job_ids)


def read(job_id):
    return queue.GetJob(jobs.GetJobRequest(job_id=job_id), timeout=S).job


def status(job_id):
    return job_messages.JobStatus.Name(read(job_id).status).removeprefix("JOB_STATUS_")


def drain():
    """Several workers, jobs of some keys in order, and one worker killed in the middle."""
    for i in range(3):
        start_worker(f"python-{i}")
    stalled = enqueue([{"kind": "stall", "payload": {"n": 1}, "retry_delays": [{}]}])[0]
    victim = until("a worker to stall", lambda: next((w for w in workers if stalled in w.said("begun")), None))
    ids = enqueue(
        {"kind": "square", "ordering_key": f"key-{i % KEYS}", "payload": {"n": i}} for i in range(JOBS)
    )
    victim.kill()
    until("all jobs to be done", lambda: all(status(i) == "COMPLETED" for i in [stalled, *ids]))
    completed = [i for worker in workers for i in worker.said("completed")]
    check(len(completed) == len(set(completed)), f"completed twice: {completed}")
    check(set(completed) >= set(ids), "a job was completed by nobody")
    check(read(stalled).attempt == 2, "the killed worker's job was not tried again")
    for i, job_id in enumerate(ids):
        check(read(job_id).result["square"] == i * i, f"another result of {i}")
    began = [read(i).result["began_us"] for i in ids]
    for key in range(KEYS):
        of_key = began[key::KEYS]
        check(of_key == sorted(of_key), f"key {key} out of order")


def mend():
    """A dead letter is mended and replayed."""
    job_id = enqueue([{"kind": "broken", "payload": {"n": 4}}])[0]
    until("a dead letter", lambda: status(job_id) == "DEAD")
    check("mended" in read(job_id).last_error, "the letter does not say why")
    if REST:
        body = json.dumps({"payload": {"n": 5, "mended": True}}).encode()
        get(f"{REST}/api/queue/dead-letters/{job_id}:replay", body)
    else:
        request = admin.ReplayDeadJobRequest(job_id=job_id)
        request.payload.update({"n": 5, "mended": True})
        queues.ReplayDeadJob(request, timeout=S)
    until("the mended job to be done", lambda: status(job_id) == "COMPLETED")
    check(read(job_id).result["square"] == 25, "another result")


def agree_with_croniter():
    """Expressions of all forms, in zones with and without changes of clocks, away from those changes."""
    from croniter import croniter

    for expression in ("*/7 * * * *", "5 4 * * *", "0 0,12 1 */2 *", "15 10 * * 1-5", "0 0 13 * 5", "30 6 29 2 *", "0 9-17/2 * * mon"):
        for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"):
            after = datetime.datetime(2026, 5, 3, 11, 22, 33, tzinfo=zoneinfo.ZoneInfo(zone))
            request = schedules.PreviewScheduleRequest(cron=expression, time_zone=zone, times=20)
            request.after.FromDatetime(after.astimezone(datetime.timezone.utc))
            ours = [t.ToDatetime(datetime.timezone.utc) for t in cron.PreviewSchedule(request, timeout=S).times]
            theirs = croniter(expression, after)
            for mine in ours:
                other = theirs.get_next(datetime.datetime)
                # What lies on a day on which clocks change is a matter of opinion; unit tests say ours.
                if other.utcoffset() != (other - datetime.timedelta(days=1)).utcoffset():
                    continue
                check(mine == other.astimezone(datetime.timezone.utc), f"{expression} in {zone}: {mine}, not {other}")


def disputed(instant, zone):
    """Whether clocks show this time twice, or have just skipped an hour: there, when a schedule runs is a matter of opinion."""
    local = instant.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return twice or (instant - datetime.timedelta(hours=1)).astimezone(zone).utcoffset() != local.utcoffset()


def agree_over_clock_changes():
    """In the days around changes of clocks, all times but those that are skipped or come twice."""
    from croniter import croniter

    changes = {
        "Europe/Berlin": [(3, 29), (10, 25)],
        "America/New_York": [(3, 8), (11, 1)],
        "Australia/Lord_Howe": [(4, 5), (10, 4)],  # By half an hour.
        "Africa/Cairo": [(4, 24), (10, 29)],  # At midnight.
    }
    compared = 0
    for name, days in changes.items():
        zone = zoneinfo.ZoneInfo(name)
        for month, day in days:
            begin = datetime.datetime(2026, month, day, 12, 0, tzinfo=zone) - datetime.timedelta(days=2)
            begin, end = (t.astimezone(datetime.timezone.utc) for t in (begin, begin + datetime.timedelta(days=4)))
            for expression in ("*/30 * * * *", "0 * * * *", "45 23 * * *", "30 6 * * *", "0 0,4,12 * * *", "15 10 * * sun"):
                ours, after = set(), begin
                while after < end:
                    request = schedules.PreviewScheduleRequest(cron=expression, time_zone=name, times=100)
                    request.after.FromDatetime(after)
                    times = [t.ToDatetime(datetime.timezone.utc) for t in cron.PreviewSchedule(request, timeout=S).times]
                    ours.update(t for t in times if t < end)
                    after = times[-1]
                theirs, other = set(), croniter(expression, begin.astimezone(zone))
                while (instant := other.get_next(datetime.datetime).astimezone(datetime.timezone.utc)) < end:
                    theirs.add(instant)
                compared += len(ours)
                only = sorted(t for t in ours ^ theirs if not disputed(t, zone))
                check(not only, f"{expression} in {name}: {[(str(t), 'ours' if t in ours else 'theirs') for t in only]}")
    print(f"job_queue: {compared} times around changes of clocks", file=sys.stderr)


def rest():
    """The same queue by REST."""
    body = json.dumps({"queue": QUEUE, "kind": "square", "payload": {"n": 6}}).encode()
    made = json.loads(get(f"{REST}/api/queue/jobs?idempotency_key={uuid.uuid4().hex}", body))
    job_id = made["job"]["job_id"]
    job = until(
        "the job to be done",
        lambda: next((j for j in [json.loads(get(f"{REST}/api/queue/jobs/{job_id}"))["job"]] if "result" in j), None),
    )
    check(job["result"]["square"] == 36, f"another result: {job}")


steps = [("several workers drain a queue, one is killed", drain), ("a dead letter is mended and replayed", mend)]
if REST:
    steps.append(("a job by REST", rest))
try:
    import croniter  # noqa: F401

    steps.append(("schedules agree with croniter", agree_with_croniter))
    steps.append(("schedules agree with croniter over changes of clocks", agree_over_clock_changes))
except ImportError:
    print("job_queue: croniter is not installed, so schedules are not compared with it", file=sys.stderr)
passed = report("job_queue", steps)
for one in workers:
    one.kill()
sys.exit(not passed)
