// Aggregates: rows in, one value out.
#include "eval/aggregate.h"

#include <algorithm>
#include <cmath>

#include "collation/charset.h"
#include "eval/detail/convert.h"
#include "eval/detail/geometry.h"
#include "eval/detail/operand.h"

namespace sluice::eval {
namespace {

// SUM and AVG of this type are doubles.
bool is_real(const FieldType& type) {
    return is_float(type.type);
}

// The others take their arguments as they are. DISTINCT is of texts where an argument is one.
bool reads_number(const BoundAggregate& aggregate) {
    if (aggregate.distinct || is_binary(aggregate.type.type)) return false;
    switch (aggregate.function) {
        case AggregateFunction::sum:
        case AggregateFunction::avg:
        case AggregateFunction::bit_and:
        case AggregateFunction::bit_or:
        case AggregateFunction::bit_xor:
        case AggregateFunction::variance:
        case AggregateFunction::sample_variance:
        case AggregateFunction::deviation:
        case AggregateFunction::sample_deviation:
            return true;
        default:
            return false;
    }
}

}  // namespace

Aggregation::Aggregation(const BoundAggregate* aggregate)
    : aggregate_(aggregate), reads_number_(reads_number(*aggregate)) {
    if (aggregate->function == AggregateFunction::bit_and) bits_ = UINT64_MAX;
    if (aggregate->function == AggregateFunction::json_array) json_ = Json(JsonArray());
    if (aggregate->function == AggregateFunction::json_object) json_ = Json(JsonObject());
}

bool Aggregation::is_repeated(const std::vector<Datum>& values) {
    std::string key;
    for (std::size_t i = 0; i < values.size(); ++i) {
        append_sort_key(key, {.type = aggregate_->arguments[i].type()}, values[i]);
    }
    return !seen_.insert(std::move(key)).second;
}

Result<void> Aggregation::add(Row row, Environment& environment) {
    auto done = caught([&] {
        std::vector<Datum> values;
        Run run{row, environment};
        for (const Bound& argument : aggregate_->arguments) {
            Operand operand(argument.root, run);
            values.push_back(reads_number_ ? operand.take_valued() : operand.take());
        }
        add_values(std::move(values), row, environment);
        return true;
    });
    if (!done) return fail(std::move(done.error()));
    return {};
}

void Aggregation::add_values(std::vector<Datum> values, Row row, Environment& environment) {
    const AggregateFunction function = aggregate_->function;
    const bool json =
        function == AggregateFunction::json_array || function == AggregateFunction::json_object;
    const bool has_null =
        std::ranges::any_of(values, [](const Datum& each) { return each.is_null(); });
    if (has_null && !json && function != AggregateFunction::any_value) return;
    if (aggregate_->distinct && is_repeated(values)) return;
    switch (function) {
        case AggregateFunction::count:
            break;
        case AggregateFunction::any_value:
            if (count_ == 0) kept_ = std::move(values[0]);
            break;
        case AggregateFunction::min:
        case AggregateFunction::max: {
            const FieldType& type = aggregate_->arguments[0].type();
            const auto order = kept_.is_null() ? std::weak_ordering::equivalent
                                               : compare_values(type, values[0], kept_);
            const bool better = function == AggregateFunction::min ? order < 0 : order > 0;
            if (kept_.is_null() || better) kept_ = std::move(values[0]);
            break;
        }
        case AggregateFunction::bit_and:
        case AggregateFunction::bit_or:
        case AggregateFunction::bit_xor:
            add_bits(values[0], environment);
            break;
        case AggregateFunction::json_array:
            json_.get_if<JsonArray>()->push_back(
                values[0].is_null()
                    ? Json()
                    : to_json_scalar(aggregate_->arguments[0].type(), values[0], environment));
            break;
        case AggregateFunction::json_object:
            if (values[0].is_null())
                raise(3158, "JSON documents may not contain NULL member names.");
            json_.get_if<JsonObject>()->set(
                to_utf8(aggregate_->arguments[0].type(),
                        to_text(aggregate_->arguments[0].type(), values[0])),
                values[1].is_null()
                    ? Json()
                    : to_json_scalar(aggregate_->arguments[1].type(), values[1], environment));
            break;
        case AggregateFunction::group_concat:
            add_piece(values, row, environment);
            break;
        case AggregateFunction::collect:
            add_geometry(to_text(aggregate_->arguments[0].type(), values[0]));
            break;
        default:
            add_number(values[0], environment);
    }
    ++count_;
}

void Aggregation::add_number(const Datum& value, Environment& environment) {
    const AggregateFunction function = aggregate_->function;
    const FieldType& type = aggregate_->arguments[0].type();
    Environment& told = is_silent(aggregate_->arguments[0].root) ? nowhere() : environment;
    if (function == AggregateFunction::sum || function == AggregateFunction::avg) {
        if (is_real(aggregate_->type)) {
            const double* sum = kept_.as<double>();
            kept_ = (sum == nullptr ? 0 : *sum) + to_real(type, value, told);
            return;
        }
        const Decimal* sum = kept_.as<Decimal>();
        const auto next =
            Decimal::add(sum == nullptr ? Decimal() : *sum, to_decimal(type, value, environment));
        if (!next) raise(er::data_out_of_range, "DECIMAL value is out of range in 'sum'");
        kept_ = *next;
        return;
    }
    const double number = to_real(type, value, told);
    if (count_ == 0) {
        mean_ = number;
        return;
    }
    const double before = mean_;
    mean_ += (number - before) / static_cast<double>(count_ + 1);
    moment_ += (number - before) * (number - mean_);
}

void Aggregation::add_bits(const Datum& value, Environment& environment) {
    const AggregateFunction function = aggregate_->function;
    if (!is_binary(aggregate_->type.type)) {
        const std::uint64_t bits =
            to_integer(aggregate_->arguments[0].type(), value, environment).bits;
        bits_ = function == AggregateFunction::bit_and  ? bits_ & bits
                : function == AggregateFunction::bit_or ? bits_ | bits
                                                        : bits_ ^ bits;
        return;
    }
    const std::string bytes = to_text(aggregate_->arguments[0].type(), value);
    if (count_ == 0) {
        bytes_ = bytes;
        return;
    }
    if (bytes.size() != bytes_.size())
        raise(3513, "Binary operands of bitwise operators must be of equal length");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char a = bytes_[i];
        const char b = bytes[i];
        bytes_[i] = static_cast<char>(function == AggregateFunction::bit_and  ? a & b
                                      : function == AggregateFunction::bit_or ? a | b
                                                                              : a ^ b);
    }
}

