// Any bytes, in every mode: what parses prints, and what is printed parses to the same text.
#include <cstdlib>
#include <iostream>

#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace {

// Statements that are kept as they came, so that they are read again in the client's mode.
bool keeps_text(const sluice::sql::Statement& statement) {
    using namespace sluice::sql;
    const auto* ddl = statement.as<Ddl>();
    const auto* show = statement.as<Show>();
    return (show != nullptr && show->kind == ShowKind::other) ||
           (ddl != nullptr && ddl->truncated_parse) || statement.as<OtherAdmin>() != nullptr ||
           statement.as<Administration>() != nullptr || statement.as<Load>() != nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace sluice::sql;
    if (size == 0) return 0;
    LexerMode mode;
    mode.ansi_quotes = (bytes[0] & 1) != 0;
    mode.no_backslash_escapes = (bytes[0] & 2) != 0;
    mode.pipes_as_concat = (bytes[0] & 4) != 0;
    mode.high_not_precedence = (bytes[0] & 8) != 0;
    mode.ignore_space = (bytes[0] & 16) != 0;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto parsed = parse(text, mode);
    if (!parsed) return 0;
    format(*parsed, {.as_v21 = true});
    redact(text);
    const std::string printed = format(*parsed);
    // What could not be read is kept as it came; two minus signs at its end begin a comment.
    if (printed.ends_with("--")) return 0;
    const auto again = parse(printed, keeps_text(*parsed) ? mode : LexerMode{});
    if (!again || format(*again) != printed) {
        std::cerr << printed << "\n" << (again ? format(*again) : again.error().text) << "\n";
        std::abort();
    }
    return 0;
}
