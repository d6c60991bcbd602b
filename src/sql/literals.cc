// Step 4 of a request: literals of a parsed statement become bind variables. Names, sharing and
// places are v21's.
#include "sql/detail/literals.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/overload.h"
#include "sql/walk.h"

namespace sluice::sql {
namespace {

std::string upper_digits(std::string text, std::size_t start) {
    for (std::size_t i = start; i < text.size(); ++i) {
        if (text[i] >= 'a' && text[i] <= 'f') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return text;
}

}  // namespace

Value literal_value(const Literal& literal) {
    const auto integer = [&]() -> Value {
        std::int64_t fits = 0;
        const char* end = literal.text.data() + literal.text.size();
        if (std::from_chars(literal.text.data(), end, fits).ec == std::errc{})
            return {Type::int64, literal.text};
        std::uint64_t large = 0;
        if (std::from_chars(literal.text.data(), end, large).ec == std::errc{})
            return {Type::uint64, literal.text};
        return {Type::decimal, literal.text};
    };
    switch (literal.kind) {
        case LiteralKind::integer:
            return integer();
        case LiteralKind::decimal:
            return {Type::decimal, literal.text};
        case LiteralKind::floating:
            return {Type::float64, literal.text};
        case LiteralKind::string:
        case LiteralKind::national:
            return {Type::varchar, literal.text};
        case LiteralKind::hex_number:
            return {Type::hexnum, upper_digits(literal.text, 2)};
        case LiteralKind::bit_number:
            return {Type::bitnum, literal.text};
        case LiteralKind::bit_string:
            return {Type::bitnum, "0b" + literal.text};
        case LiteralKind::hex_string:
            return {Type::hexval, "x'" + upper_digits(literal.text, 0) + "'"};
        case LiteralKind::date:
            return {Type::date, literal.text};
        case LiteralKind::time:
            return {Type::time, literal.text};
        case LiteralKind::timestamp:
            return {Type::datetime, literal.text};
    }
    return {};
}

Literal literal_of(const Value& value) {
    switch (value.type) {
        case Type::decimal:
            return {LiteralKind::decimal, value.bytes, {}};
        case Type::float32:
        case Type::float64:
            return {LiteralKind::floating, value.bytes, {}};
        case Type::hexnum:
            return {LiteralKind::hex_number, value.bytes, {}};
        case Type::bitnum:
            return {LiteralKind::bit_number, value.bytes, {}};
        case Type::hexval:
            return {LiteralKind::hex_string,
                    value.bytes.size() > 3 ? value.bytes.substr(2, value.bytes.size() - 3) : "",
                    {}};
        case Type::date:
            return {LiteralKind::date, value.bytes, {}};
        case Type::time:
            return {LiteralKind::time, value.bytes, {}};
        case Type::datetime:
        case Type::timestamp:
            return {LiteralKind::timestamp, value.bytes, {}};
        default:
            break;
    }
    return {is_integral(value.type) ? LiteralKind::integer : LiteralKind::string, value.bytes, {}};
}

}  // namespace sluice::sql

namespace sluice::sql::detail {
namespace {

constexpr std::size_t longest_shared = 256;

// Numbers in `text`, whatever separates them; false if anything but digits and one-byte separators
// stands there.
bool read_numbers(std::string_view text, std::vector<int>& numbers) {
    std::size_t at = 0;
    while (at < text.size()) {
        int value = 0;
        const auto [end, error] =
            std::from_chars(text.data() + at, text.data() + text.size(), value);
        if (error != std::errc{} || value < 0) return false;
        numbers.push_back(value);
        at = static_cast<std::size_t>(end - text.data());
        if (at < text.size() && ++at == text.size()) return false;
    }
    return !numbers.empty();
}

bool is_date(const std::vector<int>& n) {
    return n[1] <= 12 && n[2] <= 31 && n[0] <= 9999;
}

bool is_temporal(const Literal& literal) {
    std::vector<int> numbers;
    std::string_view text = literal.text;
    if (literal.kind == LiteralKind::time && text.starts_with("-")) text.remove_prefix(1);
    if (!read_numbers(text, numbers)) return false;
    switch (literal.kind) {
        case LiteralKind::date:
            return numbers.size() == 1 ? text.size() == 8 || text.size() == 6
                                       : numbers.size() == 3 && is_date(numbers);
        case LiteralKind::time:
            return numbers.size() < 2 ||
                   (numbers[1] <= 59 && (numbers.size() < 3 || numbers[2] <= 59));
        default:
            if (numbers.size() == 1) return text.size() >= 12;
            return numbers.size() >= 3 && is_date(numbers) &&
                   (numbers.size() < 4 || numbers[3] <= 23) &&
                   (numbers.size() < 5 || numbers[4] <= 59) &&
                   (numbers.size() < 6 || numbers[5] <= 59);
    }
}

std::string_view temporal_name(LiteralKind kind) {
    if (kind == LiteralKind::date) return "DATE";
    return kind == LiteralKind::time ? "TIME" : "DATETIME";
}

std::string variable_name(const Column& column) {
    std::string name = column.table.empty() ? column.name : column.table.name + "_" + column.name;
    for (char& c : name) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!plain) c = '_';
    }
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) name.insert(0, "_");
    return name;
}

