// How fast River (riverqueue.com/river) is at what the queue's rows measure: jobs that do nothing are inserted by two
// goroutines and worked meanwhile, with the settings of River's own benchmark.
//
//	river DATABASE_URL JOBS
//
// Prints "total_seconds S", from the first insert to the last completion.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	inserters = 2
	batch     = 1000
)

type numberArgs struct {
	N int `json:"n"`
}

func (numberArgs) Kind() string { return "number" }

type numberWorker struct {
	river.WorkerDefaults[numberArgs]
}

func (*numberWorker) Work(context.Context, *river.Job[numberArgs]) error { return nil }

func insert(ctx context.Context, client *river.Client[pgx.Tx], jobs int) error {
	for done := 0; done < jobs; done += batch {
		var params []river.InsertManyParams
		for i := done; i < min(done+batch, jobs); i++ {
			params = append(params, river.InsertManyParams{Args: numberArgs{N: i}})
		}
		if _, err := client.InsertManyFast(ctx, params); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, url string, jobs int) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, "TRUNCATE river_job"); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &numberWorker{})
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown:     2 * time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
		Logger:            slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2000}},
		Workers:           workers,
	})
	if err != nil {
		return err
	}
	completed, stop := client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: jobs + 1, Kinds: []river.EventKind{river.EventKindJobCompleted}})
	defer stop()
	if err := client.Start(ctx); err != nil {
		return err
	}

	begun := time.Now()
	failed := make(chan error, inserters)
	var inserting sync.WaitGroup
	for i := 0; i < inserters; i++ {
		inserting.Add(1)
		go func() {
			defer inserting.Done()
			if err := insert(ctx, client, jobs/inserters); err != nil {
				failed <- err
			}
		}()
	}
	for done := 0; done < jobs/inserters*inserters; done++ {
		select {
		case <-completed:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fmt.Printf("total_seconds %.6f\n", time.Since(begun).Seconds())
	inserting.Wait()
	return client.StopAndCancel(ctx)
}

func main() {
	jobs, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1], jobs); err != nil {
		log.Fatal(err)
	}
}
