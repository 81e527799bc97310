"""How fast Celery is at what the queue's rows measure: tasks that do nothing but count themselves are sent by this process
and worked meanwhile by a worker with two processes.

    python celery_tasks.py REDIS_URL TASKS

Prints "total_seconds S", from the first task sent to the last one done. Results are not kept, which favours Celery.
"""

import multiprocessing
import os
import signal
import sys
import time

from celery import Celery
from celery.signals import worker_ready

URL, TASKS = sys.argv[1], int(sys.argv[2])
app = Celery("bench", broker=URL)
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, worker_prefetch_multiplier=100)
fork = multiprocessing.get_context("fork")
done = fork.Value("q", 0)
ready = fork.Event()


@app.task(name="number")
def number(n):
    with done.get_lock():
        done.value += 1


@worker_ready.connect
def tell(**_):
    ready.set()


def work():
    app.worker_main(["worker", "--concurrency=2", "--loglevel=ERROR", "--without-gossip", "--without-mingle",
                     "--without-heartbeat"])


def main():
    worker = fork.Process(target=work)
    worker.start()
    ready.wait(60)
    begun = time.monotonic()
    with app.producer_pool.acquire(block=True) as producer:
        for n in range(TASKS):
            number.apply_async((n,), producer=producer)
    while done.value < TASKS and time.monotonic() < begun + 300:
        time.sleep(0.005)
    took = time.monotonic() - begun
    os.kill(worker.pid, signal.SIGQUIT)
    worker.join(10)
    if done.value < TASKS:
        sys.exit(f"{done.value} of {TASKS} were done")
    print(f"total_seconds {took:.6f}", flush=True)


main()
