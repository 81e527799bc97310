// A worker that drains a queue, by the Go client: worker HOST:PORT QUEUE NAME
//
// Does what tests/peers/job_worker.py does: of a job {"n": 3} of the kind "square" it makes {"square": 9}. Each job that it
// completed is a line on standard output.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	"selfology.example/client"
	queuev1 "selfology.example/client/selfology/queue/v1"
	"selfology.example/client/selfology/queue/v1/queuev1client"
)

func completion(job *queuev1.LeasedJob) (*queuev1.Completion, error) {
	n, ok := job.Payload.GetFields()["n"]
	if job.Kind != "square" || !ok {
		return nil, fmt.Errorf("job %d is no square", job.Lease.JobId)
	}
	result, err := structpb.NewStruct(map[string]any{"square": n.GetNumberValue() * n.GetNumberValue()})
	if err != nil {
		return nil, err
	}
	return &queuev1.Completion{Lease: job.Lease, Result: result}, nil
}

func work(ctx context.Context, worker *queuev1client.WorkerServiceClient, queue, name string) error {
	for {
		leased, err := worker.LeaseJobs(ctx, &queuev1.LeaseJobsRequest{
			Queue: queue, Worker: name, MaxJobs: 3,
			LeaseTime: durationpb.New(10 * time.Second), Wait: durationpb.New(5 * time.Second),
		})
		if err != nil {
			return err
		}
		done := &queuev1.CompleteJobsRequest{}
		for _, job := range leased.Jobs {
			one, err := completion(job)
			if err != nil {
				return err
			}
			done.Completions = append(done.Completions, one)
		}
		if len(done.Completions) == 0 {
			continue
		}
		completed, err := worker.CompleteJobs(ctx, done)
		if err != nil {
			return err
		}
		lost := map[int64]bool{}
		for _, id := range completed.LostJobIds {
			lost[id] = true
		}
		for _, one := range done.Completions {
			if !lost[one.Lease.JobId] {
				fmt.Println("completed", one.Lease.JobId)
			}
		}
	}
}

func main() {
	connection, err := client.Connect(os.Args[1], client.Options{})
	if err == nil {
		defer connection.Close()
		fmt.Println("ready")
		err = work(context.Background(), queuev1client.NewWorkerServiceClient(connection), os.Args[2], os.Args[3])
	}
	log.Fatal(err)
}
