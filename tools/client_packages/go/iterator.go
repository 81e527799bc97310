package client

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Iterator gives values one by one as they come. One goroutine at a time may use it.
//
//	for parts.Next() { use(parts.Value()) }
//	if err := parts.Err(); err != nil { ... }
//
// Whoever leaves the loop early calls Close.
type Iterator[Value any] struct {
	next  func() (Value, error)
	close func()
	value Value
	err   error
	done  bool
}

// Next waits for a value; false when there is none.
func (i *Iterator[Value]) Next() bool {
	if i.done {
		return false
	}
	value, err := i.next()
	if err == nil {
		i.value = value
		return true
	}
	if !errors.Is(err, io.EOF) {
		i.err = asError(err)
	}
	i.Close()
	return false
}

// Value is what the last Next found.
func (i *Iterator[Value]) Value() Value { return i.value }

// Err says why there are no more values, an *Error; nil if they were all, or so far.
func (i *Iterator[Value]) Err() error { return i.err }

// Close ends the call. May be called again.
func (i *Iterator[Value]) Close() {
	i.done = true
	i.close()
}

// Receive makes a call whose responses come one by one. It is made again only while none has come.
func Receive[Request proto.Message, Response any, Stream interface{ Recv() (Response, error) }](
	ctx context.Context, connection *Connection, method *Method,
	stub func(context.Context, Request, ...grpc.CallOption) (Stream, error),
	request Request, options ...grpc.CallOption,
) *Iterator[Response] {
	ctx, cancel := limited(ctx, method)
	request = withKey(method, request)
	var stream Stream
	begun := false
	first := func() (response Response, err error) {
		for failures := 1; ; failures++ {
			if stream, err = try(ctx, connection, stub, request, options); err == nil {
				response, err = stream.Recv()
			}
			if err == nil || errors.Is(err, io.EOF) {
				return response, err
			}
			if failed := again(ctx, connection, method, failures, err); failed != nil {
				return response, failed
			}
		}
	}
	next := func() (Response, error) {
		if begun {
			return stream.Recv()
		}
		begun = true
		return first()
	}
	return &Iterator[Response]{next: next, close: cancel}
}

// Pages gives every item of all pages from the request on, each page being a call.
func Pages[Request proto.Message, Response proto.Message, Item any](
	ctx context.Context, connection *Connection, method *Method,
	stub func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request, items func(Response) []Item, options ...grpc.CallOption,
) *Iterator[Item] {
	page := proto.Clone(request).(Request)
	ctx, cancel := context.WithCancel(ctx)
	var left []Item
	more := true
	next := func() (item Item, err error) {
		for len(left) == 0 {
			if !more {
				return item, io.EOF
			}
			response, err := Call(ctx, connection, method, stub, page, options...)
			if err != nil {
				return item, err
			}
			left = items(response)
			token := response.ProtoReflect().Get(fieldOf(response, "next_page_token")).String()
			more = token != ""
			page.ProtoReflect().Set(fieldOf(page, "page_token"), protoreflect.ValueOfString(token))
		}
		item, left = left[0], left[1:]
		return item, nil
	}
	return &Iterator[Item]{next: next, close: cancel}
}
