package client

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Call makes a call, more than once if it may be and must. A failure is an *Error.
func Call[Request proto.Message, Response any](
	ctx context.Context, connection *Connection, method *Method,
	stub func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request, options ...grpc.CallOption,
) (Response, error) {
	ctx, cancel := limited(ctx, method)
	defer cancel()
	request = withKey(method, request)
	for failures := 1; ; failures++ {
		response, err := try(ctx, connection, stub, request, options)
		if err == nil {
			return response, nil
		}
		if failed := again(ctx, connection, method, failures, err); failed != nil {
			return response, failed
		}
	}
}

func try[Request proto.Message, Response any](
	ctx context.Context, connection *Connection,
	stub func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request, options []grpc.CallOption,
) (Response, error) {
	ctx, err := connection.authorized(ctx)
	if err != nil {
		var none Response
		return none, err
	}
	return stub(ctx, request, options...)
}

// The contract's deadline, unless there is another.
func limited(ctx context.Context, method *Method) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has || method.Timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, method.Timeout)
}

// Waits for the next try, or returns the error if there is none.
func again(ctx context.Context, connection *Connection, method *Method, failures int, err error) error {
	failed := asError(err)
	retries := &connection.retries
	if !method.Repeatable || failed.Code != codes.Unavailable || failures >= retries.Attempts {
		return failed
	}
	var asked time.Duration
	if failed.RetryAfter != nil {
		asked = *failed.RetryAfter
	}
	wait := retries.Wait(failures, asked)
	if end, has := ctx.Deadline(); has && time.Until(end) <= wait {
		return failed
	}
	if err := retries.Sleep(ctx, wait); err != nil {
		return asError(err)
	}
	return nil
}

// The request with an idempotency key: all tries of a call have the same.
func withKey[Request proto.Message](method *Method, request Request) Request {
	if !method.HasKey {
		return request
	}
	field := fieldOf(request, "idempotency_key")
	if request.ProtoReflect().Get(field).String() != "" {
		return request
	}
	keyed := proto.Clone(request).(Request)
	keyed.ProtoReflect().Set(field, protoreflect.ValueOfString(newKey()))
	return keyed
}

func fieldOf(message proto.Message, name protoreflect.Name) protoreflect.FieldDescriptor {
	return message.ProtoReflect().Descriptor().Fields().ByName(name)
}

// 128 random bits.
func newKey() string {
	var bits [16]byte
	if _, err := rand.Read(bits[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	return hex.EncodeToString(bits[:])
}
