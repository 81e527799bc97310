"""The worker of chain.py, a process of its own: chain_worker.py GRPC REST QUEUE

A job is done by telling its person and their server; both carry the job's number as their key, so that a job done again
after a crash tells nobody twice. Whatever fails is left to the lease, which ends, and to the next attempt. "broken" cannot be done as
long as the payload has no "mended". Each job begun and completed is a line on standard output.
"""

import json
import sys
import time
import urllib.error
from pathlib import Path

import grpc

from people import get

sys.path.append(str(Path(__file__).resolve().parents[2] / "proto"))
messages, services = grpc.protos_and_services("selfology/queue/v1/worker_service.proto")

GRPC, REST, QUEUE = sys.argv[1:]
LEASE_S = 3
AGAIN_S = 0.2


def call(path, body):
    get(REST + path, json.dumps(body).encode(), method="POST")


def tell(job):
    key = f"job/{job.lease.job_id}"
    call("/api/notifications/send", {
        "user_id": job.user_id, "kind": "generic", "channels": ["EMAIL", "PUSH"], "priority": "URGENT",
        "deduplication_key": key, "parameters": {"title": job.payload["title"], "text": "For week 48."}})
    call("/api/webhooks/trigger", {
        "user_id": job.user_id, "event_type": "content_published", "data": {"job_id": str(job.lease.job_id)},
        "idempotency_key": key})


def main():
    worker = services.WorkerServiceStub(grpc.insecure_channel(GRPC))
    ask = messages.LeaseJobsRequest(queue=QUEUE, worker="python", max_jobs=2)
    ask.lease_time.seconds = LEASE_S
    ask.wait.seconds = 1
    print("ready", flush=True)
    while True:
        try:
            for job in worker.LeaseJobs(ask, timeout=10).jobs:
                print("begun", job.lease.job_id, job.attempt, flush=True)
                if job.kind == "broken" and "mended" not in job.payload:
                    failed = messages.FailJobsRequest()
                    failed.failures.add(lease=job.lease, error="the payload has to be mended", permanent=True)
                    worker.FailJobs(failed, timeout=10)
                    continue
                tell(job)
                done = messages.CompleteJobsRequest()
                done.completions.add(lease=job.lease).result.update({"pages": 3})
                if not worker.CompleteJobs(done, timeout=10).lost_job_ids:
                    print("completed", job.lease.job_id, flush=True)
        except (grpc.RpcError, urllib.error.URLError, OSError) as error:
            print("again:", str(error).splitlines()[0], file=sys.stderr, flush=True)
            time.sleep(AGAIN_S)


main()
