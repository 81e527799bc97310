#!/usr/bin/env python3
"""Workers in three languages drain one queue together: workers.py ADDRESS PROJECTS

PROJECTS: the folder in which tests/peers/clients/run has left its projects; what is in them for Go and TypeScript uses the
clients that are made of the contracts, what is in Python (job_worker.py) the contracts alone.
"""

import subprocess
import sys
import uuid
from pathlib import Path

import grpc

from people import check, report, until
from worker_process import WorkerProcess

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "proto"))
jobs, job_services = grpc.protos_and_services("selfology/queue/v1/queue_service.proto")
job_messages = grpc.protos("selfology/queue/v1/job.proto")

ADDRESS, PROJECTS = sys.argv[1], Path(sys.argv[2])
QUEUE = f"languages-{uuid.uuid4().hex[:8]}"
JOBS = 300
S = 30

queue = job_services.QueueServiceStub(grpc.insecure_channel(ADDRESS))
workers = {}


def start():
    """A worker in each language waits for jobs."""
    go = PROJECTS / "go"
    subprocess.run(["go", "build", "-o", "job-worker", "./worker"], cwd=go, check=True)
    commands = {
        "python": [sys.executable, str(HERE / "job_worker.py")],
        "go": [str(go / "job-worker")],
        "typescript": ["node", str(PROJECTS / "typescript" / "out" / "worker.js")],
    }
    for language, command in commands.items():
        workers[language] = WorkerProcess(language, [*command, ADDRESS, QUEUE, language])


def drain():
    """Each job is done once, by whoever took it, and each language does some."""
    request = jobs.EnqueueJobsRequest(idempotency_key=uuid.uuid4().hex)
    for n in range(JOBS):
        request.jobs.add(queue=QUEUE, kind="square").payload.update({"n": n})
    ids = list(queue.EnqueueJobs(request, timeout=S).job_ids)

    def completed():
        return [job_id for worker in workers.values() for job_id in worker.said("completed")]

    until(lambda: f"{len(completed())} of {JOBS} jobs are done", lambda: len(completed()) >= JOBS)
    check(sorted(completed()) == sorted(ids), "a job was done twice, or by nobody")
    for language, worker in workers.items():
        done = worker.said("completed")
        print(f"workers: {language} did {len(done)}", file=sys.stderr)
        check(done, f"{language} did nothing")
        job = queue.GetJob(jobs.GetJobRequest(job_id=done[-1]), timeout=S).job
        check(job.status == job_messages.JOB_STATUS_COMPLETED, f"{language} left {job}")
        check(job.result["square"] == ids.index(job.job_id) ** 2, f"{language} says {job.result}")


passed = report("workers", [("start in Python, Go and TypeScript", start), ("drain one queue together", drain)])
for one in workers.values():
    one.kill()
sys.exit(not passed)
