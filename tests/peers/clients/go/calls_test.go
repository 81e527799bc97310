package main

// How the Go client makes calls, against a server of grpc-go.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"selfology.example/client"
	coachv1 "selfology.example/client/selfology/coach/v1"
	"selfology.example/client/selfology/coach/v1/coachv1client"
	meshv1 "selfology.example/client/selfology/mesh/v1"
	sessionv1 "selfology.example/client/selfology/session/v1"
	"selfology.example/client/selfology/session/v1/sessionv1client"
)

func failure(code codes.Code, details ...protoadapt.MessageV1) error {
	said, err := status.New(code, "told so").WithDetails(details...)
	if err != nil {
		panic(err)
	}
	return said.Err()
}

func asks(wait time.Duration) error {
	return failure(codes.Unavailable, &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
}

// The n-th call gets the n-th error of the script; those after it are answered.
type fake struct {
	sessionv1.UnimplementedSessionServiceServer

	mutex     sync.Mutex
	script    []error
	keys      []string
	tokens    []string
	remaining []time.Duration // 0: no deadline.
	// Before which response each call of the coach fails; -1: none.
	failsBefore []int
	ended       chan struct{}
}

// The same as another service.
type fakeCoach struct {
	coachv1.UnimplementedCoachServiceServer
	*fake
}

func (f *fake) begin(ctx context.Context, key string) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.keys = append(f.keys, key)
	sent, _ := metadata.FromIncomingContext(ctx)
	f.tokens = append(f.tokens, sent.Get("authorization")...)
	var left time.Duration
	if end, has := ctx.Deadline(); has {
		left = time.Until(end)
	}
	f.remaining = append(f.remaining, left)
	if len(f.keys) <= len(f.script) {
		return f.script[len(f.keys)-1]
	}
	return nil
}

func (f *fake) SubmitAnswer(
	ctx context.Context, request *sessionv1.SubmitAnswerRequest,
) (*sessionv1.SubmitAnswerResponse, error) {
	if err := f.begin(ctx, request.IdempotencyKey); err != nil {
		return nil, err
	}
	return &sessionv1.SubmitAnswerResponse{Answer: &sessionv1.Answer{AnswerId: 7}}, nil
}

func (f *fake) GetAnswer(
	ctx context.Context, request *sessionv1.GetAnswerRequest,
) (*sessionv1.GetAnswerResponse, error) {
	return &sessionv1.GetAnswerResponse{}, f.begin(ctx, request.IdempotencyKey)
}

func (f *fake) ListSessions(
	ctx context.Context, request *sessionv1.ListSessionsRequest,
) (*sessionv1.ListSessionsResponse, error) {
	if err := f.begin(ctx, ""); err != nil {
		return nil, err
	}
	page, _ := strconv.Atoi(request.PageToken)
	response := &sessionv1.ListSessionsResponse{}
	for i := page; i < 2; i++ {
		response.Sessions = append(response.Sessions, &sessionv1.Session{SessionId: int64(page*10 + i)})
	}
	if page < 2 {
		response.NextPageToken = strconv.Itoa(page + 1)
	}
	return response, nil
}

func (f fakeCoach) StreamReply(_ *coachv1.StreamReplyRequest, stream coachv1.CoachService_StreamReplyServer) error {
	_ = f.begin(stream.Context(), "")
	failsBefore := -1
	if len(f.failsBefore) > 0 {
		failsBefore, f.failsBefore = f.failsBefore[0], f.failsBefore[1:]
	}
	for i, text := range []string{"a", "b"} {
		if i == failsBefore {
			return failure(codes.Unavailable)
		}
		if err := stream.Send(&coachv1.StreamReplyResponse{TextDelta: text}); err != nil {
			return err
		}
	}
	if f.ended != nil {
		<-stream.Context().Done()
		close(f.ended)
	}
	return nil
}

type fixture struct {
	*fake
	connection *client.Connection
	sessions   *sessionv1client.SessionServiceClient
	waits      []time.Duration
}

func newFixture(t *testing.T) *fixture {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{fake: &fake{}}
	server := grpc.NewServer()
	sessionv1.RegisterSessionServiceServer(server, f.fake)
	coachv1.RegisterCoachServiceServer(server, fakeCoach{fake: f.fake})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	f.connection, err = client.Connect(listener.Addr().String(), client.Options{
		Token: func(context.Context) (string, error) { return "token", nil },
		Retries: client.Retries{
			Random: func() float64 { return 0 },
			Sleep: func(_ context.Context, wait time.Duration) error {
				f.waits = append(f.waits, wait)
				return nil
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.connection.Close() })
	f.sessions = sessionv1client.NewSessionServiceClient(f.connection)
	return f
}

func (f *fixture) submit(ctx context.Context) error {
	_, err := f.sessions.SubmitAnswer(ctx, &sessionv1.SubmitAnswerRequest{UserId: 1})
	return err
}

// same fails the test unless both print alike.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v instead of %v", what, got, want)
	}
}

