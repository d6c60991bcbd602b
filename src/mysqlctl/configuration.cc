// my.cnf is written. Before: mysqld.cc, service.cc.
#include <cstdlib>
#include <filesystem>
#include <random>

#include <unistd.h>

#include "async/file_version.h"
#include "base/log.h"
#include "mysqlctl/detail/files.h"
#include "mysqlctl/mysqld.h"
#include "mysqlctl/programs.h"
#include "mysqlctl/server_texts.h"

namespace sluice::mysqlctl {
namespace {

constexpr std::size_t largest_template = 1U << 20U;

// EXTRA_MY_CNF = path *( ":" path ) ; a file that cannot be read is passed over with a log line.
std::string extra_my_cnf() {
    const char* const given = std::getenv("EXTRA_MY_CNF");
    const std::string paths = given == nullptr ? "" : given;
    std::string text;
    for (std::size_t at = 0; at < paths.size();) {
        const std::size_t end = std::min(paths.find(':', at), paths.size());
        const std::string path = paths.substr(at, end - at);
        at = end + 1;
        const auto read = async::read_file(path, largest_template);
        if (read) {
            text += "\n## " + path + "\n" + *read;
        } else {
            log::warning("EXTRA_MY_CNF: " + read.error().text);
        }
    }
    return text;
}

}  // namespace

Result<std::string> Mysqld::my_cnf_text() {
    if (const auto hook = find_hook("make_mycnf"))
        return fill_template(TRY(run_program({.words = {*hook}})), cnf_);
    if (!options_.template_file.empty()) {
        return fill_template(TRY(async::read_file(options_.template_file, largest_template)), cnf_);
    }
    return fill_template(my_cnf_template(TRY(program_version())) + extra_my_cnf(), cnf_);
}

Result<void> Mysqld::init_config() {
    if (detail::has_data(cnf_))
        return fail(Code::failed_precondition,
                    cnf_.data + " is not empty: a server that exists is started, not initialized");
    const std::string text = TRY(my_cnf_text());
    TRY(detail::make_folders(cnf_));
    return detail::write_file(cnf_.path, text);
}

Result<void> Mysqld::refresh_config() {
    const std::string text = TRY(my_cnf_text());
    const std::string before = TRY(async::read_file(cnf_.path, largest_template));
    if (before == text) {
        log::info("no changes to " + cnf_.path);
        return {};
    }
    const std::string fresh = cnf_.path + ".new";
    TRY(detail::write_file(fresh, text));
    std::error_code error;
    std::filesystem::rename(cnf_.path, cnf_.path + ".previous", error);
    if (!error) std::filesystem::rename(fresh, cnf_.path, error);
    if (error)
        return fail(Code::failed_precondition,
                    "could not replace " + cnf_.path + ": " + error.message());
    log::info("made " + cnf_.path + " anew; the one before is " + cnf_.path + ".previous");
    return {};
}

// Server ids from 100 on: small ones are for programs that read the log, and MySQL shows those from
// 2^31 on as negative numbers.
Result<void> Mysqld::reinit_config() {
    std::random_device chance;
    cnf_.server_id = std::uniform_int_distribution<std::uint32_t>(100, 0x7fffffff)(chance);
    return detail::write_file(cnf_.path, TRY(my_cnf_text()));
}

}  // namespace sluice::mysqlctl