void Aggregation::add_piece(const std::vector<Datum>& values, Row row, Environment& environment) {
    Piece piece;
    for (std::size_t i = 0; i < values.size(); ++i)
        append_text(piece.text, aggregate_->arguments[i].type(), values[i]);
    Run run{row, environment};
    for (std::size_t i = 0; i < aggregate_->order_by.size(); ++i) {
        Operand operand(aggregate_->order_by[i].root, run);
        append_sort_key(
            piece.key,
            {.type = aggregate_->order_by[i].type(), .descending = aggregate_->descending[i]},
            operand.datum());
    }
    pieces_.push_back(std::move(piece));
}

void Aggregation::add_geometry(std::string bytes) {
    const auto spatial = read_spatial(bytes);
    if (!spatial) raise(3037, "Invalid GIS data provided to function st_collect.");
    if (spatial->srid != 0 && spatial->srid != geographic_srid)
        refuse("st_collect in the spatial reference system " + std::to_string(spatial->srid));
    if (!pieces_.empty()) {
        const std::uint32_t srid = read_spatial(pieces_[0].text)->srid;
        if (srid != spatial->srid) {
            raise(4034,
                  "Arguments to function st_collect contains geometries with different "
                  "SRIDs: " +
                      std::to_string(srid) + " and " + std::to_string(spatial->srid) +
                      ". All geometries must have the same SRID.");
        }
    }
    pieces_.push_back({std::move(bytes), {}});
}

