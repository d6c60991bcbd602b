// The side of grpc-go of tests/rpc; the same words as sluice_peer.cc.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const limit = 16 * 1024 * 1024
const service = "/sluice.tests.Echo/"

type value = wrapperspb.BytesValue

// snappyCompressor is Google's framed stream, as a gRPC compressor.
type snappyCompressor struct{}

func (snappyCompressor) Name() string { return "snappy" }
func (snappyCompressor) Compress(w io.Writer) (io.WriteCloser, error) {
	return snappy.NewBufferedWriter(w), nil
}
func (snappyCompressor) Decompress(r io.Reader) (io.Reader, error) { return snappy.NewReader(r), nil }

func numberIn(ctx context.Context, name string) int {
	values := metadata.ValueFromIncomingContext(ctx, name)
	if len(values) == 0 {
		return 0
	}
	number, _ := strconv.Atoi(values[0])
	return number
}

func unary(ctx context.Context, request *value) (*value, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	back := metadata.MD{}
	for name, values := range md {
		if strings.HasPrefix(name, "echo-") {
			back[name] = values
		}
	}
	grpc.SetHeader(ctx, back)
	grpc.SetTrailer(ctx, back)
	return request, nil
}

func failure(ctx context.Context, request *value) (*value, error) {
	grpc.SetTrailer(ctx, metadata.Pairs("grpc-status-details-bin", "details"))
	return nil, status.Error(codes.Code(numberIn(ctx, "code")), string(request.Value))
}

func hang(ctx context.Context, _ *value) (*value, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func many(stream grpc.ServerStream) error {
	request := &value{}
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	answer := &value{Value: bytes.Repeat([]byte("x"), numberIn(stream.Context(), "size"))}
	for left := numberIn(stream.Context(), "count"); left > 0; left-- {
		if err := stream.SendMsg(answer); err != nil {
			return err
		}
	}
	return nil
}

func sum(stream grpc.ServerStream) error {
	total := 0
	for {
		request := &value{}
		err := stream.RecvMsg(request)
		if err == io.EOF {
			return stream.SendMsg(&value{Value: []byte(strconv.Itoa(total))})
		}
		if err != nil {
			return err
		}
		total += len(request.Value)
	}
}

func talk(stream grpc.ServerStream) error {
	for {
		request := &value{}
		err := stream.RecvMsg(request)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(request); err != nil {
			return err
		}
	}
}

func method(name string, run func(context.Context, *value) (*value, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		request := &value{}
		if err := decode(request); err != nil {
			return nil, err
		}
		return run(ctx, request)
	}}
}

func stream(name string, run func(grpc.ServerStream) error, client, server bool) grpc.StreamDesc {
	return grpc.StreamDesc{StreamName: name, ClientStreams: client, ServerStreams: server,
		Handler: func(_ any, s grpc.ServerStream) error { return run(s) }}
}

func tlsConfig(name string) (*tls.Config, error) {
	folder := os.Getenv("PEER_TLS")
	pair, err := tls.LoadX509KeyPair(folder+"/"+name+".pem", folder+"/"+name+".key")
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(folder + "/ca.pem")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ClientCAs: pool,
		ClientAuth: tls.RequireAndVerifyClientCert}, nil
}

func serve() error {
	options := []grpc.ServerOption{grpc.MaxRecvMsgSize(limit)}
	if os.Getenv("PEER_TLS") != "" {
		config, err := tlsConfig("server")
		if err != nil {
			return err
		}
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "sluice.tests.Echo", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{method("Unary", unary), method("Fail", failure), method("Hang", hang)},
		Streams: []grpc.StreamDesc{stream("Many", many, false, true), stream("Sum", sum, true, false), stream("Talk", talk, true, true)},
	}, nil)
	checks := health.NewServer()
	healthpb.RegisterHealthServer(server, checks)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	return server.Serve(listener)
}

var wrong = 0

func expect(right bool, what ...any) {
	if !right {
		wrong++
		fmt.Fprintln(os.Stderr, append([]any{"wrong:"}, what...)...)
	}
}

func checkUnary(ctx context.Context, conn *grpc.ClientConn) {
	for _, size := range []int{0, 5, 5_000_000} {
		request := &value{Value: bytes.Repeat([]byte("u"), size)}
		answer := &value{}
		err := conn.Invoke(ctx, service+"Unary", request, answer)
		expect(err == nil && proto.Equal(request, answer), "unary", size, err)
	}
	raw := "\x00\x01\xff"
	sent := metadata.AppendToOutgoingContext(ctx, "echo-text", "a b", "echo-raw-bin", raw)
	var headers, trailers metadata.MD
	err := conn.Invoke(sent, service+"Unary", &value{}, &value{}, grpc.Header(&headers), grpc.Trailer(&trailers))
	expect(err == nil, "unary with metadata", err)
	for _, md := range []metadata.MD{headers, trailers} {
		expect(len(md["echo-text"]) == 1 && md["echo-text"][0] == "a b", "text metadata", md)
		expect(len(md["echo-raw-bin"]) == 1 && md["echo-raw-bin"][0] == raw, "binary metadata", md)
	}
}

