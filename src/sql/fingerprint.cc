// Step 3 of a request: the text's fingerprint, by which executor/ finds a cached plan. No parse, no
// allocation.
#include "sql/fingerprint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "sql/ast_expr.h"

namespace sluice::sql {
namespace {

constexpr std::size_t kept_slots = 4096;  // room that a session's storage may keep
constexpr std::size_t compared_slots =
    64;  // equal literals are looked for among the first distinct ones
constexpr std::uint32_t longest_shared = 256;  // v21 shares no longer literals

std::uint64_t multiply_fold(std::uint64_t left, std::uint64_t right) {
    const auto product = static_cast<unsigned __int128>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Is `word` this lower-case ASCII word?
bool is_word(std::string_view word, std::string_view lower) {
    if (word.size() != lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if ((word[i] | 0x20) != lower[i]) return false;
    }
    return true;
}

bool is_literal(TokenKind kind) {
    return kind >= TokenKind::string && kind <= TokenKind::bit_string;
}

// 0: INT64, 1: UINT64, 2: more digits than either holds.
std::uint32_t integer_size(std::string_view digits) {
    if (digits.size() < 19) return 0;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return 2;
    return value > static_cast<std::uint64_t>(INT64_MAX) ? 1 : 0;
}

// What a plan may depend on besides the kind: size of integers, digits and scale of decimals.
std::uint32_t literal_shape(TokenKind kind, std::string_view text) {
    if (kind == TokenKind::integer) return integer_size(text);
    if (kind != TokenKind::decimal) return 0;
    const std::size_t point = text.find('.');
    return static_cast<std::uint32_t>(std::min<std::size_t>(point, 255) << 8 |
                                      std::min<std::size_t>(text.size() - point - 1, 255));
}

bool is_temporal(std::string_view word) {
    return is_word(word, "date") || is_word(word, "time") || is_word(word, "timestamp");
}

// {d '..'}, {t '..'}, {ts '..'}: the same in ODBC's form.
bool is_braced_temporal(std::string_view word) {
    return is_word(word, "d") || is_word(word, "t") || is_word(word, "ts");
}

struct FirstWord {
    std::string_view word;
    StatementClass statement;
};
constexpr FirstWord first_words[] = {
    {"select", StatementClass::select},
    {"insert", StatementClass::insert},
    {"update", StatementClass::update},
    {"delete", StatementClass::delete_},
    {"with", StatementClass::select},
    {"replace", StatementClass::replace},
    {"set", StatementClass::set},
    {"show", StatementClass::show},
    {"use", StatementClass::use},
    {"begin", StatementClass::begin},
    {"start", StatementClass::begin},
    {"commit", StatementClass::commit},
    {"rollback", StatementClass::rollback},
    {"savepoint", StatementClass::savepoint},
    {"release", StatementClass::release},
    {"kill", StatementClass::kill},
    {"create", StatementClass::ddl},
    {"alter", StatementClass::ddl},
    {"drop", StatementClass::ddl},
    {"rename", StatementClass::ddl},
    {"truncate", StatementClass::ddl},
    {"explain", StatementClass::explain},
    {"vexplain", StatementClass::vexplain},
    {"describe", StatementClass::describe},
    {"desc", StatementClass::describe},
    {"prepare", StatementClass::prepare},
    {"execute", StatementClass::execute},
    {"deallocate", StatementClass::deallocate},
    {"call", StatementClass::call},
    {"lock", StatementClass::lock},
    {"unlock", StatementClass::unlock},
    {"flush", StatementClass::flush},
    {"analyze", StatementClass::analyze},
    {"optimize", StatementClass::other_admin},
    {"repair", StatementClass::other_admin},
    {"check", StatementClass::other_admin},
    {"do", StatementClass::other_admin},
    {"load", StatementClass::load},
    {"stream", StatementClass::stream},
    {"vstream", StatementClass::vstream},
    {"revert", StatementClass::revert},
};

StatementClass class_of(std::string_view word) {
    for (const FirstWord& entry : first_words) {
        if (is_word(word, entry.word)) return entry.statement;
    }
    return StatementClass::unknown;
}

}  // namespace

class FingerprintPass {
 public:
    FingerprintPass(std::string_view text, const LexerMode& mode, const FingerprintSeed& seed,
                    Fingerprint& out)
        : lexer_(text, mode), text_(text), out_(out) {
        a_ = seed.first ^ 0x9e3779b97f4a7c15 ^ mode.bits();
        b_ = seed.second ^ 0xc2b2ae3d27d4eb4f;
    }

