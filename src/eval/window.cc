// Window functions, row by row of a partition.
#include "eval/window.h"

#include <algorithm>

#include "eval/detail/compare.h"
#include "eval/detail/operand.h"

namespace sluice::eval {
namespace {

struct Frame {
    std::size_t begin = 0;
    std::size_t end = 0;  // behind the last row
    bool operator==(const Frame&) const = default;
};

class Partition {
 public:
    Partition(const BoundWindow& window, std::span<const Row> rows, Environment& environment)
        : window_(window), rows_(rows), environment_(environment) {
        for (const Row row : rows) keys_.push_back(values_of(window.order_by, row));
        peers_.resize(rows.size());
        for (std::size_t i = 0; i < rows.size();) {
            std::size_t end = i + 1;
            while (end < rows.size() && are_peers(i, end)) ++end;
            for (std::size_t row = i; row < end; ++row) peers_[row] = {i, end};
            i = end;
        }
    }

    std::vector<Datum> run() {
        std::vector<Datum> out;
        out.reserve(rows_.size());
        if (window_.function == WindowFunction::aggregate) {
            aggregated(out);
            return out;
        }
        std::int64_t dense = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (peers_[i].begin == i) ++dense;
            out.push_back(value_of(i, dense));
        }
        return out;
    }

 private:
    std::vector<Datum> values_of(const std::vector<Bound>& expressions, Row row) {
        std::vector<Datum> values;
        for (const Bound& bound : expressions) values.push_back(value(bound, row));
        return values;
    }
    Datum value(const Bound& bound, Row row) {
        Run inner{row, environment_};
        Operand operand(bound.root, inner);
        return operand.take();
    }
    bool are_peers(std::size_t a, std::size_t b) const {
        for (std::size_t i = 0; i < window_.order_by.size(); ++i) {
            if (compare_values(window_.order_by[i].type(), keys_[a][i], keys_[b][i]) != 0)
                return false;
        }
        return true;
    }

    // Where the frame's edge is: for the start the first row in it, for the end the one behind its
    // last.
    std::size_t place(const WindowEdge& edge, std::size_t row, bool is_start) {
        const std::size_t size = rows_.size();
        switch (edge.kind) {
            case sql::FrameBoundKind::unbounded_preceding:
                return 0;
            case sql::FrameBoundKind::unbounded_following:
                return size;
            case sql::FrameBoundKind::current_row:
                if (window_.is_range) return is_start ? peers_[row].begin : peers_[row].end;
                return is_start ? row : row + 1;
            default:
                break;
        }
        const bool preceding = edge.kind == sql::FrameBoundKind::preceding;
        if (!window_.is_range) {
            const std::uint64_t base = is_start ? row : row + 1;
            if (preceding) return base < edge.rows ? 0 : static_cast<std::size_t>(base - edge.rows);
            return edge.rows >= size - base ? size : static_cast<std::size_t>(base + edge.rows);
        }
        return range_place(edge, row, is_start);
    }
    std::size_t range_place(const WindowEdge& edge, std::size_t row, bool is_start) {
        // A NULL's frame are the NULLs.
        if (keys_[row][0].is_null()) return is_start ? peers_[row].begin : peers_[row].end;
        const Datum limit = value(*edge.edge, rows_[row]);
        const bool preceding = edge.kind == sql::FrameBoundKind::preceding;
        if (limit.is_null()) return preceding ? 0 : rows_.size();
        const Comparator how =
            comparator(window_.order_by[0].root, edge.edge->root, environment_, "range");
        const auto is_before = [&](std::size_t other) {
            if (keys_[other][0].is_null()) return !window_.descending[0];
            Order order = compare(how, keys_[other][0], limit, environment_);
            if (window_.descending[0] && order != Order::equal)
                order = order == Order::less ? Order::greater : Order::less;
            return order == Order::less || (order == Order::equal && !is_start);
        };
        std::size_t low = 0;
        std::size_t high = rows_.size();
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (is_before(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
    Frame frame_of(std::size_t row) {
        Frame frame{place(window_.start, row, true), place(window_.end, row, false)};
        frame.end = std::max(frame.begin, frame.end);
        return frame;
    }

    void aggregated(std::vector<Datum>& out) {
        std::optional<Aggregation> running;
        Frame done;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const Frame frame = frame_of(i);
            if (running && frame == done) {
                out.push_back(out.back());
                continue;
            }
            // A frame that only grows at its end goes on from where it was.
            if (!running || frame.begin != done.begin || frame.end < done.end) {
                running.emplace(&*window_.aggregate);
                done = {frame.begin, frame.begin};
            }
            for (; done.end < frame.end; ++done.end)
                or_raise(running->add(rows_[done.end], environment_));
            out.push_back(or_raise(running->result(environment_)));
        }
    }

    Datum value_of(std::size_t i, std::int64_t dense) {
        const auto size = static_cast<double>(rows_.size());
        switch (window_.function) {
            case WindowFunction::row_number:
                return static_cast<std::uint64_t>(i + 1);
            case WindowFunction::rank:
                return static_cast<std::uint64_t>(peers_[i].begin + 1);
            case WindowFunction::dense_rank:
                return static_cast<std::uint64_t>(dense);
            case WindowFunction::percent_rank:
                return rows_.size() < 2 ? 0.0 : static_cast<double>(peers_[i].begin) / (size - 1);
            case WindowFunction::cume_dist:
                return static_cast<double>(peers_[i].end) / size;
            case WindowFunction::ntile:
                return tile_of(i);
            case WindowFunction::lag:
                return i >= window_.number
                           ? argument(0, i - static_cast<std::size_t>(window_.number), i)
                           : otherwise(i);
            case WindowFunction::lead:
                return window_.number < rows_.size() - i
                           ? argument(0, i + static_cast<std::size_t>(window_.number), i)
                           : otherwise(i);
            default:
                return in_frame(i);
        }
    }
    Datum argument(std::size_t which, std::size_t row, std::size_t) {
        const Bound& bound = window_.arguments[which];
        return as_type(window_.type, bound.type(), value(bound, rows_[row]), environment_);
    }
    Datum otherwise(std::size_t row) {
        return window_.arguments.size() > 1 ? argument(1, row, row) : Datum();
    }
    Datum in_frame(std::size_t i) {
        const Frame frame = frame_of(i);
        if (frame.begin == frame.end) return {};
        if (window_.function == WindowFunction::first_value) return argument(0, frame.begin, i);
        if (window_.function == WindowFunction::last_value) return argument(0, frame.end - 1, i);
        if (window_.number > frame.end - frame.begin) return {};
        return argument(0, frame.begin + static_cast<std::size_t>(window_.number) - 1, i);
    }
    Datum tile_of(std::size_t i) {
        const std::uint64_t tiles = window_.number;
        const std::uint64_t small = rows_.size() / tiles;
        const std::uint64_t larger = rows_.size() % tiles;  // so many tiles have a row more
        if (i < larger * (small + 1)) return i / (small + 1) + 1;
        return larger + (i - larger * (small + 1)) / std::max<std::uint64_t>(small, 1) + 1;
    }

    const BoundWindow& window_;
    std::span<const Row> rows_;
    Environment& environment_;
    std::vector<std::vector<Datum>> keys_;
    std::vector<Frame> peers_;
};

}  // namespace

Result<std::vector<Datum>> evaluate_window(const BoundWindow& window, std::span<const Row> rows,
                                           Environment& environment) {
    return caught([&] { return Partition(window, rows, environment).run(); });
}

}  // namespace sluice::eval
