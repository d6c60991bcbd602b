#pragma once
// Log lines from any room. A room says what happened; the program decides where it goes by setting
// the sink once at start (servenv/glog.h). Without a sink lines are dropped, as tests want it.
#include <atomic>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace sluice::log {

enum class Severity : std::uint8_t { info = 0, warning = 1, error = 2, fatal = 3 };

// Called from any thread; `file` is the name without folders.
using Sink = void (*)(Severity severity, std::string_view text, std::string_view file,
                      unsigned line);

inline std::atomic<Sink> sink{nullptr};

inline void write(Severity severity, std::string_view text, std::source_location where) {
    const Sink target = sink.load(std::memory_order_acquire);
    if (target == nullptr) return;
    std::string_view file = where.file_name();
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos) {
        file.remove_prefix(slash + 1);
    }
    target(severity, text, file, where.line());
}

// log::warning("the shard -80 has no primary");
inline void info(std::string_view text,
                 std::source_location where = std::source_location::current()) {
    write(Severity::info, text, where);
}
inline void warning(std::string_view text,
                    std::source_location where = std::source_location::current()) {
    write(Severity::warning, text, where);
}
inline void error(std::string_view text,
                  std::source_location where = std::source_location::current()) {
    write(Severity::error, text, where);
}

}  // namespace sluice::log