// Several of one kind are of the kind that holds them.
Datum Aggregation::collected() const {
    if (pieces_.empty()) return {};
    Spatial made;
    for (const Piece& piece : pieces_) {
        Spatial part = *read_spatial(piece.text);
        made.srid = part.srid;
        made.geometry.parts.push_back(std::move(part.geometry));
    }
    using Kind = Geometry::Kind;
    const std::vector<Geometry>& parts = made.geometry.parts;
    const bool same = std::ranges::all_of(
        parts, [&](const Geometry& part) { return part.kind == parts[0].kind; });
    made.geometry.kind = Kind::collection;
    for (const Kind kind : {Kind::points, Kind::lines, Kind::polygons}) {
        if (same && may_contain(kind, parts[0].kind)) made.geometry.kind = kind;
    }
    return bytes_of(made);
}

Datum Aggregation::concatenated(Environment& environment) const {
    if (pieces_.empty()) return {};
    std::vector<const Piece*> order;
    for (const Piece& piece : pieces_) order.push_back(&piece);
    if (!aggregate_->order_by.empty()) {
        std::ranges::sort(order, [](const Piece* a, const Piece* b) {
            return a->key != b->key ? a->key < b->key : a < b;
        });
    }
    const std::size_t first =
        static_cast<std::size_t>(std::min<std::uint64_t>(aggregate_->offset, order.size()));
    const std::size_t count = static_cast<std::size_t>(
        std::min<std::uint64_t>(aggregate_->limit.value_or(UINT64_MAX), order.size() - first));
    if (count == 0) return {};
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += aggregate_->separator;
        out += order[first + i]->text;
        if (out.size() > environment.group_concat_max_len) {
            const auto& charset = *aggregate_->type.collation->charset;
            out.resize(environment.group_concat_max_len);
            out.resize(collation::valid_prefix(charset, out));
            environment.warnings.add(1260,
                                     "Row " + std::to_string(i + 1) + " was cut by group_concat()");
            break;
        }
    }
    return out;
}

Datum Aggregation::average(Environment& environment) const {
    if (kept_.is_null()) return {};
    if (const auto* sum = kept_.as<double>()) return *sum / static_cast<double>(count_);
    const auto quotient =
        Decimal::divide(*kept_.as<Decimal>(), Decimal(count_), environment.div_precision_increment);
    if (!quotient) raise(er::data_out_of_range, "DECIMAL value is out of range in 'avg'");
    return quotient->with_scale(aggregate_->type.decimals);
}

Datum Aggregation::spread() const {
    const AggregateFunction function = aggregate_->function;
    const bool sample = function == AggregateFunction::sample_variance ||
                        function == AggregateFunction::sample_deviation;
    if (count_ == 0 || (sample && count_ == 1)) return {};
    const double variance = moment_ / static_cast<double>(sample ? count_ - 1 : count_);
    const bool root =
        function == AggregateFunction::deviation || function == AggregateFunction::sample_deviation;
    return root ? std::sqrt(variance) : variance;
}

Result<Datum> Aggregation::result(Environment& environment) const {
    return caught([&]() -> Datum {
        switch (aggregate_->function) {
            case AggregateFunction::count:
                return static_cast<std::int64_t>(count_);
            case AggregateFunction::sum:
                if (const auto* sum = kept_.as<double>(); sum != nullptr && !std::isfinite(*sum))
                    raise(er::data_out_of_range, "DOUBLE value is out of range in 'sum'");
                return kept_;
            case AggregateFunction::avg:
                return average(environment);
            case AggregateFunction::min:
            case AggregateFunction::max:
            case AggregateFunction::any_value:
                return kept_;
            case AggregateFunction::bit_and:
            case AggregateFunction::bit_or:
            case AggregateFunction::bit_xor:
                if (!is_binary(aggregate_->type.type)) return bits_;
                if (count_ == 0)
                    return std::string(
                        aggregate_->type.length,
                        aggregate_->function == AggregateFunction::bit_and ? '\xff' : '\0');
                return bytes_;
            case AggregateFunction::json_array:
            case AggregateFunction::json_object:
                if (count_ == 0) return {};
                return json_;
            case AggregateFunction::group_concat:
                return concatenated(environment);
            case AggregateFunction::collect:
                return collected();
            default:
                return spread();
        }
    });
}

}  // namespace sluice::eval