void set_type(BindVariable& variable, const Value& value) {
    variable.type = value.type;
    const auto fraction = [&] {
        const std::size_t point = value.bytes.find('.');
        return point == std::string::npos ? std::size_t{0} : value.bytes.size() - point - 1;
    };
    if (value.type == Type::decimal) {
        const std::size_t scale = fraction();
        const std::size_t digits =
            value.bytes.size() - (value.bytes.find('.') == std::string::npos ? 0 : 1);
        variable.size = static_cast<std::int16_t>(std::min<std::size_t>(digits, 1000));
        variable.scale = static_cast<std::int16_t>(std::min<std::size_t>(scale, 1000));
    } else if (value.type == Type::time || value.type == Type::datetime) {
        variable.size = static_cast<std::int16_t>(std::min<std::size_t>(fraction(), 6));
    }
}

// N'x' keeps its N before the variable.
void put(Expr& node, BindVariable variable, bool national) {
    if (national)
        node = Introducer{"N", Expr(std::move(variable))};
    else
        node = std::move(variable);
}

bool is_parameter(const Literal& literal) {
    if (literal.kind != LiteralKind::integer) return true;
    return literal_value(literal).type == Type::int64;
}

}  // namespace

LiteralPass::LiteralPass(const NormalizeOptions& options, Normalized& result)
    : options_(options), result_(result), taken_(options.reserved.begin(), options.reserved.end()) {
    if (options.slots != nullptr) claimed_.resize(options.slots->slots().size());
}

std::string LiteralPass::unused_name(std::string_view wanted) {
    std::string name(wanted);
    if (wanted.empty()) {
        do {
            name = std::string(options_.prefix) + std::to_string(++counter_);
        } while (taken_.contains(name));
        return name;
    }
    if (!taken_.contains(name)) return name;
    int& next = suffixes_[name];
    do {
        name = std::string(wanted) + std::to_string(++next);
    } while (taken_.contains(name));
    return name;
}

void LiteralPass::reserve(const Statement& node) {
    for_each<BindVariable>(node,
                           [&](const BindVariable& variable) { taken_.insert(variable.name); });
}

const LiteralSlot* LiteralPass::slot_of(const Literal& literal, std::uint32_t& index) const {
    if (options_.slots == nullptr || !literal.source.known()) return nullptr;
    const auto slots = options_.slots->slots();
    const auto it =
        std::ranges::upper_bound(slots, literal.source.offset, {}, &LiteralSlot::offset);
    if (it == slots.begin()) return nullptr;
    index = static_cast<std::uint32_t>(it - slots.begin() - 1);
    return &slots[index];
}

void LiteralPass::add(std::string name, BindValue value, BindSource source) {
    for (std::uint32_t i = 0; i < source.count; ++i) claimed_[source.slot + i] = true;
    taken_.insert(name);
    result_.variables.emplace_back(std::move(name), std::move(value));
    result_.sources.push_back(source);
}

