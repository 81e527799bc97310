package client

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// Options are those of a connection.
type Options struct {
	// Encrypts. Without, nothing does: for one machine only, or where the network does it.
	Credentials credentials.TransportCredentials
	// Goes along as "authorization: Bearer ..."; asked before each try, so that it may be renewed.
	Token func(ctx context.Context) (string, error)
	// How calls are made again.
	Retries Retries
	// Further ones of gRPC's own.
	Dial []grpc.DialOption
}

// Connection is what calls go over. Any number of goroutines may use it.
type Connection struct {
	channel *grpc.ClientConn
	token   func(ctx context.Context) (string, error)
	retries Retries
}

// Connect makes a connection to "host:port". It connects with the first call.
func Connect(address string, options Options) (*Connection, error) {
	secured := options.Credentials
	if secured == nil {
		secured = insecure.NewCredentials()
	}
	dial := append([]grpc.DialOption{grpc.WithTransportCredentials(secured)}, options.Dial...)
	channel, err := grpc.NewClient(address, dial...)
	if err != nil {
		return nil, err
	}
	return &Connection{channel, options.Token, options.Retries.WithDefaults()}, nil
}

// Channel is gRPC's own, for generated stubs.
func (c *Connection) Channel() *grpc.ClientConn { return c.channel }

// Close ends calls under way.
func (c *Connection) Close() error { return c.channel.Close() }

// The context of one try.
func (c *Connection) authorized(ctx context.Context) (context.Context, error) {
	if c.token == nil {
		return ctx, nil
	}
	token, err := c.token(ctx)
	if err != nil {
		return nil, err
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token), nil
}
