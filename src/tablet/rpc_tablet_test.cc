// RpcTablet against a scripted tablet, both on one loop.
#include "tablet/rpc_tablet.h"

#include <cstring>

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "tablet/fake_tablet.h"
#include "wire/row.h"

namespace sluice::tablet {
namespace {

using namespace std::chrono_literals;

struct World {
    FakeTablet fake;
    std::unique_ptr<RpcTablet> tablet;
    bool drained = false;
    Budget budget{nullptr, std::size_t{256} << 20U, "--test"};
};
using Scenario = Task<void> (*)(World*);

Task<void> play(World* world, Scenario scenario) {
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    EXPECT_TRUE(listeners.has_value());
    if (!listeners) co_return;
    const std::uint16_t port = listeners->front().port();
    rpc::ServerOptions server;
    server.limits.send = server.limits.receive = std::size_t{64} << 20U;
    world->fake.server = std::make_unique<rpc::Server>(&world->fake.services, server);
    RpcTabletOptions options;
    options.channel.address = {.host = "127.0.0.1", .port = port};
    options.channel.limits.receive = std::size_t{40} << 20U;
    options.channel.limits.budget = &world->budget;
    options.channel.backoff.connect_timeout = 100ms;
    options.keyspace = "ks";
    options.shard = "-80";
    options.database = "vt_ks_-80";
    world->tablet = std::make_unique<RpcTablet>(std::move(options));
    async::Scope scope;
    scope.spawn("serve", world->fake.server->serve(&listeners->front()));
    co_await scenario(world);
    co_await world->tablet->close();
    if (!world->drained) co_await world->fake.server->drain(0s);
    co_await scope.join();
    EXPECT_EQ(world->budget.used(), 0U);
    world->tablet.reset();
}

void run_world(World* world, Scenario scenario) {
    async::Loop loop;
    async::run_until_done(loop, play(world, scenario));
}

// Keeps what a client would get.
class Kept : public RowSink {
 public:
    Result<void> columns(const ColumnPackets& columns) override {
        definitions.assign(columns.packets.begin(), columns.packets.end());
        count = columns.count;
        binary = columns.binary;
        return {};
    }
    Result<Take> rows(const RowRun& run) override {
        starts += run.starts;
        packets.insert(packets.end(), run.packets.begin(), run.packets.end());
        return slow ? Take::full : Take::more;
    }
    Task<Result<void>> drain(Stop* stop) override {
        ++drains;
        co_return co_await taking.wait(stop);
    }
    std::vector<wire::ColumnDefinition> parsed() const {
        std::vector<wire::ColumnDefinition> columns;
        for (wire::ByteView rest = definitions; !rest.empty();) {
            const auto frame = std::get<wire::Frame>(wire::next_frame(rest));
            columns.push_back(wire::parse_column(frame.payload).value());
            rest = rest.subspan(frame.size());
        }
        return columns;
    }
    // Rows as text; checks that packets stand in a row.
    std::vector<std::string> cells() const {
        std::vector<std::string> found;
        std::vector<Type> types;
        std::vector<wire::ColumnType> column_types;
        for (const auto& column : parsed()) column_types.push_back(wire::column_type(column));
        for (const auto& type : column_types) types.push_back(type.type);
        wire::MessageCutter cutter(std::size_t{64} << 20U);
        for (wire::ByteView rest = packets; !rest.empty();) {
            const auto cut = cutter.cut(rest);
            if (!cut || !cut->message) return {"malformed"};
            if (binary) {
                for (const Value& cell : wire::cut_binary_row(*cut->message, column_types).value())
                    found.push_back(cell.is_null() ? "NULL" : cell.bytes);
            } else {
                std::vector<ValueView> row(types.size());
                if (!wire::cut_text_row(*cut->message, types, row)) return {"malformed row"};
                for (const ValueView& cell : row)
                    found.emplace_back(cell.is_null() ? "NULL" : cell.bytes);
            }
            rest = rest.subspan(cut->consumed);
        }
        return found;
    }
    std::vector<std::uint8_t> definitions, packets;
    std::uint32_t count = 0;
    std::uint64_t starts = 0;
    bool binary = false, slow = false;
    std::size_t drains = 0;
    async::WaitQueue taking;
};

void add_field(::query::QueryResult* result, const std::string& name, ::query::Type type,
               std::uint32_t charset = 63, std::uint32_t decimals = 0) {
    auto* field = result->add_fields();
    field->set_name(name);
    field->set_type(type);
    field->set_database("ks");
    field->set_table("t");
    field->set_charset(charset);
    field->set_decimals(decimals);
    field->set_column_length(20);
}
void add_row(::query::QueryResult* result, const std::vector<const char*>& cells) {
    auto* row = result->add_rows();
    for (const char* cell : cells) {
        row->add_lengths(cell == nullptr ? -1 : static_cast<std::int64_t>(std::strlen(cell)));
        if (cell != nullptr) row->mutable_values()->append(cell);
    }
}

::query::QueryResult every_type() {
    ::query::QueryResult result;
    add_field(&result, "i", ::query::INT64);
    add_field(&result, "u", ::query::UINT8);
    add_field(&result, "d", ::query::DECIMAL, 63, 2);
    add_field(&result, "f", ::query::FLOAT64, 63, 31);
    add_field(&result, "t", ::query::DATETIME, 63, 3);
    add_field(&result, "c", ::query::VARCHAR, 255);
    add_field(&result, "n", ::query::INT32);
    add_field(&result, "j", ::query::JSON);
    add_row(&result, {"-5", "200", "1.50", "0.5", "2024-02-29 13:14:15.123", "abc", nullptr, "{}"});
    add_row(&result, {"7", "0", "-0.01", "2", "2001-01-01 00:00:00.000", "", "12", nullptr});
    return result;
}

Task<void> rows_of_every_type(World* world) {
    world->fake.script = [](const std::string&) {
        FakeAnswer answer;
        answer.results = {every_type()};
        return answer;
    };
    const BindVars variables = {
        {"v", {.value = {Type::int64, "1"}, .list = {}}},
        {"l", {.value = {Type::tuple, ""}, .list = {{Type::varchar, "a"}}}}};
    Caller caller;
    caller.user = "u";
    caller.principal = "p";
    const QueryOptions options{.consolidator = QueryOptions::Consolidator::disabled,
                               .workload_name = {},
                               .priority = {},
                               .timeout = std::chrono::milliseconds(0)};
    Settings settings{.key = 3, .set_statement = {}, .reset_statement = {}, .found_rows = true};
    for (const bool binary : {false, true}) {
        Call call;
        call.text = "select 1";
        call.normalized = "select :v, ::l";
        call.variables = &variables;
        call.caller = &caller;
        call.settings = &settings;
        call.options = &options;
        call.binary = binary;
        Kept kept;
        kept.sequence = 2;
        const Outcome outcome = co_await world->tablet->execute(&call, &kept);
        EXPECT_TRUE(outcome.end.has_value());
        if (!outcome.end) continue;
        EXPECT_EQ(outcome.end->rows, 2U);
        EXPECT_EQ(outcome.end->columns, 8U);
        EXPECT_EQ(kept.binary, binary);
        EXPECT_EQ(kept.starts, 2U);
        EXPECT_EQ(kept.sequence, 4U);
        kept.packets[3] = 0;  // the cutter counts from 0
        kept.packets[4 + kept.packets[0] + 3] = 1;
        const std::vector<std::string> want = {
            "-5", "200", "1.50",  "0.5", "2024-02-29 13:14:15.123", "abc", "NULL", "{}",
            "7",  "0",   "-0.01", "2",   "2001-01-01 00:00:00.000", "",    "12",   "NULL"};
        EXPECT_EQ(kept.cells(), want);
        EXPECT_EQ(kept.parsed()[5].charset, 255);
        EXPECT_EQ(kept.parsed()[5].schema, "ks");
        EXPECT_EQ(kept.parsed()[1].flags, wire::column_flag::unsigned_);
    }
    EXPECT_EQ(world->fake.journal.back(), "Execute: select :v, ::l");
    for (const char* part :
         {"principal: \"p\"", "username: \"u\"", "keyspace: \"ks\"", "shard: \"-80\"",
          "tablet_type: PRIMARY", "included_fields: ALL", "client_found_rows: true", "type: TUPLE",
          "consolidator: CONSOLIDATOR_DISABLED", "authoritative_timeout: 0"})
        EXPECT_NE(world->fake.last_request.find(part), std::string::npos) << part;
}

TEST(RpcTablet, RowsOfEveryType) {
    World world;
    run_world(&world, rows_of_every_type);
}

Task<void> large_rows(World* world) {
    world->fake.script = [](const std::string&) {
        FakeAnswer answer;
        auto& result = answer.results.emplace_back();
        add_field(&result, "c", ::query::BLOB);
        for (const std::size_t size : {std::size_t{0xffffff}, std::size_t{20'000'000}}) {
            result.add_rows()->add_lengths(static_cast<std::int64_t>(size));
            result.mutable_rows()->rbegin()->set_values(std::string(size, 'x'));
        }
        return answer;
    };
    Call call;
    call.text = "select c from t";
    Kept kept;
    const Outcome outcome = co_await world->tablet->execute(&call, &kept);
    EXPECT_TRUE(outcome.end.has_value());
    const auto cells = kept.cells();
    EXPECT_EQ(cells.size(), 2U);
    if (cells.size() == 2) {
        EXPECT_EQ(cells[0], std::string(0xffffff, 'x'));
        EXPECT_EQ(cells[1].size(), 20'000'000U);
    }
}

TEST(RpcTablet, RowsOverSixteenMegabytes) {
    World world;
    run_world(&world, large_rows);
}

Task<void> errors(World* world) {
    struct Case {
        Code code;
        const char* text;
        std::uint16_t number;
        const char* state;
        bool sent;
    };
    for (const Case& each : {
             Case{Code::already_exists,
                  "Duplicate entry (errno 1062) (sqlstate 23000) (CallerID: u)", 1062, "23000",
                  true},
             Case{Code::cluster_event, "operation not allowed in state NOT_SERVING", 1105, "HY000",
                  false},
             Case{Code::cluster_event, "read only (errno 1290) (sqlstate HY000)", 1290, "HY000",
                  true},
             Case{Code::failed_precondition, "wrong tablet type: REPLICA, want: PRIMARY or []",
                  1105, "HY000", false},
             Case{Code::resource_exhausted, "Transaction throttled", 1041, "HY000", true},
             Case{Code::internal, "boom", 1815, "HY000", true},
         }) {
        world->fake.script = [&each](const std::string&) {
            FakeAnswer answer;
            answer.status = make_error(each.code, each.text);
            return answer;
        };
        Call call;
        call.text = "insert into t values (1)";
        call.is_write = true;
        NoRows rows;
        const Outcome outcome = co_await world->tablet->execute(&call, &rows);
        EXPECT_FALSE(outcome.end.has_value());
        if (outcome.end) continue;
        const Error& error = outcome.end.error();
        EXPECT_EQ(error.code, each.code) << each.text;
        EXPECT_EQ(error.number, each.number) << each.text;
        EXPECT_EQ(error.sqlstate(), each.state) << each.text;
        EXPECT_EQ(outcome.sent, each.sent) << each.text;
        EXPECT_EQ(error.text.starts_with("target: ks.-80.primary: vttablet: rpc error: code = "),
                  each.sent)
            << error.text;
        EXPECT_TRUE(error.text.ends_with(std::string(" desc = ") + each.text)) << error.text;
        if (each.number == 1105 && each.code == Code::cluster_event)
            EXPECT_TRUE(error.text.starts_with("vttablet: rpc error: code = Code(17) desc = "));
    }
}

TEST(RpcTablet, ErrorsOfEachKind) {
    World world;
    run_world(&world, errors);
}

// The server's name of a database is not the client's, wherever the error stands.
Task<void> names_in_errors(World* world) {
    const char* const said = "Table 'vt_ks_-80.t' doesn't exist (errno 1146) (sqlstate 42S02)";
    const char* const want = "Table 'ks.t' doesn't exist (errno 1146) (sqlstate 42S02)";
    for (const bool in_body : {false, true}) {
        world->fake.script = [=](const std::string&) {
            FakeAnswer answer;
            (in_body ? answer.error : answer.status) = make_error(Code::not_found, said);
            return answer;
        };
        const std::vector<std::string> before = {"begin"};
        Call call;
        call.text = "select 1 from t";
        call.hold = in_body;
        if (in_body) call.before = before;
        NoRows rows;
        const Outcome outcome = co_await world->tablet->execute(&call, &rows);
        EXPECT_FALSE(outcome.end.has_value());
        if (outcome.end) continue;
        EXPECT_EQ(outcome.end.error().number, 1146);
        EXPECT_TRUE(outcome.end.error().text.ends_with(want)) << outcome.end.error().text;
    }
}

TEST(RpcTablet, ErrorsCallDatabasesAsClientsDo) {
    World world;
    run_world(&world, names_in_errors);
}

Task<void> transactions(World* world) {
    world->fake.script = [](const std::string& line) {
        FakeAnswer answer;
        if (line.starts_with("BeginExecute")) {
            answer.transaction_id = 77;
            answer.error =
                make_error(Code::already_exists, "Duplicate (errno 1062) (sqlstate 23000)");
        }
        return answer;
    };
    const std::vector<std::string> before = {"set transaction isolation level read committed",
                                             "start transaction read only", "savepoint `a`"};
    Call call;
    call.text = "insert 1";
    call.before = before;
    call.hold = true;
    NoRows rows;
    const Outcome first = co_await world->tablet->execute(&call, &rows);
    EXPECT_FALSE(first.end.has_value());
    EXPECT_EQ(first.end.error().number, 1062);
    EXPECT_EQ(first.end.error().text,
              "target: ks.-80.primary: vttablet: Duplicate (errno 1062) (sqlstate 23000)");
    EXPECT_EQ(first.held, 77U);
    EXPECT_NE(world->fake.last_request.find("transaction_isolation: READ_COMMITTED"),
              std::string::npos);
    EXPECT_NE(world->fake.last_request.find("transaction_access_mode: READ_ONLY"),
              std::string::npos);
    const std::vector<std::string> savepoint = {"savepoint `_vt_statement`"};
    call.before = savepoint;
    call.held = first.held;
    const Outcome second = co_await world->tablet->execute(&call, &rows);
    EXPECT_TRUE(second.end.has_value());
    EXPECT_EQ(second.held, first.held);
    EXPECT_TRUE((co_await world->tablet->commit(first.held, false, nullptr)).has_value());
    EXPECT_EQ(world->tablet->held(), 0U);
    EXPECT_FALSE((co_await world->tablet->commit(first.held, false, nullptr)).has_value());
    const std::vector<std::string> want = {"BeginExecute [savepoint `a`]: insert 1",
                                           "Execute tx=77: savepoint `_vt_statement`",
                                           "Execute tx=77: insert 1", "Commit tx=77"};
    EXPECT_EQ(world->fake.journal, want);
}

TEST(RpcTablet, TransactionIsHeldThoughItsStatementFailed) {
    World world;
    run_world(&world, transactions);
}

Task<void> reservations(World* world) {
    world->fake.script = [](const std::string& line) {
        FakeAnswer answer;
        if (line.starts_with("ReserveBegin")) answer.transaction_id = answer.reserved_id = 5;
        if (line.starts_with("Commit")) answer.reserved_id = 6;
        return answer;
    };
    const Settings settings{.key = 9,
                            .set_statement = "set sql_mode = ''",
                            .reset_statement = "set sql_mode = default"};
    NoRows rows;
    Call call;
    call.text = "select 1";
    call.settings = &settings;
    // The tablet's own pool of settings serves it: nothing is held.
    EXPECT_EQ((co_await world->tablet->execute(&call, &rows)).held, not_held);
    const std::vector<std::string> begin = {"begin", "savepoint `a`"};
    call.before = begin;
    call.hold = call.reserve = true;
    const Outcome held = co_await world->tablet->execute(&call, &rows);
    EXPECT_EQ(held.held, 5U);
    EXPECT_TRUE((co_await world->tablet->commit(held.held, true, nullptr)).has_value());
    call.before = {};
    call.held = held.held;
    co_await world->tablet->execute(&call, &rows);
    call.settings = nullptr;
    co_await world->tablet->execute(&call, &rows);
    co_await world->tablet->release(held.held);
    const std::vector<std::string> want = {
        "ReserveExecute [set sql_mode = '']: select 1",
        "ReserveBeginExecute [set sql_mode = ''] <savepoint `a`>: select 1",
        "Commit tx=5",
        "Execute res=6: select 1",
        "Execute res=6: set sql_mode = default",
        "Execute res=6: select 1",
        "Release res=6"};
    EXPECT_EQ(world->fake.journal, want);
}

TEST(RpcTablet, SettingsAndReservations) {
    World world;
    run_world(&world, reservations);
}

Task<void> keep_outcome(World* world, const Call* call, RowSink* sink, Outcome* into) {
    *into = co_await world->tablet->execute(call, sink);
}

constexpr std::size_t parts = 200;

FakeAnswer endless() {
    FakeAnswer answer;
    auto& first = answer.results.emplace_back();
    add_field(&first, "c", ::query::VARCHAR, 255);
    const std::string cell(100'000, 'y');
    for (std::size_t i = 0; i < parts; ++i) add_row(&answer.results.emplace_back(), {cell.c_str()});
    return answer;
}

Task<void> slow_reader(World* world) {
    world->fake.script = [](const std::string&) { return endless(); };
    QueryOptions options;
    options.workload = QueryOptions::Workload::olap;
    Call call;
    call.text = "select c from t";
    call.options = &options;
    call.stream = true;
    Kept kept;
    kept.slow = true;
    Outcome outcome;
    async::Scope scope;
    scope.spawn("stream", keep_outcome(world, &call, &kept, &outcome));
    std::size_t most_ahead = 0;
    while (scope.running() != 0) {
        co_await async::pause(0ms, nullptr);
        most_ahead =
            std::max(most_ahead, world->fake.sent - std::min(world->fake.sent, kept.drains));
        if (!kept.taking.empty()) kept.taking.wake_all();
    }
    co_await scope.join();
    EXPECT_TRUE(outcome.end.has_value());
    EXPECT_EQ(kept.starts, parts);
    EXPECT_GE(kept.drains, parts);
    // What the windows and the sockets hold, never all of it.
    EXPECT_LT(most_ahead, parts * 3 / 4);
}

TEST(RpcTablet, FullSinkStopsTheStreamOnly) {
    World world;
    run_world(&world, slow_reader);
}

Task<void> stopped(World* world) {
    world->fake.script = [](const std::string&) {
        FakeAnswer answer;
        answer.waits = true;
        return answer;
    };
    Stop stop;
    const async::Deadline deadline(&stop, 30ms, make_error(Code::canceled, 1317, "killed"));
    Call call;
    call.text = "select sleep(100)";
    call.stop = &stop;
    NoRows rows;
    const Outcome outcome = co_await world->tablet->execute(&call, &rows);
    EXPECT_FALSE(outcome.end.has_value());
    EXPECT_EQ(outcome.end.error().text, "killed");
    EXPECT_TRUE(outcome.sent);
    for (int i = 0; i < 1000 && world->fake.canceled == 0; ++i) co_await async::pause(1ms, nullptr);
    EXPECT_EQ(world->fake.canceled, 1U);
    // A deadline of the statement's own.
    QueryOptions options;
    options.timeout = 30ms;
    call.stop = nullptr;
    call.options = &options;
    const Outcome late = co_await world->tablet->execute(&call, &rows);
    EXPECT_FALSE(late.end.has_value());
    EXPECT_EQ(late.end.error().code, Code::deadline_exceeded);
    EXPECT_EQ(late.end.error().number, 1317);
}

TEST(RpcTablet, StopAndDeadlineCancel) {
    World world;
    run_world(&world, stopped);
}

Task<void> lost(World* world) {
    world->fake.script = [](const std::string& line) {
        FakeAnswer answer;
        if (line.starts_with("Begin")) answer.transaction_id = 8;
        if (line.ends_with("gone"))
            answer.status = make_error(Code::aborted, "transaction 8: not found");
        return answer;
    };
    const std::vector<std::string> begin = {"begin"};
    NoRows rows;
    Call call;
    call.text = "select 1";
    call.before = begin;
    call.hold = true;
    const Outcome first = co_await world->tablet->execute(&call, &rows);
    EXPECT_EQ(first.held, 8U);
    call.before = {};
    call.held = first.held;
    call.text = "gone";
    const Outcome gone = co_await world->tablet->execute(&call, &rows);
    EXPECT_TRUE(gone.lost);
    EXPECT_EQ(gone.held, not_held);
    EXPECT_EQ(world->tablet->held(), 0U);
    // The connection ends: what was on its way may have arrived, the next call has sent nothing.
    world->drained = true;
    co_await world->fake.server->drain(0s);
    call.held = not_held;
    call.hold = false;
    const Outcome cut = co_await world->tablet->execute(&call, &rows);
    EXPECT_FALSE(cut.end.has_value());
    EXPECT_EQ(cut.end.error().code, Code::unavailable);
    const Outcome after = co_await world->tablet->execute(&call, &rows);
    EXPECT_FALSE(after.end.has_value());
    EXPECT_EQ(after.end.error().code, Code::unavailable);
    EXPECT_FALSE(after.sent);
}

TEST(RpcTablet, LostTransactionsAndConnections) {
    World world;
    run_world(&world, lost);
}

Task<void> preparing(World* world) {
    NoRows rows;
    Call call;
    call.text = "select ? from t";
    const Outcome refused = co_await world->tablet->prepare(&call, &rows);
    EXPECT_EQ(refused.end.error().number, er::not_supported_yet);
    const Execution execution;
    call.execution = &execution;
    EXPECT_FALSE((co_await world->tablet->execute(&call, &rows)).end.has_value());
    EXPECT_TRUE(world->fake.journal.empty());
    world->fake.script = [](const std::string&) {
        FakeAnswer answer;
        add_field(&answer.results.emplace_back(), "c", ::query::INT64);
        return answer;
    };
    const BindVars variables = {{"v1", {}}};
    call.execution = nullptr;
    call.normalized = "select :v1 from t where 1 != 1";
    call.variables = &variables;
    Kept kept;
    const Outcome prepared = co_await world->tablet->prepare(&call, &kept);
    EXPECT_EQ(prepared.end.value().columns, 1U);
    EXPECT_EQ(kept.parsed().at(0).name, "c");
}

TEST(RpcTablet, PrepareAsksTheFieldQuery) {
    World world;
    run_world(&world, preparing);
}

}  // namespace
}  // namespace sluice::tablet
