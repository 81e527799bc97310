// The contracts over REST by grpc-gateway and by Connect's Vanguard, each at a port of its own, in front of a mesh's
// gRPC. Both write JSON as our gateway does: names of the contract, all plain fields; and refuse names that it has not.
//
//	transcoders BACKEND_HOST:PORT
//
// Says "grpc_gateway http://HOST:PORT" and "vanguard http://HOST:PORT", and serves until it is ended.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"connectrpc.com/vanguard"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // Of our errors, which are written as JSON.
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

var writing = protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}

func grpcGateway(backend string) (http.Handler, error) {
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard,
		&runtime.HTTPBodyMarshaler{Marshaler: &runtime.JSONPb{MarshalOptions: writing}}))
	connection, err := grpc.NewClient(backend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	for i := 0; i < len(registrations) && err == nil; i++ {
		err = registrations[i](context.Background(), mux, connection)
	}
	return mux, err
}

func viaVanguard(backend string) (http.Handler, error) {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(&url.URL{Scheme: "http", Host: backend})
			request.Out.Header.Set("Te", "trailers") // Without it a server of gRPC answers 400.
		},
		Transport:     &http.Transport{Protocols: &protocols},
		FlushInterval: -1,
	}
	var services []*vanguard.Service
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := 0; i < file.Services().Len(); i++ {
			service := file.Services().Get(i)
			if strings.HasPrefix(string(service.FullName()), "selfology.") {
				services = append(services, vanguard.NewServiceWithSchema(service, proxy,
					vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto)))
			}
		}
		return true
	})
	return vanguard.NewTranscoder(services, vanguard.WithCodec(func(types vanguard.TypeResolver) vanguard.Codec {
		options := writing
		options.Resolver = types
		return &vanguard.JSONCodec{MarshalOptions: options, UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types}}
	}))
}

func serve(name, backend string, gateway func(string) (http.Handler, error)) {
	handler, err := gateway(backend)
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	fmt.Printf("%s http://%s\n", name, listener.Addr())
	go func() { log.Fatal(http.Serve(listener, handler)) }()
}

func main() {
	serve("grpc_gateway", os.Args[1], grpcGateway)
	serve("vanguard", os.Args[1], viaVanguard)
	select {}
}