// Replaces a literal by its variable: one that has its value already, or a new one named after
// `wanted`.
void LiteralPass::convert(Expr& node, std::string_view wanted, bool share) {
    const Literal& literal = *node.as<Literal>();
    if (!is_parameter(literal)) return;
    const bool national = literal.kind == LiteralKind::national;
    if (literal.kind >= LiteralKind::date && options_.rewrite && !is_temporal(literal)) {
        throw WrongTemporal{temporal_name(literal.kind), literal.text};
    }
    Value value = literal_value(literal);
    BindVariable variable;
    set_type(variable, value);
    std::uint32_t index = 0;
    const LiteralSlot* slot = slot_of(literal, index);
    if (slot != nullptr && (slot->list || slot->offset != literal.source.offset ||
                            slot->length != literal.source.length)) {
        return;  // strings written side by side: their slots stay pinned
    }
    const std::uint16_t group = slot != nullptr ? slot->group : 0;
    const bool shareable =
        share && value.bytes.size() <= longest_shared && (slot == nullptr || group != 0);
    const BindSource source = slot != nullptr ? BindSource{index, 1} : BindSource{};
    std::string key;
    if (shareable) {
        key = std::to_string(static_cast<int>(value.type)) + ':' + std::to_string(group) + ':' +
              value.bytes;
        if (const auto it = shared_.find(key); it != shared_.end()) {
            variable.name = it->second;
            if (slot != nullptr) claimed_[index] = true;
            return put(node, std::move(variable), national);
        }
    }
    variable.name = unused_name(wanted);
    if (shareable) shared_.emplace(std::move(key), variable.name);
    add(variable.name, {std::move(value), {}}, source);
    put(node, std::move(variable), national);
}

// IN (literals) becomes one list variable; false if an item is no literal.
bool LiteralPass::convert_list(Tuple& tuple, Expr& node) {
    for (const Expr& item : tuple.items) {
        const Literal* literal = item.as<Literal>();
        if (literal == nullptr || !is_parameter(*literal) || literal->kind >= LiteralKind::date ||
            literal->kind == LiteralKind::national)
            return false;
    }
    BindValue value;
    value.value.type = Type::tuple;
    value.list.reserve(tuple.items.size());
    BindSource source;
    bool single = true;  // each item has a slot of its own, one after the other
    std::uint32_t expected = 0;
    for (const Expr& item : tuple.items) {
        const Literal& literal = *item.as<Literal>();
        std::uint32_t index = 0;
        const LiteralSlot* slot = slot_of(literal, index);
        if (value.list.empty()) expected = index;
        single = single && slot != nullptr && !slot->list &&
                 slot->offset == literal.source.offset && slot->length == literal.source.length &&
                 index == expected;
        ++expected;
        value.list.push_back(literal_value(literal));
    }
    const std::uint32_t first = expected - static_cast<std::uint32_t>(tuple.items.size());
    if (single) {
        source = {first, static_cast<std::uint32_t>(tuple.items.size())};
    } else if (options_.slots != nullptr && first < options_.slots->slots().size()) {
        const LiteralSlot& slot = options_.slots->slots()[first];
        const Literal& front = *tuple.items.front().as<Literal>();
        const bool list =
            slot.list && front.source.known() && front.source.offset > slot.offset &&
            tuple.items.back().as<Literal>()->source.end() < slot.offset + slot.length &&
            slot_list(options_.text, slot, options_.mode).size() == tuple.items.size();
        if (list) source = {first, 1};
    }
    BindVariable variable;
    variable.list = true;
    variable.name = unused_name({});
    add(variable.name, std::move(value), source);
    node = std::move(variable);
    return true;
}

// The parts of a comparison that have rules of their own, before its operands are walked as others
// are.
bool LiteralPass::comparison(Compare& compare) {
    if (compare.op == CompareOp::in || compare.op == CompareOp::not_in) {
        Tuple* tuple = compare.right->as<Tuple>();
        return tuple != nullptr && convert_list(*tuple, *compare.right);
    }
    const Column* column = compare.left->as<Column>();
    const Literal* literal = compare.right->as<Literal>();
    if (column == nullptr || literal == nullptr || literal->kind == LiteralKind::national)
        return false;
    convert(*compare.right, variable_name(*column), true);
    return true;
}