func failed(t *testing.T, err error) *client.Error {
	t.Helper()
	var result *client.Error
	if !errors.As(err, &result) {
		t.Fatalf("%v is not a client.Error", err)
	}
	return result
}

func TestUnavailableIsCalledAgainWithTheSameKey(t *testing.T) {
	f := newFixture(t)
	gone := failure(codes.Unavailable)
	f.script = []error{gone, gone, gone}
	request := &sessionv1.SubmitAnswerRequest{UserId: 1}
	response, err := f.sessions.SubmitAnswer(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "answer", response.Answer.AnswerId, 7)
	key := f.keys[0]
	same(t, "keys", f.keys, []string{key, key, key, key})
	same(t, "key is printable", regexp.MustCompile("^[ -~]{1,128}$").MatchString(key), true)
	same(t, "the caller's request", request.IdempotencyKey, "")
	same(t, "waits", f.waits, []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond})
	same(t, "tokens", f.tokens, []string{"Bearer token", "Bearer token", "Bearer token", "Bearer token"})
}

func TestTwoCallsHaveDifferentKeys(t *testing.T) {
	f := newFixture(t)
	same(t, "errors", []error{f.submit(context.Background()), f.submit(context.Background())}, []error{nil, nil})
	same(t, "keys are one", f.keys[0] == f.keys[1], false)
}

func TestKeysOfTheCallerAndOfReadsStay(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	_, err := f.sessions.SubmitAnswer(ctx, &sessionv1.SubmitAnswerRequest{UserId: 1, IdempotencyKey: "mine"})
	same(t, "error", err, nil)
	_, err = f.sessions.GetAnswer(ctx, &sessionv1.GetAnswerRequest{UserId: 1})
	same(t, "error", err, nil)
	same(t, "keys", f.keys, []string{"mine", ""})
}

func TestTheLastErrorIsReturnedWhenTriesRunOut(t *testing.T) {
	f := newFixture(t)
	for i := 0; i < 9; i++ {
		f.script = append(f.script, failure(codes.Unavailable))
	}
	same(t, "code", failed(t, f.submit(context.Background())).Code, codes.Unavailable)
	same(t, "calls", len(f.keys), 5)
}

func TestAWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	f := newFixture(t)
	f.script = []error{asks(6 * time.Second), asks(6 * time.Second)}
	same(t, "asked", *failed(t, f.submit(context.Background())).RetryAfter, 6*time.Second)
	same(t, "waits", len(f.waits), 0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	same(t, "error", f.submit(ctx), nil)
	same(t, "waits", f.waits, []time.Duration{6 * time.Second})
}

func TestWhatMayNotBeRepeatedIsNot(t *testing.T) {
	f := newFixture(t)
	f.script = []error{failure(codes.Unavailable)}
	once := sessionv1client.SessionServiceSubmitAnswer
	once.Repeatable = false
	stub := sessionv1.NewSessionServiceClient(f.connection.Channel())
	_, err := client.Call(context.Background(), f.connection, &once, stub.SubmitAnswer, &sessionv1.SubmitAnswerRequest{})
	failed(t, err)
	same(t, "calls", len(f.keys), 1)
}

func TestOtherErrorsAreNotCalledAgainAndHaveTheirDetails(t *testing.T) {
	f := newFixture(t)
	f.script = []error{failure(codes.InvalidArgument,
		&errdetails.ErrorInfo{Reason: "INVALID_ARGUMENT", Domain: "selfology", Metadata: map[string]string{"a": "b"}},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "answer_text", Description: "2 at least"},
		}})}
	err := f.submit(context.Background())
	refused := failed(t, err)
	same(t, "calls", len(f.keys), 1)
	same(t, "code", refused.Code, codes.InvalidArgument)
	same(t, "code for gRPC", status.Code(err), codes.InvalidArgument)
	same(t, "reason", refused.Reason, meshv1.ErrorCode_ERROR_CODE_INVALID_ARGUMENT)
	same(t, "metadata", refused.Metadata, map[string]string{"a": "b"})
	same(t, "violations", refused.Violations, []client.FieldViolation{{Field: "answer_text", Description: "2 at least"}})
	same(t, "words", refused, "INVALID_ARGUMENT: told so")
}

func TestAReasonNewerThanThePackageKeepsItsName(t *testing.T) {
	f := newFixture(t)
	f.script = []error{failure(codes.NotFound, &errdetails.ErrorInfo{Reason: "NEW_REASON", Domain: "selfology"})}
	refused := failed(t, f.submit(context.Background()))
	same(t, "reason", refused.Reason, meshv1.ErrorCode_ERROR_CODE_UNSPECIFIED)
	same(t, "name", refused.ReasonName, "NEW_REASON")
}

func TestTheDeadlineIsTheContractsUnlessTheCallerHasOne(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Second)
	defer cancel()
	same(t, "errors", []error{f.submit(context.Background()), f.submit(ctx)}, []error{nil, nil})
	own, given := f.remaining[0], f.remaining[1]
	if own <= 0 || own > 5*time.Second || given <= 5*time.Second || given > 100*time.Second {
		t.Errorf("%v and %v are left", own, given)
	}
	unlimited := sessionv1client.SessionServiceSubmitAnswer
	unlimited.Timeout = 0
	stub := sessionv1.NewSessionServiceClient(f.connection.Channel())
	request := &sessionv1.SubmitAnswerRequest{}
	_, err := client.Call(context.Background(), f.connection, &unlimited, stub.SubmitAnswer, request)
	same(t, "error", err, nil)
	same(t, "left", f.remaining[2], time.Duration(0))
}

