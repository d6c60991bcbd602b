// Step 9 of a request: a connection for it. Before: tablet/mysql_tablet.cc. After: run.cc.
#include "mysql/pool.h"

#include <algorithm>
#include <charconv>

#include "async/deadline.h"
#include "mysql/run.h"
#include "wire/row.h"

namespace sluice::mysql {

using async::Clock;
using async::Loop;

// A caller in the queue. It leaves the queue with a connection, with a permit to make one, or with
// an error.
class Pool::Waiter : async::StopNode {
 public:
    Waiter(Pool* pool, const Want& want, Stop* stop) : want_(want), pool_(pool), stop_(stop) {
        on_stop = [](StopNode* node) { static_cast<Waiter*>(node)->end(); };
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    bool await_ready() const noexcept { return stop_ != nullptr && stop_->requested(); }
    void await_suspend(std::coroutine_handle<> frame) {
        frame_ = frame;
        before_ = pool_->last_;
        (before_ != nullptr ? before_->after_ : pool_->first_) = this;
        pool_->last_ = this;
        ++pool_->waiting_;
        if (stop_ != nullptr) stop_->add(this);
        if (pool_->options_.wait_timeout.count() > 0)
            Loop::current().set_timer(&timer_, pool_->options_.wait_timeout);
        pool_->serve();
    }
    void await_resume() const noexcept {}

    // Out of the queue, and on as soon as the code that runs now has ended.
    void end() {
        pool_->remove(this);
        unlink();
        timer_.clear();
        Loop::current().resume_soon(frame_);
    }

    Want want_;
    std::unique_ptr<Connection> connection_;
    Permit permit_;
    bool refused_ = false;  // the pool closes

 private:
    friend class Pool;
    struct WaitTimer : async::Timer {
        explicit WaitTimer(Waiter* of) : Timer(&WaitTimer::fire), waiter(of) {}
        static void fire(Timer* timer) { static_cast<WaitTimer*>(timer)->waiter->end(); }
        Waiter* waiter;
    };

    Pool* pool_;
    Stop* stop_;
    Waiter* before_ = nullptr;
    Waiter* after_ = nullptr;
    WaitTimer timer_{this};
    std::coroutine_handle<> frame_;
};

Pool::Pool(Server server, PoolOptions options, std::shared_ptr<Permits> permits)
    : server_(std::move(server)),
      options_(std::move(options)),
      handles_(ServerHandles::on(server_.address)),
      permits_(std::move(permits)),
      member_(std::make_shared<PermitMember>()) {
    if (options_.wait_error.empty()) options_.wait_error = "connection pool limit exceeded";
    member_->owner = this;
    member_->loop = &Loop::current();
    permits_->join(member_);
    idle_.reserve(permits_->limit());
}

Pool::~Pool() {
    VT_ASSERT(first_ == nullptr);
    member_->owner = nullptr;
    permits_->leave(member_);
}

namespace {

void tell(const Want& want) {
    if (want.granted != nullptr) want.granted->on_grant(want.granted);
}

}  // namespace

std::unique_ptr<Connection> Pool::take_now(const Want& want) {
    fallen_.clear();
    if (first_ != nullptr || want.fresh || closing_) return nullptr;
    std::unique_ptr<Connection> taken = take_idle(want);
    if (taken) tell(want);
    return taken;
}

std::unique_ptr<Connection> Pool::take_idle(const Want& want) {
    const auto fits = [&](const Connection& each) {
        return each.found_rows() == want.found_rows && !(want.writable && each.read_only);
    };
    for (;;) {
        std::size_t chosen = idle_.size();
        for (std::size_t i = idle_.size(); i-- > 0;) {
            const Connection& each = *idle_[i];
            if (!fits(each)) continue;
            if (each.settings_key == want.settings_key) {
                chosen = i;
                break;
            }
            if (chosen == idle_.size() && each.repairable()) chosen = i;
        }
        if (chosen == idle_.size()) return nullptr;
        std::unique_ptr<Connection> taken = std::move(idle_[chosen]);
        idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(chosen));
        if (taken->unpark()) return taken;
        // It is closed here; its permit may go to somebody else.
    }
}

// Closes an idle connection that does not fit, and hands its permit on.
bool Pool::spare_idle(Permit* permit) {
    if (idle_.empty()) return false;
    const std::unique_ptr<Connection> closed = std::move(idle_.front());
    idle_.erase(idle_.begin());
    closed->unpark();
    *permit = std::move(closed->permit);
    return true;
}

bool Pool::grant(Waiter* waiter) {
    if (!waiter->want_.fresh) {
        waiter->connection_ = take_idle(waiter->want_);
        if (waiter->connection_) return true;
    }
    waiter->permit_ = permits_->take(member_);
    return waiter->permit_ || spare_idle(&waiter->permit_);
}

void Pool::serve() {
    bool ask = false, again = false;
    while (first_ != nullptr) {
        Waiter* const waiter = first_;
        if (closing_) {
            waiter->refused_ = true;
        } else if (!grant(waiter)) {
            // Announced first, tried once more: a permit given back in between is not missed.
            if (std::exchange(again, true)) break;
            if (!member_->waiting.load()) ask = true;
            permits_->set_waiting(member_.get(), true);
            continue;
        }
        // Others may have more to give; connections that they use are let go as they come back.
        if (waiter->permit_) ask = true;
        waiter->end();
    }
    if (first_ != nullptr && ask) permits_->ask(member_.get());
}

void Pool::permit_free() {
    if (first_ == nullptr) {
        permits_->pass_on();
    } else {
        serve();
    }
}

void Pool::remove(Waiter* waiter) {
    (waiter->before_ != nullptr ? waiter->before_->after_ : first_) = waiter->after_;
    (waiter->after_ != nullptr ? waiter->after_->before_ : last_) = waiter->before_;
    --waiting_;
    if (first_ == nullptr) permits_->set_waiting(member_.get(), false);
}

Error Pool::wait_over() const {
    const auto seconds = std::chrono::duration<double>(options_.wait_timeout).count();
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), seconds).ptr;
    return make_error(Code::resource_exhausted, er::too_many_user_connections,
                      options_.wait_error + ": no connection to " + options_.name +
                          " became free within " + std::string(digits, end) + " s (limit " +
                          std::to_string(permits_->limit()) + ")");
}

