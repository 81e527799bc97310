// A worker that drains a queue, by the TypeScript client: node worker.js HOST:PORT QUEUE NAME
//
// Does what tests/peers/job_worker.py does: of a job {"n": 3} of the kind "square" it makes {"square": 9}. Each job that it
// completed is a line on standard output.
import { Connection } from "@selfology/client";
import { WorkerServiceClient } from "@selfology/client/queue/v1/worker_service_client";

async function work(address: string, queue: string, name: string): Promise<never> {
  const worker = new WorkerServiceClient(new Connection(`http://${address}`));
  console.log("ready");
  for (;;) {
    const { jobs } = await worker.leaseJobs({
      queue, worker: name, maxJobs: 3, leaseTime: { seconds: 10n }, wait: { seconds: 5n },
    });
    const completions = [];
    for (const { lease, kind, payload } of jobs) {
      const n = payload?.["n"];
      if (lease === undefined || kind !== "square" || typeof n !== "number") throw new Error(`${kind} is no square`);
      completions.push({ lease, result: { square: n * n } });
    }
    if (completions.length === 0) continue;
    const { lostJobIds } = await worker.completeJobs({ completions });
    for (const { lease } of completions) {
      if (!lostJobIds.includes(lease.jobId)) console.log("completed", String(lease.jobId));
    }
  }
}

const [address = "", queue = "", name = ""] = process.argv.slice(2);
await work(address, queue, name);
