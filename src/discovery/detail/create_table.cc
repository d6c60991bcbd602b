// Beside requests: what a tablet's CREATE TABLE says of columns. Before: track.cc has asked the
// tablet. After: vschema merges it into the Schema.
#include "discovery/detail/create_table.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "collation/collation.h"
#include "discovery/detail/table_reader.h"
#include "sql/lexer.h"

namespace sluice::discovery {
namespace {

using sql::TokenKind;

// MySQL hides INVISIBLE and the like in comments for servers of its own version; all are read.
constexpr sql::LexerMode every_version{.version = 999'999};

struct Word {
    TokenKind kind;
    std::string_view text;
    std::size_t begin, end;  // in the statement
};

bool is(const Word& word, std::string_view wanted) {
    return word.kind == TokenKind::word &&
           std::ranges::equal(word.text, wanted, [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           });
}

bool is_name(const Word& word) {
    return word.kind == TokenKind::word || word.kind == TokenKind::quoted_word;
}

std::string plain(const Word& word) {
    return word.kind == TokenKind::word ? std::string(word.text)
                                        : sql::unquote(word.text, every_version);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

Result<std::vector<Word>> words_of(std::string_view text) {
    std::vector<Word> words;
    sql::Lexer lexer(text, every_version);
    for (sql::Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
        if (token.kind == TokenKind::error) {
            return fail(Code::invalid_argument, "a CREATE TABLE statement cannot be read");
        }
        words.push_back({token.kind, lexer.text(token), token.offset, token.end()});
    }
    return words;
}

// Where the parenthesis at `open` closes; the end if it does not.
std::size_t closing(std::span<const Word> words, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < words.size(); ++i) {
        if (words[i].kind == TokenKind::left_parenthesis) ++depth;
        if (words[i].kind == TokenKind::right_parenthesis && --depth == 0) return i;
    }
    return words.size();
}

std::int32_t number_in(const Word& word) {
    std::int32_t number = 0;
    std::from_chars(word.text.data(), word.text.data() + word.text.size(), number);
    return number;
}

// Items between the outer parentheses, cut at commas outside of inner ones.
std::vector<std::span<const Word>> items_of(std::span<const Word> inside) {
    std::vector<std::span<const Word>> items;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= inside.size(); ++i) {
        if (i < inside.size() && inside[i].kind == TokenKind::left_parenthesis) ++depth;
        if (i < inside.size() && inside[i].kind == TokenKind::right_parenthesis) --depth;
        const bool ends = i == inside.size() || (depth == 0 && inside[i].kind == TokenKind::comma);
        if (!ends) continue;
        if (i > begin) items.push_back(inside.subspan(begin, i - begin));
        begin = i + 1;
    }
    return items;
}

std::vector<std::string> key_columns(std::span<const Word> item) {
    std::vector<std::string> names;
    const auto open = std::ranges::find(item, TokenKind::left_parenthesis, &Word::kind);
    const auto at = static_cast<std::size_t>(open - item.begin());
    const std::size_t close = closing(item, at);
    for (std::size_t i = at + 1; i < close; ++i) {
        const bool first =
            item[i - 1].kind == TokenKind::left_parenthesis || item[i - 1].kind == TokenKind::comma;
        if (first && is_name(item[i])) names.push_back(plain(item[i]));
    }
    return names;
}

bool is_key(std::span<const Word> item) {
    if (item.front().kind != TokenKind::word) return false;
    for (const char* start : {"primary", "key", "unique", "index", "fulltext", "spatial",
                              "constraint", "foreign", "check", "period"}) {
        if (is(item.front(), start)) return true;
    }
    return false;
}

bool has_collation(Type type) {
    return type == Type::char_ || type == Type::varchar || type == Type::text ||
           type == Type::enum_ || type == Type::set;
}

struct TableText {
    std::string_view statement;
    std::string collation;  // of the table
};

// attributes of a column, from `at` on
void read_attributes(std::span<const Word> item, std::size_t at, vschema::Column* column) {
    for (std::size_t i = at; i < item.size(); ++i) {
        const bool more = i + 1 < item.size();
        if (item[i].kind == TokenKind::left_parenthesis) {
            i = closing(item, i);  // a generated column's expression, a CHECK
        } else if (is(item[i], "collate") && more) {
            column->collation_name = lower(plain(item[++i]));
        } else if ((is(item[i], "charset") || is(item[i], "set")) && more) {
            const auto* standard = collation::default_collation(lower(plain(item[++i])));
            if (standard != nullptr) column->collation_name = standard->name;
        } else if (is(item[i], "not") && more && is(item[i + 1], "null")) {
            column->nullable = false;
            ++i;
        } else if (is(item[i], "invisible")) {
            column->invisible = true;
        } else if (is(item[i], "default") && more) {
            const Word& value = item[++i];
            column->default_value = value.kind == TokenKind::string
                                        ? sql::unquote(value.text, every_version)
                                        : std::string(value.text);
            if (is(value, "null")) column->default_value.clear();
            if (value.kind == TokenKind::left_parenthesis) --i;
        } else if (is(item[i], "comment")) {
            ++i;
        }
    }
}

Result<vschema::Column> column_of(std::span<const Word> item, const TableText& table) {
    if (item.size() < 2 || !is_name(item[0]) || item[1].kind != TokenKind::word) {
        return fail(Code::invalid_argument, "a column of a CREATE TABLE statement cannot be read");
    }
    vschema::Column column;
    column.name = plain(item[0]);
    column.nullable = true;
    std::size_t at = 2;
    std::size_t type_end = item[1].end;
    if (at < item.size() && item[at].kind == TokenKind::left_parenthesis) {
        const std::size_t close = closing(item, at);
        if (close == item.size()) {
            return fail(Code::invalid_argument, "a column's type does not end");
        }
        column.size = number_in(item[at + 1]);
        if (close > at + 3) column.scale = number_in(item[at + 3]);
        type_end = item[close].end;
        at = close + 1;
    }
    while (at < item.size() && (is(item[at], "unsigned") || is(item[at], "zerofill"))) {
        type_end = item[at++].end;
    }
    const std::string type = lower(item[1].text);
    const std::string_view whole = table.statement.substr(item[1].begin, type_end - item[1].begin);
    column.type = type_of_column(type == "integer" ? "int" : type, whole);
    if (column.type == Type::enum_ || column.type == Type::set) {
        column.values = listed_values(whole);
        column.size = column.scale = 0;
    }
    read_attributes(item, at, &column);
    if (!has_collation(column.type)) {
        column.collation_name.clear();
    } else if (column.collation_name.empty()) {
        column.collation_name = table.collation;
    }
    return column;
}

// COLLATE, or the default of CHARSET, among the table's options.
std::string table_collation(std::span<const Word> options) {
    std::string collation;
    for (std::size_t i = 0; i + 1 < options.size(); ++i) {
        const std::size_t value =
            options[i + 1].kind == TokenKind::equal && i + 2 < options.size() ? i + 2 : i + 1;
        const bool charset = is(options[i], "charset") || is(options[i], "set");
        if (charset && collation.empty()) {
            const auto* standard = collation::default_collation(lower(plain(options[value])));
            if (standard != nullptr) collation = standard->name;
        }
        if (is(options[i], "collate")) return lower(plain(options[value]));
    }
    return collation;
}

}  // namespace

Result<vschema::DiscoveredTable> parse_create_table(std::string name, std::string_view text) {
    const std::vector<Word> words = TRY(words_of(text));
    std::size_t at = 0;
    if (words.size() < 3 || !is(words[0], "create")) {
        return fail(Code::invalid_argument, "not a CREATE TABLE statement");
    }
    at = is(words[1], "temporary") ? 2 : 1;
    if (!is(words[at], "table"))
        return fail(Code::invalid_argument, "not a CREATE TABLE statement");
    while (at < words.size() && words[at].kind != TokenKind::left_parenthesis) ++at;
    const std::size_t close = closing(words, at);
    if (close == words.size()) {
        return fail(Code::invalid_argument, "a CREATE TABLE statement does not end");
    }
    const std::span<const Word> all = words;
    const TableText table{text, table_collation(all.subspan(close + 1))};
    vschema::DiscoveredTable made;
    made.name = std::move(name);
    for (const std::span<const Word> item : items_of(all.subspan(at + 1, close - at - 1))) {
        if (!is_key(item)) {
            made.columns.push_back(TRY(column_of(item, table)));
        } else if (is(item[0], "primary")) {
            made.primary_key = key_columns(item);
        }
    }
    return made;
}

}  // namespace sluice::discovery
