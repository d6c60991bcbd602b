// What an XPath gives: sets of nodes and values.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/convert.h"
#include "eval/detail/failure.h"
#include "eval/detail/types.h"
#include "eval/detail/xpath.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

// A node in a set; `place` is what position() counts from 0.
struct Found {
    std::uint32_t node = 0;
    std::size_t place = 0;
};
using Nodes = std::vector<Found>;

struct Value {
    FieldType type;
    Datum datum;
};

// A node that a predicate is asked about, in a set of that size.
struct Context {
    Found found;
    std::size_t size = 0;
};

// Nodes looked at for one path: an XPath of many // over a deep document would hold the core.
constexpr std::size_t most_visits = 20'000'000;

Value whole(std::int64_t number) {
    return {integer_type(true), number};
}
// Doubles of so many digits are rounded by their exact value here: 2.25 becomes 2.2.
std::string text_of(const Value& value) {
    const auto* number = value.datum.as<double>();
    if (number == nullptr || value.type.decimals >= not_fixed)
        return to_text(value.type, value.datum);
    std::array<char, 512> digits{};  // 309 before the point, 30 behind it
    const int size =
        std::snprintf(digits.data(), digits.size(), "%.*f", value.type.decimals, *number);
    return {digits.data(), static_cast<std::size_t>(size)};
}
Value truth(bool is_true) {
    return {boolean_type(true), std::int64_t{is_true ? 1 : 0}};
}
Value real(double number, int decimals) {
    if (!std::isfinite(number)) return {real_type(true), Datum()};
    return {decimals >= not_fixed ? real_type(true) : fixed_real_type(decimals, true), number};
}

class Evaluator {
 public:
    Evaluator(const XmlDocument& document, const collation::Collation& collation,
              Environment& environment)
        : text_(document.text),
          tree_(document.tree),
          collation_(collation),
          environment_(environment) {}

    Nodes nodes(const XPath& path);
    Value value(const XPath& path);

 private:
    bool is_named(std::uint32_t node, const std::string& name) const {
        const XmlNode& each = tree_[node];
        return name == "*" || text_.substr(each.begin, each.end - each.begin) == name;
    }
    void visit() {
        if (++visits_ > most_visits) refuse("an XPath that looks at so many nodes");
    }
    void add_children(Nodes& to, const Found& from, XmlNode::Kind kind, const std::string& name);
    void add_descendants(Nodes& to, const Found& from, const XPath& step);
    Nodes step_up(const XPath& step);
    Nodes filtered(const XPath& filter);
    Nodes marked(const std::vector<bool>& marks) const;
    std::vector<std::string_view> texts(const Nodes& of);

    bool is_true(const XPath& path);
    Value compared(const XPath& path);
    bool is_so(sql::CompareOp op, const Value& left, const Value& right);
    Value computed(const XPath& path);
    Value divided(const XPath& path, const Value& left, const Value& right);
    Value called(const XPath& path);
    Value substring(const XPath& path);
    double real_of(const Value& value) { return to_real(value.datum, environment_); }
    Value text_value(std::string text) const {
        return {text_type({&collation_, Coercibility::coercible, Repertoire::unicode}, text.size(),
                          true),
                std::move(text)};
    }

    std::string_view text_;
    const XmlTree& tree_;
    const collation::Collation& collation_;
    Environment& environment_;
    Context context_;
    std::size_t visits_ = 0;
};

// ---- sets of nodes

// What belongs to a node follows it: each of them has a parent that does not stand before it.
void Evaluator::add_children(Nodes& to, const Found& from, XmlNode::Kind kind,
                             const std::string& name) {
    std::size_t place = 0;
    for (std::uint32_t i = from.node + 1; i < tree_.size() && tree_[i].parent >= from.node; ++i) {
        visit();
        if (tree_[i].parent == from.node && tree_[i].kind == kind && is_named(i, name))
            to.push_back({i, place++});
    }
}

void Evaluator::add_descendants(Nodes& to, const Found& from, const XPath& step) {
    std::size_t place = 0;
    if (step.kind == XPathKind::descendant_or_self && is_named(from.node, step.name))
        to.push_back({from.node, place++});
    for (std::uint32_t i = from.node + 1; i < tree_.size() && tree_[i].parent >= from.node; ++i) {
        visit();
        if (tree_[i].kind == XmlNode::Kind::tag && is_named(i, step.name))
            to.push_back({i, place++});
    }
}

