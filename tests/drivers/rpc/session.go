// What every driver's session does (../README.md), by gRPC, and what only this door has: batches, streams, health,
// reflection, refusals.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"sluice/tests/drivers/rpc/pb/query"
	"sluice/tests/drivers/rpc/pb/vtgate"
	"sluice/tests/drivers/rpc/pb/vtrpc"
)

const text = "naïve – 漢字 – 😀"
const made = "2024-02-29 12:34:56.789012"

var table = os.Getenv("DRIVER_TABLE")
var insert = "INSERT INTO " + table + "(id, name, amount, price, made, body) VALUES (?, ?, ?, ?, ?, ?)"

func values(id int) []any {
	return []any{id, fmt.Sprintf("row %d", id), fmt.Sprintf("%.4f", float64(id)*1.25), float64(id) / 8, made, nil}
}

func (c *client) count() string { return c.one("SELECT COUNT(*) FROM " + table) }

func rows(c *client) {
	c.do("CREATE TABLE " + table + "(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4, " +
		"amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)")
	if os.Getenv("DRIVER_VSCHEMA") == "1" {
		c.do("ALTER VSCHEMA ON " + table + " ADD VINDEX hash(id) USING hash")
	}
	for id := 1; id <= 16; id++ {
		expect("rows inserted", c.affected(insert, values(id)...), 1)
	}
	result := c.do("SELECT id, name, amount, price, made, body FROM "+table+" WHERE id = :v1", 7)
	row := cells(result)[0]
	expect("one row", fmt.Sprintf("%s %s %s %s %s %v", row[0], row[1], row[2], row[3], row[4], row[5] == nil),
		fmt.Sprint(7, " row 7 8.7500 0.875 ", made, " true"))
	var types []string
	for _, field := range result.Fields {
		types = append(types, field.Name+" "+field.Type.String()+field.Database)
	}
	expect("fields", strings.Join(types, ", "), "id INT64, name VARCHAR, amount DECIMAL, price FLOAT64, made DATETIME, body BLOB")
	c.session.Options = &query.ExecuteOptions{IncludedFields: query.ExecuteOptions_ALL}
	field := c.do("SELECT id FROM " + table + " WHERE id = 7").Fields[0]
	expect("all of a field", fmt.Sprintf("%s %v %s %d", field.Database, field.Table == table, field.OrgName, field.Flags&1), "drivers true id 1")
	c.session.Options = nil
	expect("rows updated", c.affected("UPDATE "+table+" SET amount = amount + 1 WHERE id = ?", 3), 1)
	expect("the updated row", c.one("SELECT amount FROM "+table+" WHERE id = 3"), "4.7500")
	expect("rows deleted", c.affected("DELETE FROM "+table+" WHERE id = ?", 16), 1)
	expect("rows after DELETE", c.count(), "15")
	listed := ""
	for _, row := range cells(c.do("SELECT id FROM "+table+" WHERE id IN ::v1 ORDER BY id", []int{1, 5, 9, 99})) {
		listed += string(row[0]) + " "
	}
	expect("rows of IN", listed, "1 5 9 ")
	_, refused := c.try(insert, values(1)...)
	expect("a duplicate key is refused", refused != nil, true)
	expect("the error of a duplicate key", fmt.Sprint(refused.Code, strings.Contains(refused.Message, "(errno 1062) (sqlstate 23000)")),
		fmt.Sprint(vtrpc.Code_ALREADY_EXISTS, true))
}

func transactions(c *client) {
	for _, part := range []struct {
		ids []int
		end string
	}{{[]int{17, 18}, "COMMIT"}, {[]int{19, 20}, "ROLLBACK"}} {
		c.do("BEGIN")
		for _, id := range part.ids {
			c.do(insert, values(id)...)
		}
		expect("the transaction is in the message", c.session.InTransaction && len(c.session.ShardSessions) > 0, true)
		c.do(part.end)
		expect("the transaction is over", !c.session.InTransaction && len(c.session.ShardSessions) == 0, true)
		expect("rows after a transaction", c.count(), "17")
	}
	c.do("BEGIN")
	c.do(insert, values(21)...)
	c.do("SAVEPOINT a")
	c.do(insert, values(22)...)
	c.do("ROLLBACK TO SAVEPOINT a")
	c.do(insert, values(23)...)
	c.do("RELEASE SAVEPOINT a")
	c.do("COMMIT")
	expect("rows after savepoints", c.count(), "19")
	c.do("BEGIN")
	c.do(insert, values(40)...)
	var closed vtgate.CloseSessionResponse
	c.invoke("CloseSession", &vtgate.CloseSessionRequest{CallerId: caller, Session: c.session}, &closed)
	expect("CloseSession", closed.Error == nil, true)
	c.session = nil // a call without a session begins one
	c.do("USE " + os.Getenv("DRIVER_DATABASE"))
	expect("rows after CloseSession", c.count(), "19")
}