void LiteralPass::expressions(std::vector<Expr>& nodes, bool share) {
    for (Expr& node : nodes) expression(node, share);
}

void LiteralPass::expression(Expr& node, bool share) {
    if (node.is<Literal>()) return convert(node, {}, share);
    if (Compare* compare = node.as<Compare>()) comparison(*compare);
    children(node, share);
}

void LiteralPass::over(Over& clause, bool share) {
    if (!clause.spec) return;
    expressions(clause.spec->partition_by, share);
    order(clause.spec->order_by, share);
}

// Arguments in the order in which v21 numbers them; the precision of a clock's function stays.
void LiteralPass::arguments(FunctionCall& call, bool share) {
    static constexpr std::string_view clocks[] = {
        "current_time", "current_timestamp", "curtime",  "localtime",    "localtimestamp",
        "now",          "sysdate",           "utc_time", "utc_timestamp"};
    const auto named = [&](std::string_view name) { return same_name(call.name, name); };
    const auto literal = [](const Expr& argument) { return argument.is<Literal>(); };
    if (std::ranges::any_of(clocks, named) && std::ranges::all_of(call.arguments, literal)) return;
    std::size_t swapped = call.arguments.size();  // this argument comes behind the next one
    if (named("regexp_substr")) swapped = 2;
    if (named("regexp_replace")) swapped = 3;
    if (named("st_geohash") && call.arguments.size() == 3) swapped = 0;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const bool pair = i == swapped && i + 1 < call.arguments.size();
        if (pair) expression(call.arguments[i + 1], share);
        expression(call.arguments[i], share);
        if (pair) ++i;
    }
}

void LiteralPass::children(Expr& node, bool share) {
    if (auto* binary = node.as<Binary>(); binary != nullptr && binary->left->is<Interval>()) {
        expression(*binary->right, share);
        return expression(*binary->left, share);
    }
    if (auto* call = node.as<FunctionCall>()) {
        arguments(*call, share);
        if (call->over) over(**call->over, share);
        return;
    }
    if (auto* aggregate = node.as<Aggregate>()) {
        expressions(aggregate->arguments, share);
        if (aggregate->over) over(**aggregate->over, share);
        return;
    }
    if (auto* concat = node.as<GroupConcat>()) {
        expressions(concat->arguments, share);
        order(concat->order_by, share);
        if (concat->limit) limit(**concat->limit);
        return;
    }
    struct Context {
        LiteralPass* pass;
        bool share;
    } context{this, share};
    visit_children(node, {&context,
                          [](void* c, Expr& child) {
                              static_cast<Context*>(c)->pass->expression(
                                  child, static_cast<Context*>(c)->share);
                              return true;
                          },
                          nullptr,
                          [](void* c, Query& child) {
                              static_cast<Context*>(c)->pass->query(child, false);
                              return true;
                          }});
}

void LiteralPass::with(With& clause) {
    for (CommonTable& common : clause.tables) query(*common.query, false);
}

void LiteralPass::tables(std::vector<TableRef>& items) {
    for (TableRef& item : items) table(item);
}

void LiteralPass::table(TableRef& item) {
    std::visit(Overload{
                   [](AliasedTable&) {},
                   [&](DerivedTable& derived) { query(*derived.query, true); },
                   [&](Join& join) {
                       table(*join.left);
                       table(*join.right);
                       if (join.on) expression(**join.on, true);
                   },
                   [&](ParenthesisedTables& inner) { tables(inner.tables); },
                   [&](JsonTable& json) {
                       expression(*json.document, true);
                       expression(*json.path, true);
                   },
               },
               item.node);
}

// v21's text of a union has a variable for a position, too.
void LiteralPass::union_order(std::vector<OrderItem>& items) {
    for (OrderItem& item : items) {
        const Literal* literal = item.expression.as<Literal>();
        if (literal == nullptr) {
            expression(item.expression, false);
        } else if (is_parameter(*literal)) {
            Value value = literal_value(*literal);
            item.as_v21 = BindVariable{.name = unused_name({})};
            set_type(*item.as_v21, value);
            add(item.as_v21->name, {std::move(value), {}}, {});
        }
    }
}

