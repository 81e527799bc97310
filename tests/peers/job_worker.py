#!/usr/bin/env python3
"""A worker by somebody else, which drains a queue: job_worker.py ADDRESS QUEUE NAME

It knows the queue by its contract (proto/selfology/queue/v1) alone. Of a job {"n": 3} of the kind "square" it makes
{"square": 9}, and says when, on the machine's own clock; "broken" it cannot do as long as the payload has no "mended"; with "stall" it never ends. Each job begun and
completed is a line on standard output.
"""

import sys
import time
from pathlib import Path

import grpc

sys.path.append(str(Path(__file__).resolve().parents[2] / "proto"))
messages, services = grpc.protos_and_services("selfology/queue/v1/worker_service.proto")

LEASE_S = 2
WAIT_S = 5


class Refused(Exception):
    """Trying again makes no sense."""


def do(job):
    n = job.payload["n"]
    if job.kind == "broken" and "mended" not in job.payload:
        raise Refused("the payload has to be mended")
    if job.kind == "stall" and job.attempt == 1:
        time.sleep(3600)
    return {"square": n * n, "began_us": time.monotonic_ns() // 1000}


def main():
    address, queue, name = sys.argv[1:]
    worker = services.WorkerServiceStub(grpc.insecure_channel(address))
    ask = messages.LeaseJobsRequest(queue=queue, worker=name, max_jobs=3)
    ask.lease_time.seconds = LEASE_S
    ask.wait.seconds = WAIT_S
    print("ready", flush=True)
    while True:
        done, failed = messages.CompleteJobsRequest(), messages.FailJobsRequest()
        for job in worker.LeaseJobs(ask, timeout=30, wait_for_ready=True).jobs:
            print("begun", job.lease.job_id, job.attempt, flush=True)
            try:
                done.completions.add(lease=job.lease).result.update(do(job))
            except Refused as refusal:
                del done.completions[-1]
                failed.failures.add(lease=job.lease, error=str(refusal), permanent=True)
        if done.completions:
            lost = set(worker.CompleteJobs(done, timeout=10).lost_job_ids)
            for completion in done.completions:
                if completion.lease.job_id not in lost:
                    print("completed", completion.lease.job_id, flush=True)
        if failed.failures:
            worker.FailJobs(failed, timeout=10)


main()