Task<Result<std::unique_ptr<Connection>>> Pool::take(Want want, Stop* stop) {
    if (std::unique_ptr<Connection> connection = take_now(want)) co_return std::move(connection);
    Permit permit;
    if (first_ == nullptr && !closing_) permit = permits_->take(member_);
    if (!permit) {
        Waiter waiter(this, want, stop);
        co_await waiter;
        if (waiter.connection_) {
            tell(want);
            co_return std::move(waiter.connection_);
        }
        if (waiter.refused_ || closing_)
            co_return fail(Code::unavailable, er::server_shutdown, "the pool is closed");
        if (!waiter.permit_) {
            if (stop != nullptr && stop->requested()) co_return std::unexpected(stop->error());
            co_return std::unexpected(wait_over());
        }
        permit = std::move(waiter.permit_);
    }
    tell(want);
    co_return co_await make(std::move(permit), want, stop);
}

Task<Result<std::unique_ptr<Connection>>> Pool::make(Permit permit, Want want, Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(
        limited.get(), server_.connect_timeout,
        make_error(Code::unavailable, er::cr_conn_refused,
                   "Can't connect to MySQL server on '" + server_.address.text() + "' (time-out)"));
    std::unique_ptr<Connection> made =
        CO_TRY(co_await Connection::open(&server_, {.found_rows = want.found_rows}, limited.get()));
    made->handles().set_limits(handles_, options_.handles_per_connection);
    CO_TRY(co_await inspect(made.get(), limited.get()));
    made->permit = std::move(permit);
    ++made_;
    co_return std::move(made);
}