    void run();
    static std::vector<LiteralSlot>& storage(Fingerprint& out) { return out.slots_; }

 private:
    void mix(std::uint64_t header, std::uint64_t bytes) {
        a_ = multiply_fold(a_ ^ bytes, 0xa0761d6478bd642f ^ header);
        b_ = multiply_fold(b_ ^ header, 0xe7037ed1a0b428db ^ bytes);
    }
    void mix_text(const Token& token);
    std::uint64_t chunk(std::size_t offset, std::size_t length) const;
    void take(const Token& token);
    void take_word(const Token& token);
    void take_literal(const Token& token);
    bool take_list();
    std::uint16_t group_of(const LiteralSlot& slot);
    std::string_view last_word_text() const {
        return text_.substr(last_word_.offset, last_word_.length);
    }
    void finish(const Token& last);

    Lexer lexer_;
    std::string_view text_;
    Fingerprint& out_;
    std::uint64_t a_;
    std::uint64_t b_;
    TokenKind previous_ = TokenKind::end;
    Token last_word_;
    bool braced_ = false;  // the last word stands behind {
    bool after_in_ = false;
    bool groups_ = true;  // literals of INSERT ... VALUES are not compared
    std::uint32_t depth_ = 0;
    std::uint64_t select_lists_ = 0;  // bit n: between SELECT and FROM at depth n
    std::array<std::uint32_t, compared_slots> distinct_{};  // slots that stand for their group
    std::uint32_t distinct_count_ = 0;
};

// Up to eight bytes of the text as a number. One load where eight bytes are there.
std::uint64_t FingerprintPass::chunk(std::size_t offset, std::size_t length) const {
    std::uint64_t bytes = 0;
    if (offset + 8 <= text_.size()) {
        std::memcpy(&bytes, text_.data() + offset, 8);
        return length == 0 ? 0 : bytes & (~std::uint64_t{0} >> (64 - 8 * length));
    }
    for (std::size_t i = 0; i < length; ++i)
        bytes |= std::uint64_t{static_cast<unsigned char>(text_[offset + i])} << (8 * i);
    return bytes;
}

// The token's kind and length, and its bytes.
void FingerprintPass::mix_text(const Token& token) {
    std::size_t offset = token.offset;
    std::size_t left = token.length;
    for (; left > 8; left -= 8, offset += 8) mix(1, chunk(offset, 8));
    mix(static_cast<std::uint64_t>(token.kind) | std::uint64_t{token.length} << 8,
        chunk(offset, left));
}

std::uint16_t FingerprintPass::group_of(const LiteralSlot& slot) {
    if (!groups_ || slot.length > longest_shared) return 0;
    const std::string_view text = text_.substr(slot.offset, slot.length);
    for (std::uint32_t i = 0; i < distinct_count_; ++i) {
        const LiteralSlot& other = out_.slots_[distinct_[i]];
        if (other.length == slot.length && other.kind == slot.kind &&
            std::memcmp(text_.data() + other.offset, text.data(), text.size()) == 0) {
            return static_cast<std::uint16_t>(i + 1);
        }
    }
    if (distinct_count_ == compared_slots) return 0;
    distinct_[distinct_count_++] = static_cast<std::uint32_t>(out_.slots_.size());
    return static_cast<std::uint16_t>(distinct_count_);
}

void FingerprintPass::take_literal(const Token& token) {
    const std::string_view text = text_.substr(token.offset, token.length);
    if (token.kind == TokenKind::string && previous_ == TokenKind::word &&
        (is_temporal(last_word_text()) || (braced_ && is_braced_temporal(last_word_text())))) {
        // DATE'..' is checked when the plan is built, so its text is part of the key.
        out_.normal_length += token.length;
        return mix_text(token);
    }
    LiteralSlot slot;
    slot.kind = token.kind;
    slot.escapes = token.escapes;
    slot.introduced = token.kind != TokenKind::integer && previous_ == TokenKind::word &&
                      last_word_text().starts_with('_');
    slot.offset = token.offset;
    slot.length = token.length;
    slot.group = group_of(slot);
    out_.slots_.push_back(slot);
    if (select_lists_ != 0) out_.select_literals = true;
    const std::uint64_t shape = literal_shape(token.kind, text);
    const std::uint64_t too_long = token.length > longest_shared ? 1 : 0;
    mix(static_cast<std::uint64_t>(token.kind) | too_long << 8 | std::uint64_t{slot.group} << 16,
        shape);
    ++out_.normal_length;
}

// Behind IN and its parenthesis: literals of one kind up to the closing parenthesis become one
// slot. Not beside executed comments: a list is read again by itself, where it may mean another
// thing.
bool FingerprintPass::take_list() {
    Lexer ahead = lexer_;
    LiteralSlot slot;
    slot.list = true;
    slot.offset = ahead.position() - 1;
    std::uint64_t shapes = 0;
    while (true) {
        const Token literal = ahead.next();
        if (!is_literal(literal.kind) || (slot.kind != TokenKind::end && slot.kind != literal.kind))
            return false;
        slot.kind = literal.kind;
        slot.escapes = slot.escapes || literal.escapes;
        if (literal.kind == TokenKind::integer) {
            shapes |= std::uint64_t{1}
                      << integer_size(text_.substr(literal.offset, literal.length));
        }
        const Token separator = ahead.next();
        if (separator.kind == TokenKind::right_parenthesis) break;
        if (separator.kind != TokenKind::comma) return false;
    }
    if (ahead.saw_version_comment()) return false;
    lexer_ = ahead;
    slot.length = lexer_.position() - slot.offset;
    out_.slots_.push_back(slot);
    mix(static_cast<std::uint64_t>(slot.kind) | 0x7e00, shapes);
    ++out_.normal_length;
    return true;
}

void FingerprintPass::take_word(const Token& token) {
    const std::string_view word = text_.substr(token.offset, token.length);
    last_word_ = token;
    braced_ = previous_ == TokenKind::left_brace;
    after_in_ = word.size() == 2 && is_word(word, "in");
    if (out_.tokens == 0 ||
        (out_.statement == StatementClass::empty && previous_ == TokenKind::left_parenthesis)) {
        out_.statement = class_of(word);
        groups_ =
            out_.statement != StatementClass::insert && out_.statement != StatementClass::replace;
    }
    const std::uint64_t bit = std::uint64_t{1} << std::min(depth_, 63u);
    if (word.size() == 6 && is_word(word, "select")) {
        select_lists_ |= bit;
        groups_ = true;
    } else if (word.size() == 4 && is_word(word, "from") && !lexer_.at_dot()) {
        select_lists_ &= ~bit;
    }
    mix_text(token);
}

void FingerprintPass::take(const Token& token) {
    if (is_literal(token.kind)) return take_literal(token);
    out_.normal_length += token.length;
    if (token.kind == TokenKind::word) return take_word(token);
    const bool in_list = after_in_ && token.kind == TokenKind::left_parenthesis;
    after_in_ = false;
    switch (token.kind) {
        case TokenKind::left_parenthesis:
            mix(static_cast<std::uint64_t>(token.kind),
                previous_ == TokenKind::word ? std::uint64_t{token.space_before} + 1 : 0);
            if (in_list && take_list()) {
                previous_ = TokenKind::right_parenthesis;
                return;
            }
            ++depth_;
            return;
        case TokenKind::right_parenthesis:
            if (depth_ < 63) select_lists_ &= ~(std::uint64_t{1} << depth_);
            if (depth_ > 0) --depth_;
            mix(static_cast<std::uint64_t>(token.kind), 0);
            return;
        case TokenKind::dot:
            out_.dots = true;
            break;
        case TokenKind::parameter:
            ++out_.parameters;
            break;
        case TokenKind::user_variable:
            out_.user_variables = true;
            break;
        case TokenKind::system_variable:
            out_.system_variables = true;
            break;
        case TokenKind::comment:
            out_.directives = true;
            break;
        case TokenKind::error:
            out_.failed = true;
            break;
        default:
            break;
    }
    if (token.length <= 3 && token.kind >= TokenKind::left_parenthesis)
        return mix(static_cast<std::uint64_t>(token.kind), 0);
    mix_text(token);
}

void FingerprintPass::run() {
    out_.statement = StatementClass::empty;
    while (true) {
        const Token token = lexer_.next();
        if (token.kind == TokenKind::end || token.kind == TokenKind::semicolon || out_.failed)
            return finish(token);
        take(token);
        if (previous_ != TokenKind::right_parenthesis ||
            token.kind != TokenKind::left_parenthesis) {
            previous_ = token.kind;
        }
        out_.statement_end = lexer_.position();
        ++out_.tokens;
    }
}

void FingerprintPass::finish(const Token& last) {
    Token token = last;
    while (token.kind == TokenKind::semicolon) token = lexer_.next();
    out_.one_statement = out_.tokens > 0 && token.kind == TokenKind::end && !out_.failed;
    out_.version_comment = lexer_.saw_version_comment();
    if (out_.version_comment) mix(0x21, 1);
    mix(0xff, out_.tokens);
    out_.high = a_ ^ (b_ << 32 | b_ >> 32);
    out_.low = multiply_fold(b_ ^ 0x8ebc6af09c88c6e3, a_ ^ 0x589965cc75374cc3);
}

void fingerprint(std::string_view text, const LexerMode& mode, const FingerprintSeed& seed,
                 Fingerprint& out) {
    std::vector<LiteralSlot>& slots = FingerprintPass::storage(out);
    if (slots.capacity() > kept_slots) slots = std::vector<LiteralSlot>();
    slots.clear();
    out.tokens = out.normal_length = out.parameters = out.statement_end = 0;
    out.failed = out.user_variables = out.system_variables = out.dots = out.version_comment = false;
    out.directives = out.select_literals = false;
    FingerprintPass(text, mode, seed, out).run();
}

StatementClass classify(std::string_view text, const LexerMode& mode) {
    Lexer lexer(text, mode);
    Token token = lexer.next();
    while (token.kind == TokenKind::left_parenthesis || token.kind == TokenKind::comment)
        token = lexer.next();
    if (token.kind == TokenKind::end) return StatementClass::empty;
    return token.kind == TokenKind::word ? class_of(lexer.text(token)) : StatementClass::unknown;
}

namespace {

std::string with_upper_digits(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

Value value_of(TokenKind kind, bool escapes, std::string_view text, const LexerMode& mode) {
    switch (kind) {
        case TokenKind::integer: {
            const std::uint32_t size = integer_size(text);
            return {size == 0   ? Type::int64
                    : size == 1 ? Type::uint64
                                : Type::decimal,
                    std::string(text)};
        }
        case TokenKind::decimal:
            return {Type::decimal, std::string(text)};
        case TokenKind::floating:
            return {Type::float64, std::string(text)};
        case TokenKind::hex_number:
            return {Type::hexnum, with_upper_digits(text)};
        case TokenKind::bit_number:
            return {Type::bitnum, std::string(text)};
        case TokenKind::bit_string:
            return {Type::bitnum, "0b" + std::string(text.substr(2, text.size() - 3))};
        case TokenKind::hex_string: {
            std::string value = with_upper_digits(text);
            value[0] = 'x';
            return {Type::hexval, std::move(value)};
        }
        case TokenKind::national:
            text.remove_prefix(1);
            [[fallthrough]];
        case TokenKind::string:
            if (escapes) return {Type::varchar, unquote(text, mode)};
            return {Type::varchar, std::string(text.substr(1, text.size() - 2))};
        default:
            return {};
    }
}

}  // namespace

Value slot_value(std::string_view text, const LiteralSlot& slot, const LexerMode& mode) {
    return value_of(slot.kind, slot.escapes, text.substr(slot.offset, slot.length), mode);
}

std::vector<Value> slot_list(std::string_view text, const LiteralSlot& slot,
                             const LexerMode& mode) {
    const std::string_view list = text.substr(slot.offset, slot.length);
    std::vector<Value> values;
    Lexer lexer(list, mode);
    for (Token token = lexer.next(); token.kind != TokenKind::end && token.kind != TokenKind::error;
         token = lexer.next()) {
        if (is_literal(token.kind))
            values.push_back(value_of(token.kind, token.escapes, lexer.text(token), mode));
    }
    return values;
}

}  // namespace sluice::sql
