// Step 10 of a request: upper, lower and the simple weights of characters by their codes.
#include "collation/detail/letters.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "collation/detail/packed.h"

namespace sluice::collation::detail {

class CaseTable {
 public:
    explicit CaseTable(Stream& in) {
        char32_t code = 0;
        for (std::uint32_t left = in.number(); left > 0; --left) {
            code += in.number();
            const char32_t upper = in.near(code);
            pairs_.push_back({.code = code, .upper = upper, .lower = in.near(code)});
        }
        for (char32_t c = 0; c < ascii_.size(); ++c) ascii_[c] = searched(c);
    }

    CodeCase find(char32_t code) const {
        return code < ascii_.size() ? ascii_[code] : searched(code);
    }

 private:
    CodeCase searched(char32_t code) const {
        const auto at = std::ranges::lower_bound(pairs_, code, {}, &CodeCase::code);
        if (at != pairs_.end() && at->code == code) return *at;
        return {.code = code, .upper = code, .lower = code};
    }

    std::vector<CodeCase> pairs_;
    std::array<CodeCase, 128> ascii_{};
};

namespace {

constexpr Packed packed =
#include "collation/detail/letter_tables.inc"
    ;

struct Tables {
    std::vector<std::uint16_t> general, tolower;
    std::vector<CaseTable> families;  // the first is of whom no other is said
    std::map<std::string, std::uint32_t, std::less<>> named;  // the others' members

    Tables() {
        const std::string bytes = unpacked(packed);
        Stream in(bytes);
        general = weights(in);
        tolower = weights(in);
        for (std::uint32_t left = in.number(); left > 0; --left) families.emplace_back(in);
        for (std::uint32_t left = in.number(); left > 0; --left) {
            const std::string name(in.text());
            named[name] = in.number();
        }
        VT_ASSERT(in.empty());
    }

    static std::vector<std::uint16_t> weights(Stream& in) {
        std::vector<std::uint16_t> table(0x10000);
        for (std::size_t code = 0; code < table.size(); ++code) {
            table[code] = static_cast<std::uint16_t>(code);
        }
        std::uint32_t code = 0;
        for (std::uint32_t left = in.number(); left > 0; --left) {
            code += in.number();
            table[code] = static_cast<std::uint16_t>(in.near(code));
        }
        return table;
    }
};

const Tables& tables() {
    static const Tables all;
    return all;
}

}  // namespace

const std::uint16_t* general_weights() {
    return tables().general.data();
}

const std::uint16_t* tolower_weights() {
    return tables().tolower.data();
}

const CaseTable& case_table(std::string_view name) {
    const auto at = tables().named.find(name);
    return tables().families[at == tables().named.end() ? 0 : at->second];
}

CodeCase case_of(const CaseTable& table, char32_t code) {
    return table.find(code);
}

}  // namespace sluice::collation::detail
