// Step 5 of a request: expressions as canonical text, with as few parentheses as their binding
// powers need.
#include "base/overload.h"
#include "sql/detail/parser.h"
#include "sql/detail/printer.h"

namespace sluice::sql::detail {
namespace {

constexpr int power(Power value) {
    return static_cast<int>(value);
}

struct BinaryText {
    std::string_view text;
    Power power;
};

BinaryText binary_text(BinaryOp op) {
    switch (op) {
        case BinaryOp::add:
            return {" + ", Power::additive};
        case BinaryOp::subtract:
            return {" - ", Power::additive};
        case BinaryOp::multiply:
            return {" * ", Power::multiplicative};
        case BinaryOp::divide:
            return {" / ", Power::multiplicative};
        case BinaryOp::integer_divide:
            return {" div ", Power::multiplicative};
        case BinaryOp::modulo:
            return {" % ", Power::multiplicative};
        case BinaryOp::bit_and:
            return {" & ", Power::bit_and};
        case BinaryOp::bit_or:
            return {" | ", Power::bit_or};
        case BinaryOp::bit_xor:
            return {" ^ ", Power::bit_xor};
        case BinaryOp::shift_left:
            return {" << ", Power::shift};
        case BinaryOp::shift_right:
            return {" >> ", Power::shift};
    }
    return {};
}

std::string_view compare_text(CompareOp op) {
    switch (op) {
        case CompareOp::equal:
            return " = ";
        case CompareOp::less:
            return " < ";
        case CompareOp::greater:
            return " > ";
        case CompareOp::less_equal:
            return " <= ";
        case CompareOp::greater_equal:
            return " >= ";
        case CompareOp::not_equal:
            return " != ";
        case CompareOp::null_safe_equal:
            return " <=> ";
        case CompareOp::in:
            return " in ";
        case CompareOp::not_in:
            return " not in ";
        case CompareOp::like:
            return " like ";
        case CompareOp::not_like:
            return " not like ";
        case CompareOp::regexp:
            return " regexp ";
        case CompareOp::not_regexp:
            return " not regexp ";
    }
    return {};
}

Power power_of(const Expr& expression) {
    return std::visit(Overload{
                          [](const Assign&) { return Power::assignment; },
                          [](const Or&) { return Power::or_; },
                          [](const Xor&) { return Power::xor_; },
                          [](const And&) { return Power::and_; },
                          [](const Not&) { return Power::not_; },
                          [](const Is&) { return Power::comparison; },
                          [](const Compare& compare) {
                              return compare.op < CompareOp::in ? Power::comparison
                                                                : Power::predicate;
                          },
                          [](const Between&) { return Power::predicate; },
                          [](const MemberOf&) { return Power::predicate; },
                          [](const Binary& binary) { return binary_text(binary.op).power; },
                          [](const Unary& unary) {
                              return unary.op == UnaryOp::not_bang ? Power::bang : Power::unary;
                          },
                          [](const Collate&) { return Power::collate; },
                          [](const auto&) { return Power::primary; },
                      },
                      expression.node);
}

}  // namespace

void Printer::operand(const Expr& expression, int least) {
    const bool bare = options_.as_v21 && expression.is<Assign>();
    const bool parentheses = !bare && power(power_of(expression)) < least;
    if (parentheses) out_ += '(';
    print(expression);
    if (parentheses) out_ += ')';
}

void Printer::print(const Expr& expression) {
    std::visit([this](const auto& node) { print(node); }, expression.node);
}

void Printer::print(const Literal& literal) {
    switch (literal.kind) {
        case LiteralKind::integer:
        case LiteralKind::decimal:
        case LiteralKind::floating:
        case LiteralKind::hex_number:
            out_ += literal.text;
            return;
        case LiteralKind::bit_number:
            word(literal.text == "0b" ? "b''" : literal.text);  // 0b is a name
            return;
        case LiteralKind::bit_string:
            word(literal.text.empty() ? "b''" : "0b").word(literal.text);
            return;
        case LiteralKind::hex_string:
            word("X'").word(literal.text).word("'");
            return;
        case LiteralKind::string:
            string(literal.text);
            return;
        case LiteralKind::national:
            word("N").string(literal.text);
            return;
        case LiteralKind::date:
            word("date").string(literal.text);
            return;
        case LiteralKind::time:
            word("time").string(literal.text);
            return;
        case LiteralKind::timestamp:
            word("timestamp").string(literal.text);
            return;
    }
}

void Printer::print(const Column& column) {
    if (!column.table.empty()) {
        print(column.table);
        out_ += '.';
    }
    name(column.name);
}

void Printer::print(const BindVariable& variable) {
    if (options_.variable && options_.variable(out_, variable)) return;
    const auto cast = [&](std::string_view type) {
        word("CAST(:").word(variable.name).word(" AS ").word(type).word(")");
    };
    if (options_.type_comments && !variable.list) {
        if (variable.type == Type::float64) return cast("DOUBLE");
        if (variable.type == Type::date) return cast("DATE");
        if (variable.type == Type::time)
            return cast("TIME" +
                        (variable.size > 0 ? "(" + std::to_string(variable.size) + ")" : ""));
        if (variable.type == Type::datetime) {
            return cast("DATETIME" +
                        (variable.size > 0 ? "(" + std::to_string(variable.size) + ")" : ""));
        }
        if (variable.type == Type::decimal && variable.scale == 0) {
            return cast("DECIMAL(" + std::to_string(variable.size) + ", 0)");
        }
    }
    word(variable.list ? "::" : ":").word(variable.name);
    if (variable.list || variable.type == Type::null_type || !options_.type_comments) return;
    word(" /* ").word(type_name(variable.type));
    if (variable.type == Type::decimal && variable.size > 0) {
        word("(")
            .word(std::to_string(variable.size))
            .word(",")
            .word(std::to_string(variable.scale))
            .word(")");
    }
    out_ += " */";
}

void Printer::print(const Variable& variable) {
    switch (variable.scope) {
        case VariableScope::user:
            word("@").name(variable.name);
            return;
        case VariableScope::session:
            word(variable.name.starts_with("transaction_") ? "@@session." : "@@")
                .name(variable.name);
            return;
        case VariableScope::session_implied:
        case VariableScope::next_transaction:
            word("@@").name(variable.name);
            return;
        case VariableScope::global:
            word("@@global.").name(variable.name);
            return;
        case VariableScope::persist:
            word("@@persist.").name(variable.name);
            return;
        case VariableScope::persist_only:
            word("@@persist_only.").name(variable.name);
            return;
        case VariableScope::vitess_metadata:
            word("@@vitess_metadata.").name(variable.name);
            return;
    }
}

void Printer::print(const Unary& unary) {
    switch (unary.op) {
        case UnaryOp::minus: {
            out_ += '-';
            const Unary* inner = unary.operand->as<Unary>();
            if (inner != nullptr && inner->op == UnaryOp::minus) out_ += ' ';
            break;
        }
        case UnaryOp::plus:
            out_ += '+';
            break;
        case UnaryOp::bit_not:
            out_ += '~';
            break;
        case UnaryOp::not_bang:
            out_ += '!';
            break;
        case UnaryOp::binary:
            out_ += "binary ";
            break;
    }
    operand(*unary.operand, power(unary.op == UnaryOp::not_bang ? Power::bang : Power::unary));
}

void Printer::print(const Not& expression) {
    out_ += "not ";
    operand(*expression.operand, power(expression.tight ? Power::bang : Power::not_));
}

void Printer::print(const Binary& binary) {
    const BinaryText op = binary_text(binary.op);
    operand(*binary.left, power(op.power));
    out_ += op.text;
    operand(*binary.right, power(op.power) + 1);
}

void Printer::print(const Compare& compare) {
    const bool predicate = compare.op >= CompareOp::in;
    operand(*compare.left, power(predicate ? Power::bit_or : Power::comparison));
    out_ += compare_text(compare.op);
    if (compare.quantifier == Quantifier::any) out_ += "any ";
    if (compare.quantifier == Quantifier::all) out_ += "all ";
    operand(*compare.right, power(predicate ? Power::bit_or : Power::predicate));
    if (compare.escape) {
        out_ += " escape ";
        operand(**compare.escape, power(Power::unary));
    }
}

void Printer::print(const And& conjunction) {
    bool first = true;
    for (const Expr& item : conjunction.operands) {
        if (!first) out_ += " and ";
        operand(item, power(first ? Power::and_ : Power::not_));
        first = false;
    }
}

void Printer::print(const Or& disjunction) {
    bool first = true;
    for (const Expr& item : disjunction.operands) {
        if (!first) out_ += " or ";
        operand(item, power(first ? Power::or_ : Power::xor_));
        first = false;
    }
}

void Printer::print(const Xor& expression) {
    operand(*expression.left, power(Power::xor_));
    out_ += " xor ";
    operand(*expression.right, power(Power::and_));
}

void Printer::print(const Between& between) {
    operand(*between.operand, power(Power::bit_or));
    out_ += between.negated ? " not between " : " between ";
    operand(*between.low, power(Power::bit_or));
    out_ += " and ";
    operand(*between.high, power(Power::bit_or));
}

void Printer::print(const Is& is) {
    static constexpr std::string_view texts[] = {" is null",     " is not null", " is true",
                                                 " is not true", " is false",    " is not false"};
    const bool twice = is.operand->is<Is>();  // (a is null) is null, as v21 writes it
    operand(*is.operand, power(twice ? Power::predicate : Power::comparison));
    out_ += texts[static_cast<std::size_t>(is.kind)];
}

void Printer::print(const Tuple& tuple) {
    out_ += '(';
    list(tuple.items);
    out_ += ')';
}

void Printer::print(const Subquery& subquery) {
    out_ += '(';
    print(*subquery.query);
    out_ += ')';
}

void Printer::print(const Exists& exists) {
    out_ += "exists (";
    print(*exists.query);
    out_ += ')';
}

void Printer::print(const Case& expression) {
    out_ += "case";
    if (expression.operand) {
        out_ += ' ';
        print(**expression.operand);
    }
    for (const When& when : expression.whens) {
        out_ += " when ";
        print(*when.condition);
        out_ += " then ";
        print(*when.result);
    }
    if (expression.otherwise) {
        out_ += " else ";
        print(**expression.otherwise);
    }
    out_ += " end";
}

void Printer::print(const Collate& collate) {
    operand(*collate.operand, power(Power::collate));
    word(" collate ").bare(collate.collation);
}

void Printer::print(const Introducer& introducer) {
    word(introducer.charset);
    if (introducer.charset != "N") out_ += ' ';  // N'x', whose x may be a variable
    operand(*introducer.operand, power(Power::primary));
}

void Printer::print(const Interval& interval) {
    out_ += "interval ";
    print(*interval.amount);
    word(" ").word(interval.unit);
}

void Printer::print(const MemberOf& member) {
    operand(*member.value, power(Power::bit_or));
    out_ += " member of (";
    print(*member.array);
    out_ += ')';
}

void Printer::print(const Assign& assign) {
    if (assign.bound)
        word(":__vtudv").word(lower_case(assign.variable.name));
    else
        print(assign.variable);
    out_ += " := ";
    operand(*assign.value, power(Power::assignment));
}

}  // namespace sluice::sql::detail
