// Beside a session's step 2: users change while the process runs.
#include "auth/user_file.h"

#include "async/cross.h"
#include "async/deadline.h"
#include "base/log.h"

namespace sluice::auth {
namespace {

constexpr std::size_t largest_file = 16 << 20;  // a hundred thousand users

struct Contents {
    async::FileVersion version;
    Result<std::string> text = std::string();
};

Contents read_contents(const std::string& path) {
    Contents contents{.version = async::file_version(path)};
    contents.text = async::read_file(path, largest_file);
    return contents;
}

}  // namespace

UserFile::UserFile(Options options, Publish publish)
    : options_(std::move(options)), publish_(std::move(publish)) {}

async::Task<Result<std::shared_ptr<const Users>>> UserFile::load() {
    Contents contents =
        co_await async::blocking([path = options_.path] { return read_contents(path); });
    version_ = contents.version;
    const std::string text = CO_TRY(std::move(contents.text));
    co_return parse_static_users(text, options_.path);
}

async::Task<void> UserFile::read_again() {
    const auto users = co_await load();
    if (users) {
        log::info("users are read from " + options_.path);
        publish_(*users);
    } else {
        log::error("the old users stay: " + users.error().text);
    }
}

void UserFile::reload() {
    reload_due_ = true;
    asked_.wake_all();
}

async::Task<void> UserFile::follow(async::Stop* stop) {
    auto last_read = async::Clock::now();
    while (!stop->requested()) {
        if (!reload_due_) {
            async::LinkedStop look(stop);
            const async::Deadline deadline(look.get(), options_.look_interval,
                                           make_error(Code::deadline_exceeded, "time to look"));
            static_cast<void>(co_await asked_.wait(look.get()));
        }
        if (stop->requested()) break;
        const async::FileVersion now =
            co_await async::blocking([path = options_.path] { return async::file_version(path); });
        const bool interval_over = options_.reload_interval.count() > 0 &&
                                   async::Clock::now() - last_read >= options_.reload_interval;
        if (!std::exchange(reload_due_, false) && now == version_ && !interval_over) continue;
        co_await read_again();
        last_read = async::Clock::now();
    }
}

}  // namespace sluice::auth
