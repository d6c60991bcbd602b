// XPath: recursive descent over the text. A step's node knows the set from which it goes.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.h"
#include "eval/detail/failure.h"
#include "eval/detail/types.h"
#include "eval/detail/xpath.h"
#include "sql/ast.h"

namespace sluice::eval {

bool XPath::is_truth() const {
    switch (kind) {
        case XPathKind::compare:
        case XPathKind::both:
        case XPathKind::either:
            return true;
        case XPathKind::call:
            return function == XPathFunction::boolean || function == XPathFunction::contains ||
                   function == XPathFunction::false_ || function == XPathFunction::not_ ||
                   function == XPathFunction::true_;
        default:
            return false;
    }
}

namespace {

enum class Token : std::uint8_t { end, unknown, word, number, string, sign };

constexpr std::size_t shown_bytes = 32;  // of the text, in an error

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Named {
    std::string_view name;
    XPathFunction function;
    std::size_t least, most;  // arguments
};
constexpr Named functions[] = {
    {"boolean", XPathFunction::boolean, 1, 1},
    {"ceiling", XPathFunction::ceiling, 1, 1},
    {"concat", XPathFunction::concat, 2, 255},
    {"contains", XPathFunction::contains, 2, 2},
    {"count", XPathFunction::count, 1, 1},
    {"false", XPathFunction::false_, 0, 0},
    {"floor", XPathFunction::floor, 1, 1},
    {"last", XPathFunction::last, 0, 0},
    {"not", XPathFunction::not_, 1, 1},
    {"number", XPathFunction::number, 0, 1},
    {"position", XPathFunction::position, 0, 0},
    {"round", XPathFunction::round, 1, 1},
    {"string-length", XPathFunction::string_length, 0, 1},
    {"substring", XPathFunction::substring, 2, 3},
    {"sum", XPathFunction::sum, 1, 1},
    {"true", XPathFunction::true_, 0, 0},
};

struct Axis {
    std::string_view name;
    XPathKind kind;
};
constexpr Axis axes[] = {
    {"ancestor", XPathKind::ancestor},
    {"ancestor-or-self", XPathKind::ancestor_or_self},
    {"attribute", XPathKind::attribute},
    {"child", XPathKind::child},
    {"descendant", XPathKind::descendant},
    {"descendant-or-self", XPathKind::descendant_or_self},
    {"following", XPathKind::child},
    {"following-sibling", XPathKind::child},
    {"namespace", XPathKind::child},
    {"parent", XPathKind::parent},
    {"preceding", XPathKind::child},
    {"preceding-sibling", XPathKind::child},
    {"self", XPathKind::self},
};
constexpr std::string_view node_types[] = {"comment", "node", "processing-instruction", "text"};

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) { scan(); }

    XPath parse() {
        XPath path = parse_or();
        if (token_ != Token::end) fail();
        return path;
    }

 private:
    // ---- tokens