func checkFailures(ctx context.Context, conn *grpc.ClientConn) {
	for code := 1; code <= 18; code++ {
		sent := metadata.AppendToOutgoingContext(ctx, "code", strconv.Itoa(code))
		text := "näher: 100%\n"
		var trailers metadata.MD
		err := conn.Invoke(sent, service+"Fail", &value{Value: []byte(text)}, &value{}, grpc.Trailer(&trailers))
		got := status.Convert(err)
		expect(int(got.Code()) == code && got.Message() == text, "code", code, err)
		details := trailers["grpc-status-details-bin"]
		expect(len(details) == 1 && details[0] == "details", "details of code", code, trailers)
	}
}

func checkStreams(ctx context.Context, conn *grpc.ClientConn) error {
	sent := metadata.AppendToOutgoingContext(ctx, "count", "1000", "size", "10000")
	reader, err := conn.NewStream(sent, &grpc.StreamDesc{ServerStreams: true}, service+"Many")
	if err != nil {
		return err
	}
	if err := reader.SendMsg(&value{}); err != nil {
		return err
	}
	reader.CloseSend()
	count := 0
	answer := &value{}
	for ; ; count++ {
		if err = reader.RecvMsg(answer); err != nil {
			break
		}
		expect(len(answer.Value) == 10000, "many's size")
	}
	expect(err == io.EOF && count == 1000, "many", count, err)

	writer, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, service+"Sum")
	if err != nil {
		return err
	}
	for i := 0; i < 1000; i++ {
		if err := writer.SendMsg(&value{Value: bytes.Repeat([]byte("s"), 3000)}); err != nil {
			return err
		}
	}
	writer.CloseSend()
	if err := writer.RecvMsg(answer); err != nil {
		return err
	}
	expect(string(answer.Value) == "3000000", "sum", string(answer.Value))

	both, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, service+"Talk")
	if err != nil {
		return err
	}
	for i := 0; i < 100; i++ {
		word := strconv.Itoa(i)
		if err := both.SendMsg(&value{Value: []byte(word)}); err != nil {
			return err
		}
		if err := both.RecvMsg(answer); err != nil {
			return err
		}
		expect(string(answer.Value) == word, "talk")
	}
	both.CloseSend()
	expect(both.RecvMsg(answer) == io.EOF, "talk's end")
	return nil
}

func checkReflection(ctx context.Context, conn *grpc.ClientConn) error {
	asking, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	request := &reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{ListServices: "*"}}
	if err := asking.Send(request); err != nil {
		return err
	}
	answer, err := asking.Recv()
	if status.Code(err) == codes.Unimplemented {
		return nil // grpc++ is built without it
	}
	if err != nil {
		return err
	}
	expect(strings.Contains(answer.String(), "sluice.tests.Echo"), "reflection", answer)
	return asking.CloseSend()
}

func checkEnds(ctx context.Context, conn *grpc.ClientConn) {
	late, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	err := conn.Invoke(late, service+"Hang", &value{}, &value{})
	expect(status.Code(err) == codes.DeadlineExceeded, "deadline", err)
	err = conn.Invoke(ctx, service+"Nothing", &value{}, &value{})
	expect(status.Code(err) == codes.Unimplemented, "unknown method", err)
	err = conn.Invoke(ctx, service+"Unary", &value{Value: make([]byte, limit+1_000_000)}, &value{})
	expect(status.Code(err) == codes.ResourceExhausted, "a message over the limit", err)
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	expect(err == nil && answer.Status == healthpb.HealthCheckResponse_SERVING, "health", err)
}

func ask(port string) error {
	secret := insecure.NewCredentials()
	if os.Getenv("PEER_TLS") != "" {
		config, err := tlsConfig("client")
		if err != nil {
			return err
		}
		secret = credentials.NewTLS(config)
	}
	calls := []grpc.CallOption{grpc.MaxCallRecvMsgSize(limit), grpc.MaxCallSendMsgSize(2 * limit)}
	if compressor := os.Getenv("PEER_COMPRESSION"); compressor != "" {
		calls = append(calls, grpc.UseCompressor(compressor))
	}
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(secret), grpc.WithDefaultCallOptions(calls...))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	checkUnary(ctx, conn)
	checkFailures(ctx, conn)
	checkEnds(ctx, conn)
	if err := checkReflection(ctx, conn); err != nil {
		return err
	}
	return checkStreams(ctx, conn)
}

func main() {
	encoding.RegisterCompressor(snappyCompressor{})
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "server":
		err = serve()
	case len(os.Args) == 3 && os.Args[1] == "client":
		err = ask(os.Args[2])
	default:
		err = fmt.Errorf("go_peer server | client PORT")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || wrong > 0 {
		os.Exit(1)
	}
}