namespace {

// The cells of a one-row result.
class OneRow : public ResultSink {
 public:
    Result<void> columns(const Columns& columns) override {
        count_ = columns.count;
        return {};
    }
    Result<bool> rows(const Rows& rows) override {
        bytes_.assign(rows.packets.begin(), rows.packets.end());
        return false;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

    // Empty if the row is not there or the cell is NULL.
    std::string_view cell(std::size_t index) const {
        const auto frame = wire::next_frame(bytes_);
        const auto* row = std::get_if<wire::Frame>(&frame);
        if (row == nullptr || index >= count_) return {};
        wire::ByteView rest = row->payload;
        for (; !rest.empty(); --index) {
            const std::size_t length = rest[0];  // these cells are short
            const bool null = length == 0xfb;
            if (length > 0xfa && !null) return {};
            const std::size_t size = null ? 0 : length;
            if (rest.size() < 1 + size) return {};
            if (index == 0) return wire::text_of(rest.subspan(1, size));
            rest = rest.subspan(1 + size);
        }
        return {};
    }

 private:
    std::size_t count_ = 0;
    std::vector<std::uint8_t> bytes_;
};

bool is_on(std::string_view value) {
    return !value.empty() && value != "0" && value != "OFF" && value != "NO";
}

}  // namespace

// One question to each new connection: the server's role, and how many handles it can keep.
Task<Result<void>> Pool::inspect(Connection* connection, Stop* stop) {
    OneRow answer;
    const std::string_view question =
        connection->is_mariadb() ? "select @@global.max_prepared_stmt_count, @@global.read_only, 0"
                                 : "select @@global.max_prepared_stmt_count, @@global.read_only, "
                                   "@@global.super_read_only";
    CO_TRY(co_await connection->query(question, &answer, stop));
    const std::string_view count = answer.cell(0);
    std::int64_t most = 0;
    if (std::from_chars(count.data(), count.data() + count.size(), most).ec == std::errc())
        handles_->limit.store(most / 2);
    connection->read_only = is_on(answer.cell(1)) || is_on(answer.cell(2));
    co_return Result<void>{};
}

void Pool::give(std::unique_ptr<Connection> connection) {
    fallen_.clear();
    const Clock::time_point now = Clock::now();
    const bool old =
        options_.max_lifetime.count() > 0 && now - connection->opened > options_.max_lifetime;
    const bool fit = connection->in_order() && !connection->in_transaction() && !old && !closing_;
    const bool yielded = fit && permits_->should_yield(member_.get(), first_ != nullptr);
    if (!fit || yielded) {
        connection.reset();
        if (first_ != nullptr && !yielded) serve();
        return;
    }
    connection->last_used = now;
    Connection* const returned = connection.get();
    idle_.push_back(std::move(connection));
    returned->park(this);
    if (first_ != nullptr) serve();
    if (!trim_.set()) arm_trim();
}

void Pool::prove(std::uint64_t settings_key) {
    constexpr std::size_t most = 4096;  // sessions come and go; what is forgotten is proven again
    if (proven_.size() >= most) proven_.clear();
    proven_.insert(settings_key);
}

void Pool::gone(Connection* connection) {
    const auto found = std::ranges::find_if(
        idle_, [connection](const auto& each) { return each.get() == connection; });
    if (found == idle_.end()) return;
    // We are inside its Stop: it is destroyed later, but others may have its permit now.
    fallen_.push_back(std::move(*found));
    idle_.erase(found);
    fallen_.back()->permit.release();
}

void Pool::permit_wanted() {
    if (first_ != nullptr || idle_.empty()) return;
    Permit permit;
    static_cast<void>(spare_idle(&permit));
}

void Pool::cancel(std::unique_ptr<Connection> connection) {
    scope_.spawn("cancel", cancel_then_give(std::move(connection)));
}

Task<void> Pool::cancel_then_give(std::unique_ptr<Connection> connection) {
    constexpr std::chrono::seconds patience{2};
    static_cast<void>(co_await interrupt(&server_, connection.get(), patience));
    give(std::move(connection));
}

void Pool::Trim::fire(Timer* timer) {
    static_cast<Trim*>(timer)->pool->trim();
}

void Pool::trim() {
    fallen_.clear();
    const Clock::time_point now = Clock::now();
    // The longest unused are at the front.
    while (!idle_.empty() && now - idle_.front()->last_used >= options_.idle_timeout) {
        Permit permit;
        static_cast<void>(spare_idle(&permit));
    }
    arm_trim();
}

void Pool::arm_trim() {
    if (options_.idle_timeout.count() <= 0 || idle_.empty() || closing_) return;
    Loop::current().set_timer(&trim_,
                              idle_.front()->last_used + options_.idle_timeout - Clock::now());
}

Task<void> Pool::close() {
    closing_ = true;
    trim_.clear();
    serve();
    for (const auto& connection : idle_) connection->unpark();
    idle_.clear();
    fallen_.clear();
    co_await scope_.join();
}

}  // namespace sluice::mysql