Nodes Evaluator::marked(const std::vector<bool>& marks) const {
    Nodes out;
    for (std::uint32_t i = 0; i < marks.size(); ++i) {
        if (marks[i]) out.push_back({i, out.size()});
    }
    return out;
}

// PARENT, ANCESTOR and ANCESTOR-OR-SELF: each node once.
Nodes Evaluator::step_up(const XPath& step) {
    std::vector<bool> marks(tree_.size());
    for (const Found& each : nodes(step.parts[0])) {
        if (step.kind == XPathKind::ancestor_or_self && is_named(each.node, step.name))
            marks[each.node] = true;
        if (each.node == 0) continue;
        std::uint32_t above = tree_[each.node].parent;
        if (step.kind == XPathKind::parent) {
            if (is_named(above, step.name)) marks[above] = true;
            continue;
        }
        for (; above != 0; above = tree_[above].parent) {
            visit();
            if (is_named(above, step.name)) marks[above] = true;
        }
    }
    return marked(marks);
}

Nodes Evaluator::filtered(const XPath& filter) {
    const Nodes from = nodes(filter.parts[0]);
    const XPath& predicate = filter.parts[1];
    const Context before = context_;
    Nodes out;
    for (const Found& each : from) {
        visit();
        context_ = {each, from.size()};
        bool is_taken = false;
        if (predicate.is_nodes() || predicate.is_truth()) {
            is_taken = is_true(predicate);
        } else {
            const Value number = value(predicate);
            const std::int64_t index =
                number.datum.is_null() ? 0 : to_integer(number.datum, environment_).clipped();
            is_taken = index > 0 && static_cast<std::uint64_t>(index - 1) == each.place;
        }
        if (is_taken) out.push_back({each.node, out.size()});
    }
    context_ = before;
    return out;
}

Nodes Evaluator::nodes(const XPath& path) {
    switch (path.kind) {
        case XPathKind::root:
            return {{}};
        case XPathKind::context:
            return {context_.found};
        case XPathKind::filter:
            return filtered(path);
        case XPathKind::parent:
        case XPathKind::ancestor:
        case XPathKind::ancestor_or_self:
            return step_up(path);
        case XPathKind::united: {
            std::vector<bool> marks(tree_.size());
            for (const XPath& part : path.parts) {
                for (const Found& each : nodes(part)) marks[each.node] = true;
            }
            return marked(marks);
        }
        default:
            break;
    }
    Nodes out;
    for (const Found& each : nodes(path.parts[0])) {
        visit();
        if (path.kind == XPathKind::self) {
            if (is_named(each.node, path.name)) out.push_back({each.node, 0});
        } else if (path.kind == XPathKind::child) {
            add_children(out, each, XmlNode::Kind::tag, path.name);
        } else if (path.kind == XPathKind::attribute) {
            add_children(out, each, XmlNode::Kind::attribute, path.name);
        } else {
            add_descendants(out, each, path);
        }
    }
    return out;
}

// In the document's order, each once.
std::vector<std::string_view> Evaluator::texts(const Nodes& of) {
    std::vector<bool> marks(tree_.size());
    for (const Found& each : of) marks[each.node] = true;
    std::vector<std::string_view> out;
    for (std::size_t i = 1; i < tree_.size(); ++i) {
        visit();
        if (tree_[i].kind == XmlNode::Kind::text && marks[tree_[i].parent])
            out.push_back(text_.substr(tree_[i].begin, tree_[i].end - tree_[i].begin));
    }
    return out;
}

// ---- values

// A set of nodes is true if it has exactly one; so says MySQL.
bool Evaluator::is_true(const XPath& path) {
    if (path.is_nodes()) return nodes(path).size() == 1;
    const Value operand = value(path);
    return !operand.datum.is_null() && real_of(operand) != 0;
}

