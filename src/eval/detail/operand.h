#pragma once
// What a function reads of its arguments. Operand computes one argument once and hands it out in
// the form that the function wants, without a copy where the value lies in the row or the tree.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "eval/detail/convert.h"
#include "eval/detail/failure.h"
#include "eval/environment.h"
#include "eval/evaluate.h"
#include "eval/expression.h"

namespace sluice::eval {

struct Run {
    Row row;
    Environment& environment;
};

Datum compute_literal(const Node& node, Run& run);
Datum compute_column(const Node& node, Run& run);
Whole whole_literal(const Node& node, Run& run);
Whole whole_column(const Node& node, Run& run);

// 1690 if `number`, which `node` gave, is to be an integer and fits none. Values that are not
// computed, but stored or chosen, become the nearest; of a column's DOUBLE 1292 tells of it.
void require_bigint(const Node& node, double number, Environment& environment);

// What is not computed, but stands in the statement or a row.
inline bool is_stored(const Node& node) {
    return node.compute == compute_literal || node.compute == compute_column;
}
// A BLOB's or TEXT's own column: MySQL reads numbers of it without a warning.
inline bool is_large_column(const Node& node) {
    return node.compute == compute_column &&
           (node.type.type == Type::blob || node.type.type == Type::text);
}
// So it does of what COALESCE, GREATEST and their like made a text.
inline bool is_silent(const Node& node) {
    return node.is_silent || is_large_column(node);
}

// Of a decimal; others stay as they are.
Datum whole_part(const Datum& datum);
// A quotient that is shown as a half, with all its digits: as an integer what is just below one is
// rounded down. nullopt: it is no half.
std::optional<Decimal> unrounded_quotient(const Node& node, const Datum& shown, Run& run);
// A hybrid's TIME as a part of a text: with six digits behind the seconds.
std::string text_of_time(const Datum& time);
// A hybrid's date or time as an integer: half a second counts as one, without a carry to the
// minute.
std::optional<Integer> bare_integer(const Datum& moment);

class Operand {
 public:
    Operand(const Node& node, Run& run) : node_(node), run_(run) {
        if (node.compute == compute_column) {
            at_ = &run.row[node.number];
        } else if (node.compute == compute_literal) {
            at_ = &node.constant;
        } else if (node.shown == nullptr) {
            own_ = node.compute(node, run);
            at_ = &own_;
        } else {
            show();
        }
    }
    Operand(const Operand&) = delete;
    Operand& operator=(const Operand&) = delete;

    bool is_null() const { return at_->is_null(); }
    const Datum& datum() const { return *at_; }
    const FieldType& type() const { return node_.type; }
    // The same for functions of JSON: MySQL takes a part of a double that stands in the statement
    // for bytes there.
    const FieldType& json_type() const;
    // The same, but what it stands for (Node::shown) if that is another value.
    const Datum& valued() const { return shown_ == nullptr ? *at_ : shown_->value; }
    // The same where a date or time is wanted.
    const Datum& moment() const { return shows_number() ? *at_ : valued(); }
    bool shows_number() const { return shown_ != nullptr && shown_->is_number; }
    const Node& valued_of() const { return shown_ == nullptr ? node_ : *shown_->of; }
    Datum take() { return at_ == &own_ ? std::move(own_) : *at_; }
    // For as_type: a hybrid's TIME is its text there.
    Datum take_for(const FieldType& type) {
        const bool as_text = is_long_time() && class_of(type) == Class::text &&
                             !is_temporal(type.type) && type.type != Type::json;
        return as_text ? Datum(std::string(text())) : take();
    }
    Datum take_valued() { return shown_ == nullptr ? take() : std::move(shown_->value); }

    // 1690 for a computed double that no BIGINT holds.
    Integer integer() {
        const Datum& value = valued();
        if (node_.is_cut) return to_integer(whole_part(value), told());
        if (node_.is_quotient) {
            if (const auto exact = unrounded_quotient(node_, value, run_))
                return to_integer(Datum(*exact), told());
        }
        if (node_.is_hybrid) {
            if (const auto bare = bare_integer(value)) return *bare;
        }
        if (const auto* number = value.as<double>())
            require_bigint(valued_of(), *number, run_.environment);
        return to_integer(node_.type, value, told());
    }
    // The same as CAST reads it, which warns of BLOBs and TEXTs, too.
    Integer cast_integer() {
        return is_silent(node_) ? to_integer(node_.type, datum(), run_.environment) : integer();
    }
    double real() { return to_real(node_.type, valued(), told()); }
    Decimal decimal() {
        const TextOf text = !is_stored(node_) || is_large_column(node_) ? TextOf::computed
                            : node_.compute == compute_column           ? TextOf::column
                                                                        : TextOf::literal;
        const bool as_text = shown_ != nullptr && shown_->is_text;
        const Decimal number =
            to_decimal(node_.type, as_text ? *at_ : valued(), run_.environment, text);
        return is_temporal(node_.type.type)
                   ? number.with_scale(std::min<int>(node_.type.decimals, 6))
                   : number;
    }
    bool truth() {
        if (shown_ != nullptr) return to_condition(node_.type, valued(), told());
        return to_truth(node_.type, *at_, told());
    }
    // Of IF and CASE.
    bool condition() { return to_condition(node_.type, valued(), told()); }
    // Valid as long as the operand.
    std::string_view text() {
        if (const auto* text = at_->as<std::string>()) return *text;
        if (const auto* bits = at_->as<Bits>()) return bits->bytes;
        if (!has_text_) {
            text_ = is_long_time() ? text_of_time(*at_) : to_text(node_.type, *at_);
            has_text_ = true;
        }
        return text_;
    }
    std::optional<DateTime> datetime(DateUse use = DateUse::fuzzy) {
        return to_datetime(node_.type, moment(), run_.environment, use);
    }
    // The same for functions of dates, whose warnings speak of a date.
    std::optional<DateTime> dated(DateUse use) {
        return to_datetime(node_.type, moment(), run_.environment, use, 6, true);
    }
    std::optional<Date> date(DateUse use = DateUse::fuzzy) {
        return to_date(node_.type, moment(), run_.environment, use);
    }
    std::optional<Time> time() { return to_time(node_.type, moment(), run_.environment); }

 private:
    void show();
    bool is_long_time() const { return node_.is_hybrid && at_->as<Time>() != nullptr; }
    Environment& told() { return is_silent(valued_of()) ? nowhere() : run_.environment; }

    const Node& node_;
    Run& run_;
    const Datum* at_ = nullptr;
    Datum own_;
    std::unique_ptr<Shown> shown_;  // of another value
    std::string text_;
    bool has_text_ = false;
};

// Of one of several values: chosen among `values`, with the type of all. Shown, if they are not of
// one kind.
Shown show_chosen(const Node& node, const Node& chosen, Run& run);
bool shows_chosen(const FieldType& type, std::span<const Node> values);
// Of a text that was made of a date or time.
Shown show_moment(const Node& node, Run& run);

// Refuses to make a text longer than max_allowed_packet: warning 1301, and NULL as the answer.
bool too_long(const Node& node, Run& run, std::uint64_t bytes);

}  // namespace sluice::eval
