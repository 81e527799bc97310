// The contract of profiles over REST by grpc-gateway, set up to answer as ours does: all fields, by their names in
// the contract.
//
//	grpc_gateway LISTEN_HOST:PORT BACKEND_HOST:PORT
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"

	profile "selfology.example/doors/profile"
)

func main() {
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
		MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true},
	}))
	backend, err := grpc.NewClient(os.Args[2], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		err = profile.RegisterProfileServiceHandler(context.Background(), mux, backend)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("serving")
	fmt.Fprintln(os.Stderr, http.Serve(listener, mux))
}
