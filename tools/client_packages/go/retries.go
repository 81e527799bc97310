package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"math"
	"time"
)

// Retries says how calls are made again that found the service unavailable. A field that is zero has its default.
//
// Waits are between half of a limit and all of it, at random; the limit doubles with each try. A longer time that the
// server asks for is kept. No wait outlasts the call's deadline: the error is returned at once instead.
type Retries struct {
	// How often a call is made in all. Default: 5.
	Attempts int
	// The limit of the first wait. Default: 100 ms.
	First time.Duration
	// The limit of the longest wait. Default: 2 s.
	Longest time.Duration
	// For tests: waits, unless the context is done.
	Sleep func(ctx context.Context, wait time.Duration) error
	// For tests: at least 0 and below 1. Safe to be called by several goroutines.
	Random func() float64
}

// WithDefaults has no field that is zero.
func (r Retries) WithDefaults() Retries {
	if r.Attempts == 0 {
		r.Attempts = 5
	}
	if r.First == 0 {
		r.First = 100 * time.Millisecond
	}
	if r.Longest == 0 {
		r.Longest = 2 * time.Second
	}
	if r.Sleep == nil {
		r.Sleep = sleep
	}
	if r.Random == nil {
		r.Random = random
	}
	return r
}

// Wait says how long to wait after so many failures, at least 1; asked: what the server asks for, or 0. Of Retries that
// have all fields.
func (r Retries) Wait(failures int, asked time.Duration) time.Duration {
	limit := math.Min(float64(r.Longest), float64(r.First)*math.Pow(2, float64(failures-1)))
	wait := time.Duration(limit * (0.5 + r.Random()/2))
	if asked > wait {
		return asked
	}
	return wait
}

// Not math/rand, which before Go 1.20 gives every process the same numbers: clients would come back together.
func random() float64 {
	var bits [8]byte
	if _, err := rand.Read(bits[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	return float64(binary.LittleEndian.Uint64(bits[:])>>11) / (1 << 53)
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
