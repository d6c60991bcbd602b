// Step 9 of a request: one call to one shard's tablet over gRPC. Before: gateway. After:
// detail/rpc_request.cc for the message, rpc/channel.cc, detail/rpc_result.cc for the answer.
#include "tablet/rpc_tablet.h"

#include <algorithm>
#include <map>

#include "rpc/messages.h"
#include "tablet/detail/names.h"
#include "tablet/detail/rpc_error.h"
#include "tablet/detail/rpc_request.h"

namespace sluice::tablet {
namespace {

// Status flags of MySQL's OK: a tablet does not tell them.
constexpr std::uint16_t in_transaction = 1, autocommit = 2;
// A release that is not answered is left to the tablet's own time-outs.
constexpr std::chrono::seconds release_patience{5};

struct Held {
    std::uint64_t transaction_id = 0, reserved_id = 0;
    std::uint64_t settings_key = 0;
    std::string reset_statement;  // undoes its settings
    bool in_use = false;
    bool abandoned = false;  // released while in use: whoever uses it releases it
};

// What became of one RPC.
struct Ran {
    Result<void> end;
    bool sent = false;
    bool refused = false;  // by the tablet, before MySQL saw it
    bool own = false;      // the error is the sink's, the stop's, or ours about the answer
};

// What describes a statement may have rows all the same: an aggregate's one, those of SHOW.
class ColumnsOnly : public RowSink {
 public:
    explicit ColumnsOnly(RowSink* inner) : inner_(inner) { sequence = inner->sequence; }
    Result<void> columns(const ColumnPackets& columns) override {
        inner_->sequence = sequence;
        return inner_->columns(columns);
    }
    Result<Take> rows(const RowRun&) override { return Take::more; }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

 private:
    RowSink* inner_;
};

// Character sets whose text is UTF-8 on the tablet's connections too, by collation.
bool is_utf8(std::uint16_t collation) {
    const auto in = [collation](int low, int high) {
        return collation >= low && collation <= high;
    };
    return in(33, 33) || in(45, 46) || in(76, 76) || in(83, 83) || in(192, 215) || in(223, 247) ||
           in(255, 323);
}

::query::Target target_of(const RpcTabletOptions& options) {
    ::query::Target target;
    target.set_keyspace(options.keyspace);
    target.set_shard(options.shard);
    std::string name = options.type;
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    ::topodata::TabletType type = ::topodata::UNKNOWN;
    if (::topodata::TabletType_Parse(name, &type)) target.set_tablet_type(type);
    return target;
}

void set_key(Held* held, const Settings* settings) {
    held->settings_key = settings == nullptr ? 0 : settings->key;
    held->reset_statement = settings == nullptr ? std::string() : settings->reset_statement;
}

}  // namespace

struct RpcTablet::Self {
    RpcTabletOptions options;
    rpc::Channel channel;
    ::query::Target target;
    std::string target_bytes = target.SerializeAsString();
    std::string where;
    std::map<HeldId, Held> held;

    explicit Self(RpcTabletOptions given)
        : options(std::move(given)),
          channel(options.channel),
          target(target_of(options)),
          where("target: " + options.keyspace + "." + options.shard + "." + options.type + ": ") {}

