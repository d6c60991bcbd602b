// & | ^ ~ << >>: on integers, or byte by byte where an operand is a binary string.
#include "eval/detail/operators.h"

namespace sluice::eval {
namespace {

// Binary text that is no literal number.
bool is_bytes(const FieldType& type) {
    return is_binary(type.type) && !type.is_bits;
}
bool may_be_bytes(const FieldType& type) {
    return is_bytes(type) || type.type == Type::null_type ||
           (type.is_bits && type.type != Type::bit);
}

template <class Work>
Datum of_bytes(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    const std::string_view a = left.text();
    const std::string_view b = right.text();
    if (a.size() != b.size())
        raise(3513, "Binary operands of bitwise operators must be of equal length");
    std::string out(a.size(), '\0');
    for (std::size_t i = 0; i < a.size(); ++i) out[i] = static_cast<char>(work(a[i], b[i]));
    return out;
}
template <class Work>
Datum of_numbers(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    const std::uint64_t a = left.integer().bits;
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    return work(a, right.integer().bits);
}

Datum and_bytes(const Node& node, Run& run) {
    return of_bytes(node, run, [](int a, int b) { return a & b; });
}
Datum or_bytes(const Node& node, Run& run) {
    return of_bytes(node, run, [](int a, int b) { return a | b; });
}
Datum xor_bytes(const Node& node, Run& run) {
    return of_bytes(node, run, [](int a, int b) { return a ^ b; });
}
Datum and_numbers(const Node& node, Run& run) {
    return of_numbers(node, run, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}
Datum or_numbers(const Node& node, Run& run) {
    return of_numbers(node, run, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}
Datum xor_numbers(const Node& node, Run& run) {
    return of_numbers(node, run, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}
Datum shift_left_numbers(const Node& node, Run& run) {
    return of_numbers(node, run,
                      [](std::uint64_t a, std::uint64_t b) { return b < 64 ? a << b : 0; });
}
Datum shift_right_numbers(const Node& node, Run& run) {
    return of_numbers(node, run,
                      [](std::uint64_t a, std::uint64_t b) { return b < 64 ? a >> b : 0; });
}

std::string shifted(std::string_view bytes, std::uint64_t count, bool left) {
    std::string out(bytes.size(), '\0');
    if (count >= bytes.size() * 8) return out;
    const std::size_t whole = count / 8;
    const unsigned part = count % 8;
    for (std::size_t i = 0; i + whole < bytes.size(); ++i) {
        const std::size_t from = left ? i + whole : bytes.size() - 1 - i - whole;
        const std::size_t to = left ? i : bytes.size() - 1 - i;
        const std::size_t beside = left ? from + 1 : from - 1;
        const unsigned here = static_cast<std::uint8_t>(bytes[from]);
        const unsigned next = beside < bytes.size() ? static_cast<std::uint8_t>(bytes[beside]) : 0;
        const unsigned both =
            left ? (here << part) | (next >> (8 - part)) : (here >> part) | (next << (8 - part));
        out[to] = static_cast<char>(part == 0 ? here : both);
    }
    return out;
}
Datum shift_bytes(const Node& node, Run& run) {
    Operand bytes(node.arguments[0], run);
    if (bytes.is_null()) return {};
    Operand count(node.arguments[1], run);
    if (count.is_null()) return {};
    return shifted(bytes.text(), count.integer().bits, node.name == "<<");
}

Datum not_number(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return ~operand.integer().bits;
}
Datum not_bytes(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    std::string out(operand.text());
    for (char& byte : out) byte = static_cast<char>(~byte);
    return out;
}

struct Operator {
    std::string_view name;
    Compute numbers;
    Compute bytes;
};
Operator operator_of(sql::BinaryOp op) {
    switch (op) {
        case sql::BinaryOp::bit_and:
            return {"&", and_numbers, and_bytes};
        case sql::BinaryOp::bit_or:
            return {"|", or_numbers, or_bytes};
        case sql::BinaryOp::bit_xor:
            return {"^", xor_numbers, xor_bytes};
        case sql::BinaryOp::shift_left:
            return {"<<", shift_left_numbers, shift_bytes};
        default:
            return {">>", shift_right_numbers, shift_bytes};
    }
}

}  // namespace

Node bit_operation(sql::BinaryOp op, Node left, Node right) {
    refuse_tuple(left);
    refuse_tuple(right);
    const Operator chosen = operator_of(op);
    const bool is_shift = op == sql::BinaryOp::shift_left || op == sql::BinaryOp::shift_right;
    const bool bytes = is_shift ? is_bytes(left.type)
                                : may_be_bytes(left.type) && may_be_bytes(right.type) &&
                                      (is_bytes(left.type) || is_bytes(right.type));
    const bool nullable = left.type.nullable || right.type.nullable;
    const std::uint32_t length = std::max(left.type.length, is_shift ? 0U : right.type.length);
    std::vector<Node> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    Node node = node_of(
        chosen.name, Print::infix, bytes ? chosen.bytes : chosen.numbers,
        bytes ? binary_type(nullable, length) : integer_type(nullable, integer_length, true),
        std::move(arguments));
    node.is_silent = bytes;
    return node;
}

Node bit_not(Node operand) {
    refuse_tuple(operand);
    const bool bytes = is_bytes(operand.type);
    const FieldType type = operand.type;
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    Node node = node_of("~", Print::prefix, bytes ? not_bytes : not_number,
                        bytes ? binary_type(type.nullable, type.length)
                              : integer_type(type.nullable, integer_length, true),
                        std::move(arguments));
    node.is_silent = bytes;
    return node;
}

}  // namespace sluice::eval
