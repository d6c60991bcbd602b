// Step 3 of a request: binding an expression gives each node its collation.
#include "collation/merge.h"

#include <string>

#include "base/assert.h"

namespace sluice::collation {
namespace {

std::string_view name_of(Coercibility coercibility) {
    switch (coercibility) {
        case Coercibility::explicit_collate:
            return "EXPLICIT";
        case Coercibility::none:
            return "NONE";
        case Coercibility::implicit:
            return "IMPLICIT";
        case Coercibility::system_constant:
            return "SYSCONST";
        case Coercibility::coercible:
            return "COERCIBLE";
        case Coercibility::numeric:
            return "NUMERIC";
        case Coercibility::ignorable:
            return "IGNORABLE";
    }
    return "";
}

std::string spelt(const Operand& operand) {
    return "(" + std::string(operand.collation->name) + "," +
           std::string(name_of(operand.coercibility)) + ")";
}

bool is_unicode(const Operand& operand) {
    switch (operand.collation->charset->encoding) {
        case Encoding::utf8:
        case Encoding::utf8_basic:
        case Encoding::utf16:
        case Encoding::utf16le:
        case Encoding::utf32:
        case Encoding::ucs2:
            return true;
        case Encoding::bytes:
        case Encoding::single_byte:
        case Encoding::multibyte:
            return false;
    }
    return false;
}

Repertoire both(Repertoire left, Repertoire right) {
    return left == Repertoire::ascii ? right : left;
}

bool is_binary_string(const Operand& operand) {
    return operand.collation->charset->encoding == Encoding::bytes;
}

// Whether every text of `right` may become one of `left`'s set without loss, and should.
bool takes_in(const Operand& left, const Operand& right) {
    if (left.coercibility > right.coercibility) return false;
    const bool stronger = left.coercibility < right.coercibility;
    if (is_unicode(left)) {
        const Encoding encoding = left.collation->charset->encoding;
        if (stronger || encoding == Encoding::utf8 || !is_unicode(right)) return true;
        if (encoding == Encoding::utf32 && !left.collation->is_binary) return true;
    }
    if (right.repertoire != Repertoire::ascii) return false;
    return stronger || left.repertoire == Repertoire::unicode;
}

const Collation* binary_collation(const Charset& charset) {
    return find_collation(std::string(charset.name) + "_bin");
}

// Two of one character set.
Result<Merged> merge_siblings(const Operand& left, const Operand& right,
                              std::string_view operation) {
    const Repertoire repertoire = both(left.repertoire, right.repertoire);
    if (left.coercibility != right.coercibility || left.collation == right.collation) {
        Operand winner = left.coercibility <= right.coercibility ? left : right;
        winner.repertoire = repertoire;
        return Merged{.result = winner};
    }
    if (left.coercibility == Coercibility::explicit_collate) {
        const Operand operands[] = {left, right};
        return fail(illegal_mix(operands, operation));
    }
    if (left.collation->is_binary && right.collation->is_binary) {
        Operand neither = left;
        neither.coercibility = Coercibility::none;
        return Merged{.result = neither};
    }
    if (left.collation->is_binary) return Merged{.result = left};
    if (right.collation->is_binary) return Merged{.result = right};
    return Merged{.result = {.collation = binary_collation(*left.collation->charset),
                             .coercibility = Coercibility::none,
                             .repertoire = repertoire}};
}

}  // namespace

Error illegal_mix(std::span<const Operand> operands, std::string_view operation) {
    constexpr std::uint16_t two = 1267, three = 1270, more = 1271;
    std::string text = "Illegal mix of collations";
    if (operands.size() <= 3) {
        for (std::size_t i = 0; i < operands.size(); ++i) {
            text += i == 0 ? " " : operands.size() == 2 ? " and " : ", ";
            text += spelt(operands[i]);
        }
    }
    if (!operation.empty()) text += " for operation '" + std::string(operation) + "'";
    const std::uint16_t number = operands.size() <= 2 ? two : operands.size() == 3 ? three : more;
    return make_error(Code::invalid_argument, number, std::move(text));
}

Result<Merged> merge(const Operand& left, const Operand& right, std::string_view operation,
                     MergeRules rules) {
    VT_ASSERT(left.collation != nullptr && right.collation != nullptr);
    const auto to_left = [&left] { return Merged{.result = left, .right_converted = true}; };
    const auto to_right = [&right] { return Merged{.result = right, .left_converted = true}; };
    const bool both_explicit = left.coercibility == Coercibility::explicit_collate &&
                               right.coercibility == Coercibility::explicit_collate;
    const Operand operands[] = {left, right};
    if (both_explicit && left.collation != right.collation) {
        return fail(illegal_mix(operands, operation));
    }
    if (left.collation->charset == right.collation->charset) {
        return merge_siblings(left, right, operation);
    }
    if (is_binary_string(left)) {
        return left.coercibility <= right.coercibility ? Merged{.result = left} : to_right();
    }
    if (is_binary_string(right)) {
        return left.coercibility >= right.coercibility ? Merged{.result = right} : to_left();
    }
    const bool right_first = rules.unicode_first && left.coercibility == right.coercibility &&
                             is_unicode(right) && !is_unicode(left);
    if (rules.to_superset && right_first) return to_right();
    if (rules.to_superset && takes_in(left, right)) return to_left();
    if (rules.to_superset && takes_in(right, left)) return to_right();
    if (rules.to_lower_coercibility) {
        if (left.coercibility < right.coercibility && right.coercibility > Coercibility::implicit) {
            return to_left();
        }
        if (right.coercibility < left.coercibility && left.coercibility > Coercibility::implicit) {
            return to_right();
        }
    }
    return fail(illegal_mix(operands, operation));
}

}  // namespace sluice::collation
