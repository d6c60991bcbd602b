// A client of vtgateservice.Vitess by grpc-go: its session comes and goes with every message.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"sluice/tests/drivers/rpc/pb/query"
	"sluice/tests/drivers/rpc/pb/vtgate"
	"sluice/tests/drivers/rpc/pb/vtrpc"
)

const service = "/vtgateservice.Vitess/"

var caller = &vtrpc.CallerID{Principal: "drivers"}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect[T comparable](what string, got, want T) {
	if got != want {
		check(what, fmt.Errorf("got %v, want %v", got, want))
	}
}

// client keeps one session, as a connection to MySQL would. `connections` take turns, so that the session meets
// several loops of the gate.
type client struct {
	connections []*grpc.ClientConn
	turn        int
	session     *vtgate.Session
}

func (c *client) connection() *grpc.ClientConn {
	c.turn++
	return c.connections[c.turn%len(c.connections)]
}

func patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

func bind(value any) *query.BindVariable {
	switch v := value.(type) {
	case nil:
		return &query.BindVariable{Type: query.Type_NULL_TYPE}
	case int:
		return &query.BindVariable{Type: query.Type_INT64, Value: strconv.AppendInt(nil, int64(v), 10)}
	case float64:
		return &query.BindVariable{Type: query.Type_FLOAT64, Value: strconv.AppendFloat(nil, v, 'g', -1, 64)}
	case []byte:
		return &query.BindVariable{Type: query.Type_VARBINARY, Value: v}
	case []int:
		list := &query.BindVariable{Type: query.Type_TUPLE}
		for _, each := range v {
			list.Values = append(list.Values, &query.Value{Type: query.Type_INT64, Value: strconv.AppendInt(nil, int64(each), 10)})
		}
		return list
	}
	return &query.BindVariable{Type: query.Type_VARCHAR, Value: []byte(value.(string))}
}

// bound is a statement whose parameters are v1, v2 and so on.
func bound(text string, values ...any) *query.BoundQuery {
	made := &query.BoundQuery{Sql: text, BindVariables: map[string]*query.BindVariable{}}
	for i, value := range values {
		made.BindVariables[fmt.Sprintf("v%d", i+1)] = bind(value)
	}
	return made
}

func (c *client) invoke(method string, request, response proto.Message) {
	ctx, cancel := patience()
	defer cancel()
	check(method, c.connection().Invoke(ctx, service+method, request, response))
}

// try runs one statement; errors are the answer's own.
func (c *client) try(text string, values ...any) (*query.QueryResult, *vtrpc.RPCError) {
	var answer vtgate.ExecuteResponse
	c.invoke("Execute", &vtgate.ExecuteRequest{CallerId: caller, Session: c.session, Query: bound(text, values...)}, &answer)
	c.session = answer.Session
	return answer.Result, answer.Error
}

func (c *client) do(text string, values ...any) *query.QueryResult {
	result, refused := c.try(text, values...)
	if refused != nil {
		check(text, fmt.Errorf("%v: %s", refused.Code, refused.Message))
	}
	return result
}

func (c *client) affected(text string, values ...any) int {
	return int(c.do(text, values...).RowsAffected)
}

// cells of all rows; nil for NULL.
func cells(result *query.QueryResult) [][][]byte {
	var rows [][][]byte
	for _, row := range result.Rows {
		var made [][]byte
		rest := row.Values
		for _, length := range row.Lengths {
			if length < 0 {
				made = append(made, nil)
				continue
			}
			made = append(made, rest[:length:length])
			rest = rest[length:]
		}
		rows = append(rows, made)
	}
	return rows
}

func (c *client) one(text string, values ...any) string {
	rows := cells(c.do(text, values...))
	if len(rows) != 1 {
		check(text, fmt.Errorf("%d rows", len(rows)))
	}
	return string(rows[0][0])
}

func (c *client) batch(queries ...*query.BoundQuery) []*query.ResultWithError {
	var answer vtgate.ExecuteBatchResponse
	c.invoke("ExecuteBatch", &vtgate.ExecuteBatchRequest{CallerId: caller, Session: c.session, Queries: queries}, &answer)
	c.session = answer.Session
	return answer.Results
}

// stream gives the parts of an answer; the session comes with the last one.
func (c *client) stream(text string, values ...any) ([]*query.QueryResult, error) {
	ctx, cancel := patience()
	defer cancel()
	stream, err := c.connection().NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, service+"StreamExecute")
	check("StreamExecute", err)
	check("StreamExecute", stream.SendMsg(&vtgate.StreamExecuteRequest{CallerId: caller, Session: c.session, Query: bound(text, values...)}))
	check("StreamExecute", stream.CloseSend())
	var parts []*query.QueryResult
	for {
		var part vtgate.StreamExecuteResponse
		if err := stream.RecvMsg(&part); err == io.EOF {
			return parts, nil
		} else if err != nil {
			return parts, err
		}
		if part.Session != nil {
			c.session = part.Session
		} else {
			parts = append(parts, part.Result)
		}
	}
}
