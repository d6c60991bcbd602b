// my.cnf is made of a template. Before: mysqld.cc.
#include <algorithm>
#include <map>
#include <optional>

#include "mysqlctl/my_cnf.h"

namespace sluice::mysqlctl {
namespace {

std::map<std::string, std::string, std::less<>> values_of(const MyCnf& cnf) {
    return {{"Path", cnf.path},
            {"ServerID", std::to_string(cnf.server_id)},
            {"MysqlPort", std::to_string(cnf.port)},
            {"TabletDir", cnf.folder()},
            {"DataDir", cnf.data},
            {"InnodbDataHomeDir", cnf.innodb_data},
            {"InnodbLogGroupHomeDir", cnf.innodb_log},
            {"SecureFilePriv", cnf.secure_files},
            {"TmpDir", cnf.temporary},
            {"SocketFile", cnf.socket},
            {"PidFile", cnf.pid},
            {"GeneralLogPath", cnf.general_log},
            {"ErrorLogPath", cnf.error_log},
            {"SlowLogPath", cnf.slow_log},
            {"RelayLogPath", cnf.relay_log},
            {"RelayLogIndexPath", cnf.relay_log_index},
            {"RelayLogInfoPath", cnf.relay_log_info},
            {"BinLogPath", cnf.binary_log},
            {"MasterInfoFile", cnf.master_info}};
}

constexpr std::string_view spaces = " \t\r\n";

std::string_view without_space_before(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    return text;
}

std::string_view without_space_after(std::string_view text) {
    const std::size_t last = text.find_last_not_of(spaces);
    return text.substr(0, last == text.npos ? 0 : last + 1);
}

class Filler {
 public:
    Filler(std::string_view text, const MyCnf& cnf)
        : whole_(text), rest_(text), values_(values_of(cnf)) {}

    Result<std::string> fill() {
        for (;;) {
            const std::size_t open = rest_.find("{{");
            std::string_view literal = rest_.substr(0, open);
            if (open == rest_.npos) {
                write(literal);
                break;
            }
            rest_.remove_prefix(open + 2);
            const std::size_t close = rest_.find("}}");
            if (close == rest_.npos) return fails("{{ has no }}");
            std::string_view action = rest_.substr(0, close);
            rest_.remove_prefix(close + 2);
            if (action.starts_with("- ")) {
                literal = without_space_after(literal);
                action.remove_prefix(2);
            }
            if (action.ends_with(" -")) {
                rest_ = without_space_before(rest_);
                action.remove_suffix(2);
            }
            write(literal);
            TRY(obey(without_space_before(without_space_after(action))));
        }
        if (!conditions_.empty()) return fails("{{if}} has no {{end}}");
        return std::move(made_);
    }

 private:
    bool writes() const {
        return std::ranges::all_of(conditions_, [](bool is) { return is; });
    }
    void write(std::string_view text) {
        if (writes()) made_.append(text);
    }
    std::unexpected<Error> fails(const std::string& what) const {
        const std::string_view before = whole_.substr(0, whole_.size() - rest_.size());
        return fail(Code::invalid_argument,
                    "template of my.cnf, line " +
                        std::to_string(std::ranges::count(before, '\n') + 1) + ": " + what);
    }
    Result<std::string> value(std::string_view name) const {
        const auto found = values_.find(name);
        if (found == values_.end()) return fails("there is no value ." + std::string(name));
        return found->second;
    }
    Result<void> obey(std::string_view action) {
        if (action == "end" || action == "else") {
            if (conditions_.empty()) return fails("{{" + std::string(action) + "}} has no {{if}}");
            if (action == "end") {
                conditions_.pop_back();
            } else {
                conditions_.back() = !conditions_.back();
            }
            return {};
        }
        if (action.starts_with("if ")) {
            const std::string_view name = without_space_before(action.substr(3));
            if (!name.starts_with('.')) return fails("{{if}} takes a value, as in {{if .TmpDir}}");
            const std::string of = TRY(value(name.substr(1)));
            conditions_.push_back(!of.empty() && of != "0");
            return {};
        }
        if (!action.starts_with('.'))
            return fails("only {{.Value}}, {{if .Value}}, {{else}} and {{end}} are known, not {{" +
                         std::string(action) + "}}");
        write(TRY(value(action.substr(1))));
        return {};
    }

    std::string_view whole_, rest_;
    std::map<std::string, std::string, std::less<>> values_;
    std::vector<bool> conditions_;
    std::string made_;
};

}  // namespace

Result<std::string> fill_template(std::string_view text, const MyCnf& values) {
    return Filler(text, values).fill();
}

}  // namespace sluice::mysqlctl
