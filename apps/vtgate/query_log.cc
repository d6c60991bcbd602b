// Who listens to the query log: a file (--log_queries_to_file), /debug/querylog, /debug/querylogz
// (vtgate-contract 11.1).
#include "executor/query_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/cross.h"
#include "async/deadline.h"
#include "base/log.h"
#include "gate.h"
#include "servenv/html.h"

namespace sluice::vtgate {
namespace {

using executor::QueryLog;
using executor::QueryLogFormat;
using executor::QueryRecordPointer;

// The file of --log_queries_to_file. One that has been moved away is opened anew, so that it can
// be rotated from outside.
class LogFile {
 public:
    explicit LogFile(std::string path) : path_(std::move(path)) {}
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    // On the blocking pool, one call at a time.
    Result<void> append(std::string_view lines) {
        TRY(reopen());
        while (!lines.empty()) {
            const ssize_t written = ::write(descriptor_, lines.data(), lines.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return fail(Code::internal, path_ + ": cannot be written");
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    Result<void> reopen() {
        struct stat at_path{}, opened{};
        const bool there = ::stat(path_.c_str(), &at_path) == 0;
        if (descriptor_ >= 0) {
            const bool same = there && ::fstat(descriptor_, &opened) == 0 &&
                              opened.st_ino == at_path.st_ino && opened.st_dev == at_path.st_dev;
            if (same) return {};
            ::close(descriptor_);
        }
        descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor_ < 0) return fail(Code::internal, path_ + ": cannot be opened");
        return {};
    }

 private:
    std::string path_;
    int descriptor_ = -1;
};

Task<void> follow_file(QueryLog* log, std::unique_ptr<LogFile> file, QueryLogFormat format,
                       Stop* stop) {
    QueryLog::Listener listener(log, "FileLog");
    for (;;) {
        const Result<QueryRecordPointer> record = co_await listener.next(stop);
        if (!record) co_return;
        std::string lines = executor::format_record(**record, format);
        // What has come meanwhile goes along.
        while (const QueryRecordPointer next = listener.take())
            lines += executor::format_record(*next, format);
        const Result<void> written =
            co_await async::blocking([to = file.get(), &lines] { return to->append(lines); });
        if (!written) log::error("query log: " + written.error().text);
    }
}

Task<void> stream_lines(QueryLog* log, QueryLogFormat format, servenv::AdminServer::Writer* out,
                        Stop* stop) {
    QueryLog::Listener listener(log, "ServeLogs");
    for (;;) {
        const Result<QueryRecordPointer> record = co_await listener.next(stop);
        if (!record) co_return;
        if (!co_await out->write(executor::format_record(**record, format))) co_return;
    }
}

// A number of the query, within its bounds.
std::int64_t parameter(const servenv::HttpRequest& request, const char* name,
                       std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) return otherwise;
    std::int64_t value = 0;
    const char* const end = found->second.data() + found->second.size();
    const auto parsed = std::from_chars(found->second.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return otherwise;
    return std::clamp(value, least, most);
}

// "Jan  2 15:04:05.000000"
std::string stamp(std::chrono::system_clock::time_point when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
        when - std::chrono::system_clock::from_time_t(seconds));
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char date[32], whole[64];
    std::strftime(date, sizeof date, "%b %e %H:%M:%S", &parts);
    std::snprintf(whole, sizeof whole, "%s.%06d", date, static_cast<int>(micros.count()));
    return whole;
}

std::string seconds_of(std::chrono::nanoseconds taken) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(taken).count());
    return text;
}

std::string shortened(std::string text, std::size_t most) {
    constexpr std::string_view mark = " [TRUNCATED]";
    if (most <= mark.size() || text.size() <= most) return text;
    return text.substr(0, most - mark.size()).append(mark);
}

void add_row(servenv::HtmlTable* table, const executor::QueryRecord& record,
             const servenv::QueryLogFlags& flags) {
    const auto longest =
        static_cast<std::size_t>(std::max<std::int64_t>(flags.sql_max_length_ui, 0));
    std::string text = executor::shown_text(record, flags.redact_debug_ui_queries);
    const std::array<std::string, 16> cells = {std::string(record.method),
                                               record.peer,
                                               record.user,
                                               record.immediate_caller,
                                               record.session_uuid,
                                               stamp(record.start),
                                               stamp(record.end()),
                                               seconds_of(record.total),
                                               seconds_of(record.planning),
                                               seconds_of(record.execution),
                                               seconds_of({}),
                                               record.statement_type,
                                               shortened(std::move(text), longest),
                                               std::to_string(record.shard_queries),
                                               std::to_string(record.rows_affected),
                                               record.error};
    using namespace std::chrono_literals;
    table->row(cells, record.total < 10ms ? "low" : record.total < 100ms ? "medium" : "high");
}

// Listens for a while, then shows what it has heard.
Task<servenv::HttpResponse> querylogz(QueryLog* log, const servenv::QueryLogFlags* flags,
                                      servenv::HttpRequest request, Stop* stop) {
    constexpr std::array<std::string_view, 16> headings = {"Method",
                                                           "Context",
                                                           "Effective Caller",
                                                           "Immediate Caller",
                                                           "SessionUUID",
                                                           "Start",
                                                           "End",
                                                           "Duration",
                                                           "Plan Time",
                                                           "Execute Time",
                                                           "Commit Time",
                                                           "Stmt Type",
                                                           "SQL",
                                                           "ShardQueries",
                                                           "RowsAffected",
                                                           "Error"};
    const std::int64_t limit = parameter(request, "limit", 300, 1, 200'000);
    async::LinkedStop patient(stop);
    const std::chrono::seconds patience(parameter(request, "timeout", 10, 0, 60));
    const async::Deadline deadline(patient.get(), patience,
                                   make_error(Code::deadline_exceeded, "that is all"));
    if (patience.count() == 0)
        patient.get()->request(make_error(Code::deadline_exceeded, "that is all"));
    servenv::HtmlTable table(headings);
    QueryLog::Listener listener(log, "querylogz");
    for (std::int64_t i = 0; i < limit; ++i) {
        const Result<QueryRecordPointer> record = co_await listener.next(patient.get());
        if (!record) break;
        add_row(&table, **record, *flags);
    }
    co_return servenv::HttpResponse{
        .content_type = "text/html; charset=utf-8",
        .body = servenv::html_page("Query log", "<h1>Query log</h1>\n" + table.text())};
}

QueryLogFormat format_of(const servenv::QueryLogFlags& flags, bool full) {
    return {
        .json = flags.format == "json", .redacted = flags.redact_debug_ui_queries, .full = full};
}

}  // namespace

void Gate::make_query_log() {
    const servenv::QueryLogFlags& flags = flags_->query_log;
    query_log_ = std::make_unique<QueryLog>(
        &main_loop(),
        executor::QueryLogFilter{.tag = flags.filter_tag, .row_threshold = flags.row_threshold},
        flags.sample_rate, static_cast<std::size_t>(std::max<std::int64_t>(flags.buffer_size, 1)));
    for (const auto& core : cores_) core->executor.query_log = query_log_.get();
}

Task<Result<void>> Gate::open_query_log(Stop*) {
    const servenv::QueryLogFlags& flags = flags_->query_log;
    if (flags.log_queries_to_file.empty()) co_return Result<void>{};
    auto file = std::make_unique<LogFile>(flags.log_queries_to_file);
    CO_TRY(file->reopen());
    scope_.spawn("query log",
                 follow_file(query_log_.get(), std::move(file), format_of(flags, true), &ending_));
    co_return Result<void>{};
}

void add_query_log_pages(servenv::AdminServer& admin, QueryLog* log,
                         const servenv::QueryLogFlags& flags) {
    admin.endless_page(
        "/debug/querylog",
        [log, &flags](const servenv::HttpRequest& request, servenv::AdminServer::Writer* out,
                      Stop* stop) {
            return stream_lines(log, format_of(flags, request.query.contains("full")), out, stop);
        },
        servenv::Role::debugging);
    admin.awaiting_page(
        "/debug/querylogz",
        [log, &flags](servenv::HttpRequest request, Stop* stop) {
            return querylogz(log, &flags, std::move(request), stop);
        },
        servenv::Role::debugging);
}

}  // namespace sluice::vtgate
