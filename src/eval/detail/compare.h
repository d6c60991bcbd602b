#pragma once
// How two expressions are compared: chosen once when they are bound, from both types.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "eval/detail/operand.h"
#include "eval/detail/types.h"

namespace sluice::eval {

enum class Order : std::uint8_t { less, equal, greater, null };

struct Comparator {
    // The first eight convert both sides. Integers that are only asked whether they are equal are
    // so by their bits in some places: there -1 is the largest unsigned one. `date` is of lists of
    // dates: only the date of what is sought counts, and what is no date is equal to none; as
    // `datetime` it is lower than all. What is no time is as `lax_time` equal to all that is none,
    // as `time` not found, but found among constants.
    enum class Mode : std::uint8_t {
        integer,
        integer_bits,
        decimal,
        real,
        datetime,
        date,
        time,
        lax_time,
        text,
        bytes,
        json,
        row
    };
    Mode mode = Mode::text;
    const collation::Collation* collation = nullptr;  // text
    const collation::Charset* left_from = nullptr;    // text that is converted first
    const collation::Charset* right_from = nullptr;
    FieldType left;
    FieldType right;
    bool left_is_silent = false;  // reals: a column of which numbers are read without a warning
    bool right_is_silent = false;
    // datetime: a text that IF or CASE chose, and that may be NULL, is so if it is no date, beside
    // a date that differs from row to row.
    bool left_is_chosen = false;
    bool right_is_chosen = false;
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

// `operation` stands in messages about collations: "=", "in", "between". A direct comparison
// insists on dates: 1525 for a constant text that is none. 1241 if one is a tuple and the other
// none of the same size.
Comparator comparator(const Node& left, const Node& right, const Environment& environment,
                      std::string_view operation, bool direct = false, bool in_row = false);
// In a given class, of which both are made.
Comparator comparator_in(Class chosen, const Node& left, const Node& right,
                         const Environment& environment, std::string_view operation);

// Makes `how` compare both as texts under the collation that they have together with others.
void compare_texts_in(Comparator& how, const collation::Operand& merged, const Node& left,
                      const Node& right, const Environment& environment);

// What is the same for every row, but not before the statement runs.
bool is_known_late(const Node& node);
// 1525 for a constant text that is no date, which is compared with one.
void insist_on_date(const Node& node, const FieldType& other, const Environment& environment);

// As CASE compares its operand with each WHEN: texts as dates or times if the operand is one.
std::vector<Comparator> case_comparators(const Node& operand, std::span<const Node> whens,
                                         const Environment& environment);
// What is compared with a column of BIGINT, YEAR or TIME is stored in one first, if it is the same
// for every row and the column takes it: 99 beside a YEAR is 1999, '5' beside a BIGINT 5, '-3.5'
// beside a TIME -00:00:04. So is a number beside a date, and as one of two bounds all else, too.
// Changes nothing otherwise. Says whether the column took it.
enum class Storable : std::uint8_t { usual, bound };
bool store_constant(const Node& column, Node& constant, const Environment& environment,
                    Storable which = Storable::usual);
// A constant text beside a date is read once, before any row. Nothing if it is no date.
void read_dates(Node& left, Node& right, const Environment& environment);
// Computes a constant for its errors and its warnings, which stand among those of binding.
void note_of_computing(Node& constant, const Environment& environment);
// A list of constants that are compared as one kind is read once, before any row: as numbers,
// dates, times or texts. Says whether it is such a list.
bool read_constants(const FieldType& needle, std::vector<Node>& list,
                    std::vector<Comparator>& comparators, const Environment& environment);
// Whether MySQL computes it before anything else: a constant truth, but of IN and BETWEEN.
bool is_folded(const Node& node);
inline void store_constants(Node& left, Node& right, const Environment& environment) {
    store_constant(left, right, environment);
    store_constant(right, left, environment);
}

// Those of IN: texts are compared as dates, or as times, with all items if one of them is such and
// all are of that kind.
std::vector<Comparator> list_comparators(const Node& needle, std::span<const Node> list,
                                         const Environment& environment);

// What is compared of an operand: where numbers are, the value for which it stands.
inline const Datum& compared(const Comparator& how, const Operand& operand) {
    return how.mode <= Comparator::Mode::real ? operand.valued() : operand.datum();
}

// One side as its comparator computes with it.
struct Side {
    const Datum* datum = nullptr;
    std::int64_t bits = 0;  // of an integer
    bool is_unsigned = false;
    double real = 0;
    Decimal decimal;
    std::optional<DateTime> moment;
    bool is_no_date = false;  // a text that is lower than all dates
    std::optional<Time> time;
};
// A value that is compared with several: it is converted once for each way, with its warnings.
class Needle {
 public:
    // Both outlive it. The value is not NULL.
    Needle(const Operand& operand, Environment& environment)
        : operand_(operand), environment_(environment) {}

    // Converts it now, as MySQL does before it computes what it is compared with.
    void prepare(const Comparator& how);
    // It is converted once more when it is compared again.
    void forget() { std::ranges::fill(sides_, std::nullopt); }
    Order compare(const Comparator& how, const Datum& right);
    Order compare_equal(const Comparator& how, const Datum& right);

 private:
    const Side& side(const Comparator& how);

    const Operand& operand_;
    Environment& environment_;
    std::optional<Side> sides_[8];  // by mode
};

// Two operands, of which the second is computed when the first has been converted, and not at all
// if that is NULL.
Order compare_in_turn(const Comparator& how, const Node& left, const Node& right, Run& run);
// The warnings of reading an item of a list, where what is sought is NULL.
void convert_item(const Comparator& how, const Datum& item, Environment& environment);
// The warnings of making a number of a value whose other side is NULL.
void convert_alone(const Comparator& how, const Datum& datum, Environment& environment);

// Neither may be NULL, but parts of tuples.
Order compare(const Comparator& how, const Datum& left, const Datum& right,
              Environment& environment);
// = as SQL's truth: equal, less for false, null.
Order compare_equal(const Comparator& how, const Datum& left, const Datum& right,
                    Environment& environment);
bool null_safe_equal(const Comparator& how, const Datum& left, const Datum& right,
                     Environment& environment);

// Texts and what is like them, bits but those of BIT among them.
bool is_text_class(const FieldType& type);
// The class in which values of both classes are compared.
Class comparison_class(const FieldType& left, const FieldType& right);

}  // namespace sluice::eval
