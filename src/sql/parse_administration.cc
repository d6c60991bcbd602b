// Step 4 of a request: statements that a gate only knows by name. They are read to their end, and
// refused where they would run.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

// First words, in upper case; statements that begin so are read by nobody else.
constexpr std::string_view administrations[] = {
    "ALTER INSTANCE",
    "ALTER JSON",
    "ALTER LIBRARY",
    "ALTER LOGFILE GROUP",
    "ALTER RESOURCE GROUP",
    "ALTER SERVER",
    "ALTER TABLESPACE",
    "ALTER UNDO TABLESPACE",
    "ALTER USER",
    "BINLOG",
    "CACHE INDEX",
    "CHANGE",
    "CHECKSUM",
    "CLONE",
    "CREATE EXTERNAL TABLE",
    "CREATE JSON",
    "CREATE LIBRARY",
    "CREATE LOGFILE GROUP",
    "CREATE MATERIALIZED VIEW",
    "CREATE OR REPLACE JSON",
    "CREATE OR REPLACE MATERIALIZED VIEW",
    "CREATE OR REPLACE SPATIAL REFERENCE SYSTEM",
    "CREATE RESOURCE GROUP",
    "CREATE ROLE",
    "CREATE SERVER",
    "CREATE SPATIAL REFERENCE SYSTEM",
    "CREATE TABLESPACE",
    "CREATE UNDO TABLESPACE",
    "CREATE USER",
    "DROP LIBRARY",
    "DROP LOGFILE GROUP",
    "DROP RESOURCE GROUP",
    "DROP ROLE",
    "DROP SERVER",
    "DROP SPATIAL REFERENCE SYSTEM",
    "DROP TABLESPACE",
    "DROP UNDO TABLESPACE",
    "DROP USER",
    "GET CURRENT DIAGNOSTICS",
    "GET DIAGNOSTICS",
    "GET STACKED DIAGNOSTICS",
    "GRANT",
    "HANDLER",
    "HELP",
    "IMPORT TABLE",
    "INSTALL",
    "LOCK INSTANCE",
    "PURGE",
    "RENAME USER",
    "RESET",
    "RESIGNAL",
    "RESTART",
    "REVOKE",
    "SET DEFAULT ROLE",
    "SET PASSWORD",
    "SET RESOURCE GROUP",
    "SET ROLE",
    "SHUTDOWN",
    "SIGNAL",
    "START GROUP_REPLICATION",
    "START REPLICA",
    "START SLAVE",
    "STOP",
    "UNINSTALL",
    "UNLOCK INSTANCE",
    "XA",
};

// Those that are a statement of one word.
bool may_stand_alone(std::string_view name) {
    return name == "RESIGNAL" || name == "RESTART" || name == "SHUTDOWN" ||
           name.contains("REPLICA") || name.contains("SLAVE") || name.contains("INSTANCE");
}

bool may_begin(Keyword word) {
    switch (word) {
        case Keyword::select_:
        case Keyword::insert_:
        case Keyword::update_:
        case Keyword::delete_:
            return false;
        default:
            return word != Keyword::none;
    }
}

std::string upper_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

}  // namespace

// Do the first words say that nobody else reads this statement? `words`: how many name it.
bool Parser::at_administration(std::size_t& words) const {
    if (!may_begin(keyword(peek()))) return false;
    if (at_stored_program(words) || at_special_view(words)) return true;
    return std::ranges::any_of(administrations, [&](std::string_view name) {
        words = 0;
        while (!name.empty()) {
            const std::string_view word = name.substr(0, name.find(' '));
            const Token& token = peek(words);
            if (token.kind != TokenKind::word || !same_name(text(token), word)) return false;
            name.remove_prefix(std::min(name.size(), word.size() + 1));
            ++words;
        }
        // SET PASSWORD = .. sets a password; SET ROLE = .. a variable.
        const bool set = at(Keyword::set_) && !is(peek(1), Keyword::default_);
        return !set || peek(words).kind != TokenKind::equal || same_name(text(peek(1)), "password");
    });
}

// (CREATE [OR REPLACE] [DEFINER = user] [AGGREGATE] | ALTER [DEFINER = user] | DROP) (PROCEDURE |
// FUNCTION | TRIGGER | EVENT)
bool Parser::at_stored_program(std::size_t& words) const {
    if (!at(Keyword::create_) && !at(Keyword::alter_) && !at(Keyword::drop_)) return false;
    std::size_t ahead = 1;
    if (is(peek(ahead), Keyword::or_) && is(peek(ahead + 1), Keyword::replace_)) ahead += 2;
    if (is(peek(ahead), Keyword::definer_)) {
        while (peek(++ahead).kind != TokenKind::end && ahead < 9) {
            const Keyword word = keyword(peek(ahead));
            if (word == Keyword::procedure_ || word == Keyword::function_ ||
                word == Keyword::trigger_ || word == Keyword::event_)
                break;
        }
    }
    if (same_name(text(peek(ahead)), "aggregate")) ++ahead;
    words = ahead + 1;
    switch (keyword(peek(ahead))) {
        case Keyword::procedure_:
        case Keyword::function_:
        case Keyword::trigger_:
        case Keyword::event_:
            return true;
        default:
            return false;
    }
}

// (CREATE [OR REPLACE] | ALTER) [ALGORITHM = word] [DEFINER = user] [SQL SECURITY word] (JSON |
// MATERIALIZED) .. VIEW
bool Parser::at_special_view(std::size_t& words) const {
    if (!at(Keyword::create_) && !at(Keyword::alter_)) return false;
    std::size_t ahead = 1;
    if (is(peek(ahead), Keyword::or_) && is(peek(ahead + 1), Keyword::replace_)) ahead += 2;
    const bool options = is(peek(ahead), Keyword::algorithm_) ||
                         is(peek(ahead), Keyword::definer_) || is(peek(ahead), Keyword::sql_);
    if (!options) return false;
    for (; ahead < 15 && peek(ahead).kind != TokenKind::end; ++ahead) {
        if (is(peek(ahead), Keyword::view_)) return false;
        const bool named = peek(ahead - 1).kind != TokenKind::equal;
        if (named && (same_name(text(peek(ahead)), "json") ||
                      same_name(text(peek(ahead)), "materialized"))) {
            words = ahead + 1;
            return true;
        }
    }
    return false;
}

// administration: words {anything}; semicolons only in the body of a stored program
Statement Parser::parse_administration(std::size_t words) {
    const std::uint32_t start = peek().offset;
    const bool program = keyword(peek(words - 1)) == Keyword::procedure_ ||
                         keyword(peek(words - 1)) == Keyword::function_ ||
                         keyword(peek(words - 1)) == Keyword::trigger_ ||
                         keyword(peek(words - 1)) == Keyword::event_;
    Administration result;
    if (program || words > 5) {  // without what stands between
        result.name = upper_case(text(peek())) + " " + upper_case(text(peek(words - 1)));
        index_ += words;
    } else {
        for (std::size_t i = 0; i < words; ++i)
            result.name += (i == 0 ? "" : " ") + upper_case(text(take()));
    }
    if (result.name == "XA") result.name += " " + upper_case(text(peek()));
    const bool alone = may_stand_alone(result.name);
    if (at(TokenKind::end) && !alone) fail();
    while (!at(TokenKind::end)) {
        if (at(TokenKind::error) || (at(TokenKind::semicolon) && !program)) fail();
        take();
    }
    result.text = text_from(start);
    return {std::move(result)};
}

}  // namespace sluice::sql::detail