func TestAContextThatIsDoneEndsTheWait(t *testing.T) {
	f := newFixture(t)
	f.script = []error{failure(codes.Unavailable), failure(codes.Unavailable)}
	ctx, cancel := context.WithCancel(context.Background())
	connection, err := client.Connect(f.connection.Channel().Target(), client.Options{
		Retries: client.Retries{Random: func() float64 { cancel(); return 0.5 }, First: time.Hour, Longest: time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	unlimited := sessionv1client.SessionServiceSubmitAnswer
	unlimited.Timeout = 0
	stub := sessionv1.NewSessionServiceClient(connection.Channel())
	_, err = client.Call(ctx, connection, &unlimited, stub.SubmitAnswer, &sessionv1.SubmitAnswerRequest{})
	same(t, "code", failed(t, err).Code, codes.Canceled)
	same(t, "calls", len(f.keys), 1)
}

func TestPagesAreReadToTheLast(t *testing.T) {
	f := newFixture(t)
	request := &sessionv1.ListSessionsRequest{UserId: 1}
	listed := f.sessions.IterateSessions(context.Background(), request)
	var ids []int64
	for listed.Next() {
		ids = append(ids, listed.Value().SessionId)
	}
	same(t, "error", listed.Err(), nil)
	same(t, "sessions", ids, []int64{0, 1, 11})
	same(t, "calls", len(f.keys), 3)
	same(t, "the caller's request", request.PageToken, "")
}

func TestAPageThatFailsEndsTheListWithAnError(t *testing.T) {
	f := newFixture(t)
	f.script = []error{nil, failure(codes.Internal)}
	listed := f.sessions.IterateSessions(context.Background(), &sessionv1.ListSessionsRequest{UserId: 1})
	count := 0
	for listed.Next() {
		count++
	}
	same(t, "sessions", count, 2)
	same(t, "code", failed(t, listed.Err()).Code, codes.Internal)
}

func (f *fixture) reply(ctx context.Context) *client.Iterator[*coachv1.StreamReplyResponse] {
	coach := coachv1client.NewCoachServiceClient(f.connection)
	return coach.StreamReply(ctx, &coachv1.StreamReplyRequest{UserId: 1})
}

func read(parts *client.Iterator[*coachv1.StreamReplyResponse]) (text string, err error) {
	for parts.Next() {
		text += parts.Value().TextDelta
	}
	return text, parts.Err()
}

func TestAStreamIsCalledAgainBeforeItsFirstResponse(t *testing.T) {
	f := newFixture(t)
	f.failsBefore = []int{0, 0}
	text, err := read(f.reply(context.Background()))
	same(t, "error", err, nil)
	same(t, "text", text, "ab")
	same(t, "calls", len(f.keys), 3)
}

func TestAStreamIsNotCalledAgainAfterItsFirstResponse(t *testing.T) {
	f := newFixture(t)
	f.failsBefore = []int{1}
	text, err := read(f.reply(context.Background()))
	same(t, "code", failed(t, err).Code, codes.Unavailable)
	same(t, "text", text, "a")
	same(t, "calls", len(f.keys), 1)
}

func TestClosingAStreamEndsTheCall(t *testing.T) {
	f := newFixture(t)
	f.ended = make(chan struct{})
	parts := f.reply(context.Background())
	same(t, "has a part", parts.Next(), true)
	parts.Close()
	<-f.ended
	same(t, "has another", parts.Next(), false)
}

func TestWhatTheContractSaysIsKnown(t *testing.T) {
	said := coachv1client.CoachServiceStreamReply
	same(t, "permission", said.Permission, "coaching.messages.read")
	same(t, "subject", said.Subject, "user_id")
	same(t, "exported", said.Exported, false)
	same(t, "timeout", sessionv1client.SessionServiceSubmitAnswer.Timeout, 5*time.Second)
	same(t, "a read has a key", sessionv1client.SessionServiceGetAnswer.HasKey, false)
}

func TestWaitsDoubleUpToTheLongestAndVaryByHalf(t *testing.T) {
	low := client.Retries{Random: func() float64 { return 0 }}.WithDefaults()
	high := client.Retries{Random: func() float64 { return 1 }}.WithDefaults()
	for failures, want := range map[int]time.Duration{1: 50, 2: 100, 5: 800, 6: 1000, 60: 1000} {
		same(t, "low", low.Wait(failures, 0), want*time.Millisecond)
	}
	same(t, "high", []time.Duration{high.Wait(1, 0), high.Wait(60, 0)}, "[100ms 2s]")
	same(t, "asked", low.Wait(1, 300*time.Millisecond), 300*time.Millisecond)
}