// A literal alone is a position there and stays.
void LiteralPass::order(std::vector<OrderItem>& items, bool share) {
    for (OrderItem& item : items) {
        if (!item.expression.is<Literal>()) expression(item.expression, share);
    }
}

void LiteralPass::limit(std::optional<Limit>& clause) {
    if (clause) limit(*clause);
}

void LiteralPass::limit(Limit& clause) {
    if (clause.offset) expression(**clause.offset, !(*clause.offset)->is<Literal>());
    expression(*clause.count, !clause.count->is<Literal>());
}

void LiteralPass::query(Query& node, bool derived) {
    if (auto* body = std::get_if<Select>(&node.node)) return select(*body, derived);
    Union& unified = std::get<Union>(node.node);
    with(unified.with);
    for (UnionBranch& branch : unified.branches) query(*branch.query, false);
    union_order(unified.order_by);
    limit(unified.limit);
}

void LiteralPass::select(Select& body, bool derived) {
    const bool outer = std::exchange(in_derived_, in_derived_ || derived);
    with(body.with);
    tables(body.from);
    for (SelectItem& item : body.items) {
        auto* expression_item = std::get_if<SelectExpr>(&item);
        if (in_derived_) break;  // its items are the columns of a table
        if (expression_item != nullptr) expression(expression_item->expression, true);
        if (auto* next = std::get_if<SelectNext>(&item)) expression(next->count, true);
    }
    if (body.where) expression(**body.where, true);
    for (Expr& item : body.group_by.items) {
        if (!item.is<Literal>()) expression(item, true);
    }
    if (body.having) expression(**body.having, true);
    for (NamedWindow& window : body.windows) {
        expressions(window.spec.partition_by, true);
        order(window.spec.order_by, true);
    }
    if (body.qualify) expression(**body.qualify, true);
    order(body.order_by, true);
    limit(body.limit);
    in_derived_ = outer;
}

void LiteralPass::assignments(std::vector<Assignment>& items, bool share) {
    for (Assignment& item : items) {
        const Literal* literal = item.value.as<Literal>();
        if (literal != nullptr && literal->kind != LiteralKind::national)
            convert(item.value, variable_name(item.column), true);
        else
            expression(item.value, share);
    }
}

void LiteralPass::statement(Statement& node) {
    std::visit(Overload{
                   [&](Query& body) { query(body, false); },
                   [&](Insert& insert) {
                       if (auto* rows = std::get_if<std::vector<ValueRow>>(&insert.rows)) {
                           for (ValueRow& row : *rows) expressions(row, false);
                       } else {
                           query(*std::get<Box<Query>>(insert.rows), false);
                       }
                       assignments(insert.on_duplicate, false);
                   },
                   [&](Update& update) {
                       with(update.with);
                       tables(update.tables);
                       assignments(update.assignments, false);
                       if (update.where) expression(**update.where, false);
                       order(update.order_by, false);
                       limit(update.limit);
                   },
                   [&](Delete& body) {
                       with(body.with);
                       tables(body.tables);
                       if (body.where) expression(**body.where, false);
                       order(body.order_by, false);
                       limit(body.limit);
                   },
                   [&](Call& call) { expressions(call.arguments, false); },
                   [&](Stream& stream) {
                       if (stream.where) expression(**stream.where, false);
                       limit(stream.limit);
                   },
                   [&](Vexplain& vexplain) { statement(*vexplain.statement); },
                   [&](Explain& explain) { statement(*explain.statement); },
                   [&](Prepare& prepare) {
                       const auto* text = std::get_if<std::string>(&prepare.source);
                       if (text == nullptr) return;
                       BindVariable variable{.name = unused_name({}), .type = Type::varchar};
                       add(variable.name, {{Type::varchar, *text}, {}}, {});
                       prepare.source = std::move(variable);
                   },
                   [](auto&) {},
               },
               node.node);
}

void LiteralPass::finish() {
    for (std::uint32_t i = 0; i < claimed_.size(); ++i) {
        if (!claimed_[i]) result_.pinned.push_back(i);
    }
}

}  // namespace sluice::sql::detail
