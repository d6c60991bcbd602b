// Where a request ends that shows a mistake of ours, and where start ends that v21 calls fatal.
#include "servenv/crash.h"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>

#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "servenv/glog.h"

namespace sluice::servenv {
namespace {

constexpr int max_frames = 64;
[[maybe_unused]] constexpr std::size_t signal_stack = 64 * 1024;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_SANITIZED 1
#endif
#endif

struct Fatal {
    int number;
    const char* name;
};
constexpr Fatal fatal_signals[] = {
    {SIGABRT, "SIGABRT"},
#ifndef SLUICE_SANITIZED
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"}, {SIGFPE, "SIGFPE"},
#endif
};

// Local time, as known when reports were turned on: a handler may not ask for it.
std::atomic<long> seconds_east{0};
std::atomic<bool> reported{false};

const char* name_of(int number) {
    for (const Fatal& fatal : fatal_signals) {
        if (fatal.number == number) return fatal.name;
    }
    return "?";
}

void write_out(int descriptor, const char* text, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::write(descriptor, text, size);
        if (count <= 0) return;
        text += count;
        size -= static_cast<std::size_t>(count);
    }
}

// "F1126 01:16:14.123456   12345 crash.cc:1] text"; without locks and heap, as a handler must.
std::size_t fatal_line(char* into, std::size_t size, const char* what, const char* name) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const std::chrono::sys_seconds local{std::chrono::seconds(now.tv_sec + seconds_east.load())};
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(local - day);
    const int length = std::snprintf(
        into, size, "F%02u%02u %02d:%02d:%02d.%06ld %7ld crash.cc:1] %s %s; stack:\n",
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), now.tv_nsec / 1000, syscall(SYS_gettid), what,
        name);
    return length < 0 ? 0 : std::min(static_cast<std::size_t>(length), size - 1);
}

void report(const char* what, const char* name) {
    if (reported.exchange(true)) return;
    char line[512];
    const std::size_t size = fatal_line(line, sizeof line, what, name);
    void* frames[max_frames];
    const int count = backtrace(frames, max_frames);
    write_out(STDERR_FILENO, line, size);
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    for (const int descriptor : log_descriptors()) {
        if (descriptor < 0) continue;
        write_out(descriptor, line, size);
        backtrace_symbols_fd(frames, count, descriptor);
    }
}

void on_fatal_signal(int number) {
    report("fatal signal", name_of(number));
    std::signal(number, SIG_DFL);
    ::raise(number);
}

void on_terminate() {
    const std::exception_ptr thrown = std::current_exception();
    if (thrown == nullptr) std::abort();
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        report("uncaught exception:", exception.what());
    } catch (...) {
        report("uncaught exception", "of an unknown type");
    }
    std::abort();
}

}  // namespace

// A sanitizer has a stack of its own there, which it frees with the thread.
void prepare_thread_for_crash() {
#ifndef SLUICE_SANITIZED
    thread_local const auto room = std::make_unique<std::array<char, signal_stack>>();
    stack_t stack{};
    stack.ss_sp = room->data();
    stack.ss_size = room->size();
    sigaltstack(&stack, nullptr);
#endif
}

void report_crashes() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    seconds_east = local.tm_gmtoff;
    void* frames[1];
    backtrace(frames, 1);  // loads what it needs now, not in a handler
    prepare_thread_for_crash();
    for (const Fatal& fatal : fatal_signals) {
        struct sigaction action{};
        action.sa_handler = &on_fatal_signal;
        action.sa_flags = SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        sigaction(fatal.number, &action, nullptr);
    }
    std::set_terminate(&on_terminate);
}

std::string stack_text() {
    void* frames[max_frames];
    const int count = backtrace(frames, max_frames);
    const std::unique_ptr<char*, decltype(&std::free)> names(backtrace_symbols(frames, count),
                                                             &std::free);
    std::string text;
    for (int i = 1; names && i < count; ++i) text.append(names.get()[i]).append("\n");
    return text;
}

}  // namespace sluice::servenv
