#pragma once
// How two expressions are compared: chosen once when they are bound, from both types.
#include <memory>
#include <vector>

#include "eval/detail/operand.h"
#include "eval/detail/types.h"

namespace sluice::eval {

enum class Order : std::uint8_t { less, equal, greater, null };

struct Comparator {
    enum class Mode : std::uint8_t {
        integer,
        decimal,
        real,
        text,
        bytes,
        datetime,
        time,
        json,
        row
    };
    Mode mode = Mode::text;
    const collation::Collation* collation = nullptr;  // text
    const collation::Charset* left_from = nullptr;    // text that is converted first
    const collation::Charset* right_from = nullptr;
    // A constant text that must be a date: 1525 if it is none.
    bool left_must_be_date = false;
    bool right_must_be_date = false;
    FieldType left;
    FieldType right;
    std::vector<Comparator> parts;  // row
};

struct PreparedComparator : Prepared {
    explicit PreparedComparator(Comparator made) : comparator(std::move(made)) {}
    Comparator comparator;
};
inline const Comparator& comparator_of(const Node& node) {
    return static_cast<const PreparedComparator&>(*node.prepared).comparator;
}
inline std::shared_ptr<const Prepared> prepared(Comparator comparator) {
    return std::make_shared<PreparedComparator>(std::move(comparator));
}

// `operation` stands in messages about collations: "=", "in", "between". Only a direct comparison
// insists on dates. 1241 if one is a tuple and the other none of the same size.
Comparator comparator(const Node& left, const Node& right, const Environment& environment,
                      std::string_view operation, bool direct = false);
// In a given class, of which both are made.
Comparator comparator_in(Class chosen, const Node& left, const Node& right,
                         const Environment& environment, std::string_view operation);

// Neither may be NULL, but parts of tuples.
Order compare(const Comparator& how, const Datum& left, const Datum& right,
              Environment& environment);
// = as SQL's truth: equal, less for false, null.
Order compare_equal(const Comparator& how, const Datum& left, const Datum& right,
                    Environment& environment);
bool null_safe_equal(const Comparator& how, const Datum& left, const Datum& right,
                     Environment& environment);

// The class in which values of both classes are compared.
Class comparison_class(const FieldType& left, const FieldType& right);

}  // namespace sluice::eval