    Task<Ran> ask(const RpcMessage* request, AnswerReader* reader, std::chrono::milliseconds limit,
                  Stop* stop);
    static Ran failed(const rpc::ClientCall& call, Error error);
    static Task<Ran> read_answer(rpc::ClientCall* call, AnswerReader* reader, Stop* stop);
    static Task<Ran> read_stream(rpc::ClientCall* call, AnswerReader* reader, Stop* stop);
    Task<Outcome> run(const Call* call, RowSink* sink, Held* held);
    Task<Outcome> on_held(const Call* call, RowSink* sink);
    Task<Outcome> on_fresh(const Call* call, RowSink* sink);
    Result<RpcRequest> request_of(const Call& call, const Held& held) const;
    Task<Result<void>> run_first(const Call* call, const Held* held, RpcRequest* request);
    template <class Request, class Response>
    Task<Result<void>> finish(HeldId id, bool keep, std::string_view method, Stop* stop);
    Task<void> send_release(Held held);
    HeldId add(Held added);
    Error with_client_names(Error error) const {
        error.text = tablet::with_client_names(std::move(error.text), error.number,
                                               options.database, options.keyspace);
        return error;
    }
};

// Sends the message and reads the answer into `reader`. What a tablet that is going away has never
// looked at is sent again once, over a new connection.
Task<Ran> RpcTablet::Self::ask(const RpcMessage* request, AnswerReader* reader,
                               std::chrono::milliseconds limit, Stop* stop) {
    rpc::CallOptions how;
    how.timeout = limit;
    const rpc::Bytes pieces[] = {request->bytes.view()};
    for (bool again = true;; again = false) {
        rpc::ClientCall call;
        Ran ran;
        ran.end = co_await channel.start(&call, request->method, how, stop);
        if (!ran.end) co_return ran;
        ran.end = call.send_only(pieces);
        if (!ran.end) co_return ran;  // it is too large
        if (request->stream) {
            ran = co_await read_stream(&call, reader, stop);
        } else {
            ran = co_await read_answer(&call, reader, stop);
        }
        if (ran.end || ran.sent || !again) co_return ran;
    }
}

Ran RpcTablet::Self::failed(const rpc::ClientCall& call, Error error) {
    Ran ran;
    ran.sent = !call.unprocessed();
    ran.refused = (error.code == Code::failed_precondition || error.code == Code::cluster_event) &&
                  !names_number(error.text);
    ran.end = fail(std::move(error));
    return ran;
}

// The one message of an answer.
Task<Ran> RpcTablet::Self::read_answer(rpc::ClientCall* call, AnswerReader* reader, Stop* stop) {
    auto message = co_await call->single_answer(stop);
    if (!message) co_return failed(*call, std::move(message).error());
    Ran ran{.end = {}, .sent = true};
    ran.end = co_await reader->take(message->view(), stop);
    ran.own = !ran.end;
    co_return ran;
}

Task<Ran> RpcTablet::Self::read_stream(rpc::ClientCall* call, AnswerReader* reader, Stop* stop) {
    Ran ran{.end = {}, .sent = true};
    while (ran.end) {
        auto message = co_await call->receive(stop);
        if (!message) co_return failed(*call, std::move(message).error());
        if (!*message) break;
        ran.end = co_await reader->take((*message)->view(), stop);
        ran.own = !ran.end;
    }
    co_return ran;
}

Result<RpcRequest> RpcTablet::Self::request_of(const Call& call, const Held& of) const {
    if (call.execution != nullptr) return bug("a prepared statement's packet for a tablet");
    RpcRequest request;
    const bool normalized = call.variables != nullptr && !call.normalized.empty();
    request.text = normalized ? call.normalized : call.text;
    if (normalized) request.variables = call.variables;
    request.settings = call.settings;
    request.caller = call.caller;
    request.options = call.options;
    request.before = TRY(read_before(call.before));
    request.transaction_id = static_cast<std::int64_t>(of.transaction_id);
    request.reserved_id = static_cast<std::int64_t>(of.reserved_id);
    request.reserve = call.hold && call.reserve && of.reserved_id == 0;
    // What streams is never reserved: a tablet has no such call.
    request.stream = call.stream && !request.reserve;
    const Settings* settings = call.settings;
    if (settings != nullptr && settings->collation != 0 && !is_utf8(settings->collation))
        return unsupported("character sets other than utf8 and utf8mb4 on a tablet");
    if ((settings == nullptr ? 0 : settings->key) == of.settings_key) return request;
    std::vector<std::string> statements;
    if (!of.reset_statement.empty()) statements.push_back(of.reset_statement);
    if (settings != nullptr && !settings->set_statement.empty())
        statements.push_back(settings->set_statement);
    if (of.reserved_id != 0) {
        request.before.first.insert(request.before.first.begin(), statements.begin(),
                                    statements.end());
    } else if (!statements.empty()) {
        request.reserve = true;
        request.set_statements = std::move(statements);
    }
    return request;
}

// What a held connection runs before the statement: settings, a savepoint.
Task<Result<void>> RpcTablet::Self::run_first(const Call* call, const Held* of,
                                              RpcRequest* request) {
    const std::vector<std::string> texts = std::move(request->before.first);
    if (!texts.empty() && of->transaction_id == 0 && of->reserved_id == 0)
        co_return bug("a statement before one that has no connection");
    for (const std::string& text : texts) {
        RpcRequest own;
        own.text = text;
        own.caller = call->caller;
        own.transaction_id = request->transaction_id;
        own.reserved_id = request->reserved_id;
        const RpcMessage message = make_message(own, target_bytes);
        NoRows nothing;
        AnswerReader reader(message.layout, &nothing, false, nullptr);
        Ran ran = co_await ask(&message, &reader, std::chrono::milliseconds(0), call->stop);
        if (!ran.end) co_return std::move(ran.end);
    }
    co_return Result<void>{};
}

// One statement; `held` is what it runs on, and what it holds afterwards.
Task<Outcome> RpcTablet::Self::run(const Call* call, RowSink* sink, Held* of) {
    Outcome outcome;
    const bool was_held = of->transaction_id != 0 || of->reserved_id != 0;
    const auto explained = [&](Error error, bool sent) {
        if (call->stop != nullptr && call->stop->requested()) return call->stop->error();
        return with_client_names(
            rpc_error(std::move(error), sent || was_held ? where : std::string()));
    };
    Result<RpcRequest> request = request_of(*call, *of);
    if (!request) {
        outcome.end = fail(std::move(request).error());
        co_return outcome;
    }
    if (call->taken != nullptr) call->taken->on_taken(call->taken);
    if (Result<void> first = co_await run_first(call, of, &*request); !first) {
        outcome.sent = true;
        outcome.end = fail(explained(std::move(first).error(), true));
        co_return outcome;
    }
    const RpcMessage message = make_message(*request, target_bytes);
    AnswerReader reader(message.layout, sink, call->binary, options.channel.limits.budget);
    std::chrono::milliseconds limit{0};
    if (call->options != nullptr) limit = call->options->timeout.value_or(limit);
    Ran ran = co_await ask(&message, &reader, limit, call->stop);
    outcome.sent = ran.sent && !ran.refused;
    outcome.delivered = reader.delivered;
    if (reader.transaction_id != 0) of->transaction_id = reader.transaction_id;
    if (reader.reserved_id != 0) of->reserved_id = reader.reserved_id;
    if (of->transaction_id != 0 || of->reserved_id != 0) set_key(of, call->settings);
    if (!ran.end) {
        Error error = std::move(ran.end).error();
        outcome.end = fail(ran.own ? std::move(error) : explained(std::move(error), outcome.sent));
    } else if (reader.error) {
        outcome.end =
            fail(with_client_names(body_error(reader.error->code, reader.error->message, where)));
    } else {
        reader.end.status = of->transaction_id != 0 ? in_transaction : autocommit;
        outcome.end = std::move(reader.end);
    }
    co_return outcome;
}

Task<Outcome> RpcTablet::Self::on_fresh(const Call* call, RowSink* sink) {
    Held fresh;
    Outcome outcome = co_await run(call, sink, &fresh);
    if (fresh.transaction_id == 0 && fresh.reserved_id == 0) co_return outcome;
    if (call->hold) {
        outcome.held = add(std::move(fresh));
    } else {
        // The tablet could not do it without a connection of its own; nobody wants that.
        co_await send_release(std::move(fresh));
    }
    co_return outcome;
}

Task<Outcome> RpcTablet::Self::on_held(const Call* call, RowSink* sink) {
    Outcome outcome;
    const auto found = held.find(call->held);
    if (found == held.end() || found->second.in_use) {
        outcome.lost = found == held.end();
        outcome.end =
            fail(Code::aborted, "transaction " + std::to_string(call->held) +
                                    (outcome.lost ? ": not found" : ": in use: for query"));
        co_return outcome;
    }
    Held* const of = &found->second;
    of->in_use = true;
    const bool transaction = of->transaction_id != 0;
    outcome = co_await run(call, sink, of);
    of->in_use = false;
    outcome.held = call->held;
    if (!outcome.end) {
        Error& error = outcome.end.error();
        const bool stopped = call->stop != nullptr && call->stop->requested();
        if (!stopped && (says_gone(error) || (!transaction && says_elsewhere(error)))) {
            outcome.lost = true;
        } else if (!stopped && transaction && says_elsewhere(error)) {
            error.code = Code::aborted;  // the session rolls back what can be reached
        }
    }
    if (!outcome.lost && !of->abandoned) co_return outcome;
    const Held last = std::move(*of);
    held.erase(call->held);
    outcome.held = not_held;
    outcome.lost = true;
    if (last.abandoned) co_await send_release(last);
    co_return outcome;
}

HeldId RpcTablet::Self::add(Held added) {
    // The tablet's own number, which people see in its pages too.
    HeldId id = added.transaction_id != 0 ? added.transaction_id : added.reserved_id;
    while (id == not_held || held.contains(id)) ++id;
    held.emplace(id, std::move(added));
    return id;
}

template <class Request, class Response>
Task<Result<void>> RpcTablet::Self::finish(HeldId id, bool keep, std::string_view method,
                                           Stop* stop) {
    const auto found = held.find(id);
    if (found == held.end() || found->second.in_use) {
        co_return fail(Code::aborted, where + "transaction " + std::to_string(id) +
                                          (found == held.end() ? ": not found" : ": in use"));
    }
    Held* const of = &found->second;
    if (of->transaction_id != 0) {
        Request request;
        *request.mutable_target() = target;
        request.set_transaction_id(static_cast<std::int64_t>(of->transaction_id));
        of->in_use = true;
        Result<Response> answer =
            co_await rpc::unary<Response>(&channel, method, &request, {}, stop);
        of->in_use = false;
        // Whatever the tablet thinks of it now ends with release().
        if (!answer) {
            if (of->abandoned) {
                const Held last = std::move(*of);
                held.erase(id);
                co_await send_release(last);
            }
            if (stop != nullptr && stop->requested()) co_return fail(stop->error());
            co_return fail(with_client_names(rpc_error(std::move(answer).error(), where)));
        }
        of->transaction_id = 0;
        of->reserved_id = static_cast<std::uint64_t>(answer->reserved_id());
    }
    if (keep && !of->abandoned) co_return Result<void>{};
    const Held last = std::move(*of);
    held.erase(id);
    if (last.reserved_id != 0) co_await send_release(last);
    co_return Result<void>{};
}

Task<void> RpcTablet::Self::send_release(Held last) {
    if (last.transaction_id == 0 && last.reserved_id == 0) co_return;
    ::query::ReleaseRequest request;
    *request.mutable_target() = target;
    request.set_transaction_id(static_cast<std::int64_t>(last.transaction_id));
    request.set_reserved_id(static_cast<std::int64_t>(last.reserved_id));
    rpc::CallOptions how;
    how.timeout = release_patience;
    static_cast<void>(co_await rpc::unary<::query::ReleaseResponse>(
        &channel, "/queryservice.Query/Release", &request, how, nullptr));
}

RpcTablet::RpcTablet(RpcTabletOptions options)
    : self_(std::make_unique<Self>(std::move(options))) {}

RpcTablet::~RpcTablet() = default;

Task<Outcome> RpcTablet::execute(const Call* call, RowSink* sink) {
    if (call->held != not_held) return self_->on_held(call, sink);
    return self_->on_fresh(call, sink);
}

Task<Outcome> RpcTablet::prepare(const Call* call, RowSink* sink) {
    if (call->normalized.empty() || call->variables == nullptr) {
        Outcome refused;
        refused.end = unsupported("preparing on a tablet without a query for the columns");
        co_return refused;
    }
    ColumnsOnly columns(sink);
    Outcome outcome = co_await execute(call, &columns);
    if (outcome.end) outcome.end->rows = 0;
    co_return outcome;
}

Task<Result<void>> RpcTablet::commit(HeldId held, bool keep, Stop* stop) {
    return self_->finish<::query::CommitRequest, ::query::CommitResponse>(
        held, keep, "/queryservice.Query/Commit", stop);
}

Task<Result<void>> RpcTablet::rollback(HeldId held, bool keep, Stop* stop) {
    return self_->finish<::query::RollbackRequest, ::query::RollbackResponse>(
        held, keep, "/queryservice.Query/Rollback", stop);
}

Task<void> RpcTablet::release(HeldId id) {
    const auto found = self_->held.find(id);
    if (found == self_->held.end()) co_return;
    if (found->second.in_use) {
        found->second.abandoned = true;
        co_return;
    }
    const Held last = std::move(found->second);
    self_->held.erase(found);
    co_await self_->send_release(last);
}

// The tablet holds them; any gate may go on with them.
HeldNumbers RpcTablet::hand_out(HeldId id, bool, bool) {
    const auto found = self_->held.find(id);
    if (found == self_->held.end()) return {};
    VT_ASSERT(!found->second.in_use);
    const HeldNumbers numbers{
        .transaction_id = static_cast<std::int64_t>(found->second.transaction_id),
        .reserved_id = static_cast<std::int64_t>(found->second.reserved_id)};
    self_->held.erase(found);
    return numbers;
}

HeldId RpcTablet::take_over(HeldNumbers numbers, const Settings* settings) {
    Held taken;
    taken.transaction_id = static_cast<std::uint64_t>(numbers.transaction_id);
    taken.reserved_id = static_cast<std::uint64_t>(numbers.reserved_id);
    set_key(&taken, settings);
    return self_->add(std::move(taken));
}

Task<void> RpcTablet::close() {
    while (!self_->held.empty()) {
        VT_ASSERT(!self_->held.begin()->second.in_use);
        co_await release(self_->held.begin()->first);
    }
    co_await self_->channel.close();
}

std::size_t RpcTablet::held() const {
    return self_->held.size();
}

const rpc::ChannelCounters& RpcTablet::counters() const {
    return self_->channel.counters();
}

}  // namespace sluice::tablet