bool Evaluator::is_so(sql::CompareOp op, const Value& left, const Value& right) {
    const auto* left_text = left.datum.as<std::string>();
    const auto* right_text = right.datum.as<std::string>();
    std::partial_ordering order = std::partial_ordering::unordered;
    if (left_text != nullptr && right_text != nullptr) {
        order = collation::compare(collation_, *left_text, *right_text);
    } else {
        order = real_of(left) <=> real_of(right);
    }
    switch (op) {
        case sql::CompareOp::equal:
            return order == 0;
        case sql::CompareOp::not_equal:
            return order != 0;
        case sql::CompareOp::less:
            return order < 0;
        case sql::CompareOp::less_equal:
            return order <= 0;
        case sql::CompareOp::greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

// With a set: is it so for the text of any of them?
Value Evaluator::compared(const XPath& path) {
    const XPath& left = path.parts[0];
    const XPath& right = path.parts[1];
    if (!left.is_nodes() && !right.is_nodes()) {
        const Value first = value(left);
        const Value second = value(right);
        if (first.datum.is_null() || second.datum.is_null()) return {boolean_type(true), Datum()};
        return truth(is_so(path.compare, first, second));
    }
    const Nodes found = nodes(left.is_nodes() ? left : right);
    const Value other = value(left.is_nodes() ? right : left);
    if (other.datum.is_null()) return truth(false);
    for (const std::string_view text : texts(found)) {
        const Value each = text_value(std::string(text));
        const bool so =
            left.is_nodes() ? is_so(path.compare, each, other) : is_so(path.compare, other, each);
        if (so) return truth(true);
    }
    return truth(false);
}

int decimals_of(const Value& value) {
    if (value.datum.as<std::int64_t>() != nullptr) return 0;
    return value.datum.as<std::string>() != nullptr ? not_fixed : value.type.decimals;
}

Value Evaluator::divided(const XPath& path, const Value& left, const Value& right) {
    const double divisor = real_of(right);
    const double dividend = real_of(left);
    if (divisor == 0) {
        environment_.warnings.add(1365, "Division by 0");
        return {real_type(true), Datum()};
    }
    const auto* first = left.datum.as<std::int64_t>();
    const auto* second = right.datum.as<std::int64_t>();
    const bool are_whole = first != nullptr && second != nullptr && *second != -1;
    if (path.kind == XPathKind::divide)
        return whole(are_whole ? *first / *second : to_int64(std::trunc(dividend / divisor)).value);
    if (are_whole) return whole(*first % *second);
    return real(std::fmod(dividend, divisor), std::max(decimals_of(left), decimals_of(right)));
}

Value Evaluator::computed(const XPath& path) {
    const Value left = value(path.parts[0]);
    if (left.datum.is_null()) return left;
    const auto* first = left.datum.as<std::int64_t>();
    if (path.kind == XPathKind::negated) {
        if (first != nullptr && *first != INT64_MIN) return whole(-*first);
        return real(-real_of(left), decimals_of(left));
    }
    const Value right = value(path.parts[1]);
    if (right.datum.is_null()) return right;
    if (path.kind == XPathKind::divide || path.kind == XPathKind::modulo)
        return divided(path, left, right);
    const bool adds = path.kind == XPathKind::add, subtracts = path.kind == XPathKind::subtract;
    const auto* second = right.datum.as<std::int64_t>();
    if (first != nullptr && second != nullptr) {
        std::int64_t result = 0;
        const bool overflows = adds        ? __builtin_add_overflow(*first, *second, &result)
                               : subtracts ? __builtin_sub_overflow(*first, *second, &result)
                                           : __builtin_mul_overflow(*first, *second, &result);
        if (!overflows) return whole(result);
        raise(er::data_out_of_range, "BIGINT value is out of range in '(" + text_of(left) +
                                         (adds        ? " + "
                                          : subtracts ? " - "
                                                      : " * ") +
                                         text_of(right) + ")'");
    }
    const double a = real_of(left), b = real_of(right);
    return real(adds        ? a + b
                : subtracts ? a - b
                            : a * b,
                std::max(decimals_of(left), decimals_of(right)));
}

Value Evaluator::substring(const XPath& path) {
    const std::string text = text_of(value(path.parts[0]));
    const auto number = [&](std::size_t i) {
        const Value argument = value(path.parts[i]);
        return argument.datum.is_null() ? 0 : to_integer(argument.datum, environment_).clipped();
    };
    const collation::Charset& charset = *collation_.charset;
    const auto size = static_cast<std::int64_t>(collation::characters(charset, text));
    std::int64_t start = number(1);
    start = start < 0 ? size + start : start - 1;
    const std::int64_t length = path.parts.size() > 2 ? number(2) : size;
    if (start < 0 || start >= size || length <= 0) return text_value("");
    const std::size_t begin = collation::bytes_of(charset, text, static_cast<std::size_t>(start));
    const std::string_view rest = std::string_view(text).substr(begin);
    return text_value(std::string(
        rest.substr(0, collation::bytes_of(charset, rest, static_cast<std::size_t>(length)))));
}

Value Evaluator::called(const XPath& path) {
    const auto text = [&](std::size_t i) { return text_of(value(path.parts[i])); };
    switch (path.function) {
        case XPathFunction::boolean:
            return truth(is_true(path.parts[0]));
        case XPathFunction::not_:
            return truth(!is_true(path.parts[0]));
        case XPathFunction::true_:
            return truth(true);
        case XPathFunction::false_:
            return truth(false);
        case XPathFunction::concat:  // MySQL takes two, whatever follows
            return text_value(text(0) + text(1));
        case XPathFunction::contains:
            return truth(collation::find(collation_, text(0), text(1), 0) != std::string::npos);
        case XPathFunction::substring:
            return substring(path);
        case XPathFunction::string_length:
            return whole(
                static_cast<std::int64_t>(collation::characters(*collation_.charset, text(0))));
        case XPathFunction::count:
            return whole(static_cast<std::int64_t>(nodes(path.parts[0]).size()));
        case XPathFunction::position:
            return whole(static_cast<std::int64_t>(context_.found.place + 1));
        case XPathFunction::last:
            return whole(static_cast<std::int64_t>(context_.size));
        case XPathFunction::sum: {
            double sum = 0;
            for (const std::string_view each : texts(nodes(path.parts[0])))
                sum += read_double(each).value;
            return real(sum, not_fixed);
        }
        case XPathFunction::number:
        case XPathFunction::ceiling:
        case XPathFunction::floor:
        case XPathFunction::round:
            break;
    }
    const Value operand = value(path.parts[0]);
    if (operand.datum.is_null()) return operand;
    if (path.function == XPathFunction::number) return real(real_of(operand), decimals_of(operand));
    if (operand.datum.as<std::int64_t>() != nullptr) return operand;
    const double number = real_of(operand);
    if (path.function == XPathFunction::ceiling) return real(std::ceil(number), 0);
    return real(path.function == XPathFunction::floor ? std::floor(number) : std::rint(number), 0);
}

Value Evaluator::value(const XPath& path) {
    if (path.is_nodes()) {
        std::string joined;
        for (const std::string_view each : texts(nodes(path))) {
            if (!joined.empty()) joined += ' ';
            joined += each;
        }
        return text_value(std::move(joined));
    }
    switch (path.kind) {
        case XPathKind::literal:
            return {path.type, path.value};
        case XPathKind::variable: {
            const auto found = environment_.user_variables.find(path.name);
            if (found == environment_.user_variables.end()) return {};
            return {found->second.type, found->second.value};
        }
        case XPathKind::compare:
            return compared(path);
        case XPathKind::both:
            return truth(is_true(path.parts[0]) && is_true(path.parts[1]));
        case XPathKind::either:
            return truth(is_true(path.parts[0]) || is_true(path.parts[1]));
        case XPathKind::call:
            return called(path);
        default:
            return computed(path);
    }
}

}  // namespace

std::vector<std::uint32_t> named_nodes(const XPath& path, const XmlDocument& document,
                                       const collation::Collation& collation,
                                       Environment& environment) {
    std::vector<std::uint32_t> out;
    for (const Found& each : Evaluator(document, collation, environment).nodes(path))
        out.push_back(each.node);
    return out;
}

std::optional<std::string> xpath_text(const XPath& path, const XmlDocument& document,
                                      const collation::Collation& collation,
                                      Environment& environment) {
    const Value value = Evaluator(document, collation, environment).value(path);
    if (value.datum.is_null()) return std::nullopt;
    return text_of(value);
}

}  // namespace sluice::eval