    void scan() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
        begin_ = at_;
        if (at_ >= text_.size()) {
            token_ = Token::end;
            return;
        }
        const char c = text_[at_];
        token_ = Token::unknown;
        if (is_letter(c)) {
            while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) ||
                                          text_[at_] == '-' || text_[at_] == '.'))
                ++at_;
            token_ = Token::word;
        } else if (is_digit(c)) {
            while (is_digit(at(at_))) ++at_;
            token_ = Token::number;
        } else if (c == '"' || c == '\'') {
            const std::size_t end = text_.find(c, at_ + 1);
            if (end == std::string_view::npos) return;
            at_ = end + 1;
            token_ = Token::string;
        } else if (std::string_view("()[].,@:$+-*/|=<>").contains(c) ||
                   (c == '!' && at(at_ + 1) == '=')) {
            ++at_;
            token_ = Token::sign;
        }
    }
    char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }
    std::string_view word() const { return text_.substr(begin_, at_ - begin_); }
    bool is(char sign) const { return token_ == Token::sign && text_[begin_] == sign; }
    bool accept(char sign) {
        if (!is(sign)) return false;
        scan();
        return true;
    }
    // Two signs next to each other.
    bool accept_twice(char sign) {
        if (!is(sign) || at(at_) != sign) return false;
        scan();
        scan();
        return true;
    }
    bool accept_word(std::string_view keyword) {
        if (token_ != Token::word || word() != keyword) return false;
        scan();
        return true;
    }
    void expect(char sign) {
        if (!accept(sign)) fail();
    }
    [[noreturn]] void fail_at(std::string_view what, std::size_t place) const {
        raise(er::unknown_error,
              std::string(what) + ": '" + std::string(text_.substr(place, shown_bytes)) + "'");
    }
    [[noreturn]] void fail() const { fail_at("XPATH syntax error", begin_); }

    static XPath made(XPathKind kind, std::vector<XPath> parts, std::string name = {}) {
        return {.kind = kind, .parts = std::move(parts), .name = std::move(name)};
    }
    template <class... Parts>
    static std::vector<XPath> list(Parts&&... parts) {
        std::vector<XPath> out;
        (out.push_back(std::forward<Parts>(parts)), ...);
        return out;
    }
    struct Depth {
        explicit Depth(Parser& parser) : parser(parser) {
            if (++parser.depth_ > limits::max_parse_depth) parser.fail();
        }
        ~Depth() { --parser.depth_; }
        Parser& parser;
    };

    // ---- operators

    // or: and {OR and}
    XPath parse_or() {
        Depth depth(*this);
        XPath left = parse_and();
        while (accept_word("or"))
            left = made(XPathKind::either, list(std::move(left), parse_and()));
        return left;
    }
    // and: equality {AND equality}
    XPath parse_and() {
        XPath left = parse_equality();
        while (accept_word("and"))
            left = made(XPathKind::both, list(std::move(left), parse_equality()));
        return left;
    }
    XPath compared(XPath left, sql::CompareOp op, std::size_t place, XPath right) {
        if (left.is_nodes() && right.is_nodes())
            fail_at("XPATH error: comparison of two nodesets is not supported", place);
        XPath made_of = made(XPathKind::compare, list(std::move(left), std::move(right)));
        made_of.compare = op;
        return made_of;
    }
    // equality: relation {(= | !=) relation}
    XPath parse_equality() {
        XPath left = parse_relation();
        for (;;) {
            const std::size_t place = begin_;
            sql::CompareOp op = sql::CompareOp::equal;
            if (is('!')) {
                scan();
                op = sql::CompareOp::not_equal;
            } else if (!is('=')) {
                return left;
            }
            scan();
            left = compared(std::move(left), op, place, parse_relation());
        }
    }
    // relation: sum {(< | <= | > | >=) sum}
    XPath parse_relation() {
        XPath left = parse_sum();
        while (is('<') || is('>')) {
            const std::size_t place = begin_;
            const bool less = is('<');
            scan();
            const bool or_equal = accept('=');
            const auto op =
                less ? (or_equal ? sql::CompareOp::less_equal : sql::CompareOp::less)
                     : (or_equal ? sql::CompareOp::greater_equal : sql::CompareOp::greater);
            left = compared(std::move(left), op, place, parse_sum());
        }
        return left;
    }
    // sum: product {(+ | -) product}
    XPath parse_sum() {
        XPath left = parse_product();
        while (is('+') || is('-')) {
            const auto kind = is('+') ? XPathKind::add : XPathKind::subtract;
            scan();
            left = made(kind, list(std::move(left), parse_product()));
        }
        return left;
    }
    // product: unary {(* | DIV | MOD) unary}
    XPath parse_product() {
        XPath left = parse_unary();
        for (;;) {
            auto kind = XPathKind::multiply;
            if (accept_word("div")) {
                kind = XPathKind::divide;
            } else if (accept_word("mod")) {
                kind = XPathKind::modulo;
            } else if (!accept('*')) {
                return left;
            }
            left = made(kind, list(std::move(left), parse_unary()));
        }
    }
    // unary: {-} union
    XPath parse_unary() {
        Depth depth(*this);
        if (accept('-')) return made(XPathKind::negated, list(parse_unary()));
        return parse_union();
    }
    // union: path {| path}
    XPath parse_union() {
        XPath left = parse_path();
        while (accept('|')) {
            if (!left.is_nodes()) fail();
            XPath right = parse_path();
            if (!right.is_nodes()) fail();
            left = made(XPathKind::united, list(std::move(left), std::move(right)));
        }
        return left;
    }

    // ---- paths

    // path: primary [(/ | //) steps] | [/ | //] steps | /
    XPath parse_path() {
        if (accept_twice('/')) return parse_steps(everything(XPath{}));
        if (accept('/')) return starts_step() ? parse_steps(XPath{}) : XPath{};
        if (starts_primary()) {
            XPath primary = parse_primary();
            if (!is('/')) return primary;
            if (!primary.is_nodes()) fail();
            if (accept_twice('/')) return parse_steps(everything(std::move(primary)));
            scan();
            return parse_steps(std::move(primary));
        }
        return parse_steps(made(in_predicate_ ? XPathKind::context : XPathKind::root, {}));
    }
    static XPath everything(XPath from) {
        return made(XPathKind::descendant_or_self, list(std::move(from)), "*");
    }
    // steps: step {(/ | //) step}
    XPath parse_steps(XPath from) {
        XPath path = parse_step(std::move(from));
        for (;;) {
            if (accept_twice('/')) {
                path = parse_step(everything(std::move(path)));
            } else if (accept('/')) {
                path = parse_step(std::move(path));
            } else {
                return path;
            }
        }
    }
    bool starts_step() const { return token_ == Token::word || is('.') || is('@') || is('*'); }

    // step: . | .. | [@ | axis ::] (name | * | node_type ( )) {[ predicate ]}
    XPath parse_step(XPath from) {
        if (is('.')) {
            const bool twice = at(at_) == '.';
            scan();
            if (!twice) return from;
            scan();
            return made(XPathKind::parent, list(std::move(from)), "*");
        }
        auto kind = XPathKind::child;
        if (accept('@')) {
            kind = XPathKind::attribute;
        } else if (token_ == Token::word && text_.substr(at_).starts_with("::")) {
            const auto* axis = std::ranges::find(axes, word(), &Axis::name);
            if (axis != std::end(axes)) {
                kind = axis->kind;
                scan();
                scan();
                scan();
            }
        }
        XPath path = parse_test(kind, std::move(from));
        while (accept('[')) path = parse_predicate(std::move(path));
        return path;
    }
    XPath parse_test(XPathKind kind, XPath from) {
        if (accept('*')) return made(kind, list(std::move(from)), "*");
        if (token_ != Token::word) fail();
        if (at(at_) == '(' && std::ranges::find(node_types, word()) != std::end(node_types)) {
            scan();
            scan();
            expect(')');
            return from;
        }
        const std::size_t begin = begin_;
        scan();
        std::size_t end = begin_;
        if (is(':')) {
            scan();
            if (token_ != Token::word) fail();
            scan();
            end = begin_;
        }
        std::string_view name = text_.substr(begin, end - begin);
        name = name.substr(0, name.find_last_not_of(" \t\r\n") + 1);
        return made(kind, list(std::move(from)), std::string(name));
    }
    XPath parse_predicate(XPath from) {
        const bool before = std::exchange(in_predicate_, true);
        XPath predicate = parse_or();
        in_predicate_ = before;
        expect(']');
        return made(XPathKind::filter, list(std::move(from), std::move(predicate)));
    }

    // ---- values

    const Named* function_at() const {
        if (token_ != Token::word || at(at_) != '(') return nullptr;
        const std::string name = sql::lower_case(word());
        const auto* found = std::ranges::find(functions, std::string_view(name), &Named::name);
        return found == std::end(functions) ? nullptr : found;
    }
    bool starts_primary() const {
        return is('(') || is('$') || token_ == Token::number || token_ == Token::string ||
               function_at() != nullptr;
    }
    // primary: ( or ) | $@name | number | 'string' | function ( [or {, or}] )
    XPath parse_primary() {
        if (accept('(')) {
            XPath inner = parse_or();
            expect(')');
            return inner;
        }
        if (is('$')) return parse_variable();
        if (token_ == Token::number) return parse_number();
        if (token_ == Token::string) {
            XPath literal{.kind = XPathKind::literal};
            literal.type.type = Type::varchar;
            literal.value = std::string(word().substr(1, word().size() - 2));
            scan();
            return literal;
        }
        return parse_call(*function_at());
    }
    XPath parse_variable() {
        const std::size_t place = begin_;
        scan();
        if (!accept('@')) fail_at("Unknown XPATH variable at", place);
        if (token_ != Token::word) fail();
        XPath variable = made(XPathKind::variable, {}, sql::lower_case(word()));
        scan();
        return variable;
    }
    XPath parse_number() {
        XPath literal{.kind = XPathKind::literal};
        const std::size_t begin = begin_;
        if (at(at_) != '.') {
            std::uint64_t number = 0;
            if (std::from_chars(text_.data() + begin, text_.data() + at_, number).ec != std::errc())
                number = UINT64_MAX;
            literal.type = integer_type(false);
            literal.value = static_cast<std::int64_t>(number);
        } else {
            const std::size_t point = at_++;
            while (is_digit(at(at_))) ++at_;
            double number = 0;
            std::from_chars(text_.data() + begin, text_.data() + at_, number);
            literal.type = fixed_real_type(
                static_cast<int>(std::min<std::size_t>(at_ - point - 1, 30)), false);
            literal.value = number;
        }
        scan();
        return literal;
    }
    XPath parse_call(const Named& named) {
        scan();
        scan();
        XPath call = made(XPathKind::call, {});
        call.function = named.function;
        while (call.parts.size() < named.most) {
            if (call.parts.empty() && named.least == 0 && is(')')) break;
            call.parts.push_back(parse_or());
            if (!accept(',')) break;
        }
        if (call.parts.size() < named.least) fail();
        expect(')');
        const bool of_nodes =
            named.function == XPathFunction::count || named.function == XPathFunction::sum;
        if (of_nodes && !call.parts[0].is_nodes()) fail();
        const bool of_context =
            named.function == XPathFunction::last || named.function == XPathFunction::position ||
            (named.function == XPathFunction::string_length && call.parts.empty());
        if (of_context && !in_predicate_) fail();
        if (call.parts.empty() && (named.function == XPathFunction::string_length ||
                                   named.function == XPathFunction::number))
            call.parts.push_back(made(in_predicate_ ? XPathKind::context : XPathKind::root, {}));
        return call;
    }

    std::string_view text_;
    std::size_t at_ = 0;     // behind the token
    std::size_t begin_ = 0;  // of the token
    Token token_ = Token::end;
    bool in_predicate_ = false;
    int depth_ = 0;
};

}  // namespace

XPath parse_xpath(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace sluice::eval