func textsAndBlobs(c *client) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	blob := bytes.Repeat(all, 4096)
	for _, id := range []int{24, 25} {
		c.do(insert, id, text, nil, nil, nil, blob)
		row := cells(c.do("SELECT name, body FROM "+table+" WHERE id = ?", id))[0]
		expect("text of utf8mb4", string(row[0]), text)
		expect("the blob is whole", bytes.Equal(row[1], blob), true)
	}
	expect("a text in WHERE", c.one("SELECT id FROM "+table+" WHERE id = 24 AND name = ?", text), "24")
	c.do("PREPARE p FROM 'SELECT name FROM " + table + " WHERE id = ?'")
	for id := 1; id <= 10; id++ {
		c.do(fmt.Sprintf("SET @id = %d", id))
		expect("a prepared statement", c.one("EXECUTE p USING @id"), fmt.Sprintf("row %d", id))
	}
	c.do("DEALLOCATE PREPARE p")
	expect("rows at the end", c.count(), "21")
}

func batchesAndStreams(c *client) {
	results := c.batch(bound("BEGIN"), bound(insert, values(41)...), bound(insert, values(1)...), bound("ROLLBACK"), bound("SELECT 1"))
	expect("a batch", fmt.Sprint(results[1].Result.RowsAffected, results[2].Error.GetCode(), len(results[4].Result.Rows)),
		fmt.Sprint(1, vtrpc.Code_ALREADY_EXISTS, 1))
	parts, err := c.stream("SELECT id, body FROM " + table)
	check("a stream", err)
	found, size := 0, 0
	for _, part := range parts {
		found += len(part.Rows)
		for _, row := range part.Rows {
			size += len(row.Values)
		}
	}
	expect("the first part has the columns alone", fmt.Sprint(len(parts[0].Fields), len(parts[0].Rows)), "2 0")
	expect("a stream has all rows, in parts", fmt.Sprint(found, size > 2<<20, len(parts) > 2), "21 true true")
	expect("a stream leaves its session", c.session.FoundRows, 21)
	_, err = c.stream("SELECT id FROM nowhere.nothing")
	expect("a stream's error is a status", status.Code(err), codes.NotFound)
	var prepared vtgate.PrepareResponse
	c.invoke("Prepare", &vtgate.PrepareRequest{CallerId: caller, Session: c.session, Query: bound("SELECT id, name FROM " + table + " WHERE id = :v1")}, &prepared)
	expect("the columns of Prepare", fmt.Sprintf("%v %d %s", prepared.Error == nil, len(prepared.Fields), prepared.Fields[1].Name), "true 2 name")
}

func servers(connection *grpc.ClientConn) {
	ctx, cancel := patience()
	defer cancel()
	for _, name := range []string{"", "vtgateservice.Vitess"} {
		answer, err := healthpb.NewHealthClient(connection).Check(ctx, &healthpb.HealthCheckRequest{Service: name})
		check("health", err)
		expect("health", answer.Status, healthpb.HealthCheckResponse_SERVING)
	}
	stream, err := reflectionpb.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	check("reflection", err)
	check("reflection", stream.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "vtgateservice.Vitess"}}))
	answer, err := stream.Recv()
	check("reflection", err)
	expect("the service describes itself", answer.GetFileDescriptorResponse() != nil, true)
	check("reflection", stream.CloseSend())
	refused, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, service+"VStream")
	check("VStream", err)
	check("VStream", refused.SendMsg(&vtgate.VStreamRequest{}))
	check("VStream", refused.CloseSend())
	expect("VStream is refused", status.Code(refused.RecvMsg(&vtgate.VStreamResponse{})), codes.Unimplemented)
	err = connection.Invoke(context.Background(), service+"ResolveTransaction", &vtgate.CloseSessionRequest{}, &vtgate.CloseSessionResponse{})
	expect("ResolveTransaction is refused", status.Code(err), codes.Unimplemented)
}

func main() {
	address := os.Getenv("DRIVER_HOST") + ":" + os.Getenv("DRIVER_RPC_PORT")
	c := &client{session: &vtgate.Session{TargetString: os.Getenv("DRIVER_DATABASE"), Autocommit: true}}
	for i := 0; i < 3; i++ {
		connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		check("open", err)
		c.connections = append(c.connections, connection)
	}
	servers(c.connections[0])
	rows(c)
	transactions(c)
	textsAndBlobs(c)
	batchesAndStreams(c)
	for _, connection := range c.connections {
		check("close", connection.Close())
	}
}
