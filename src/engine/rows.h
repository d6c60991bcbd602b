#pragma once
// Rows that somebody looks at: cut into cells, pushed from shards through a chain of steps to the
// client. Steps are plain functions; only the source and the end of the chain wait.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "plan/plan.h"
#include "tablet/tablet.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::engine {

// A column's definition with its names of its own.
struct Column {
    std::string schema, table, org_table, name, org_name;
    std::uint16_t charset = 0;
    std::uint32_t length = 0;
    std::uint8_t field = 0;
    std::uint16_t flags = 0;
    std::uint8_t decimals = 0;
    Type type = Type::varchar;

    wire::ColumnDefinition definition() const;
};
struct Columns {
    std::vector<Column> columns;
    std::string database, keyspace;  // what the client must see another name for
};
Result<Columns> cut_columns(const tablet::ColumnPackets& packets);

// A cell is NULL if its data pointer is null; views are valid during push().
using Cell = std::string_view;
inline bool is_null(Cell cell) {
    return cell.data() == nullptr;
}
using Row = std::span<const Cell>;

enum class Flow : std::uint8_t { more, enough };

class Step {
 public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;

    // Once, before the first row.
    virtual Result<void> columns(Columns columns) = 0;
    virtual Result<Flow> push(Row row) = 0;
    // After the last row.
    virtual Result<Flow> finish() = 0;
};

// The end of the chain: rows as packets, to be sent when enough have come together.
class Output : public Step {
 public:
    explicit Output(tablet::RowSink* sink, bool binary) : sink_(sink), binary_(binary) {}

    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override { return Flow::more; }

    bool wants_flush() const { return packets_.size() >= flush_size; }
    async::Task<Result<void>> flush(async::Stop* stop);
    std::uint64_t rows() const { return rows_; }
    std::uint32_t column_count() const { return static_cast<std::uint32_t>(types_.size()); }

 private:
    static constexpr std::size_t flush_size = 32 * 1024;

    tablet::RowSink* sink_;
    bool binary_;
    std::vector<wire::ColumnType> types_;
    std::vector<ValueView> values_;
    wire::Bytes packets_;
    std::uint64_t pending_ = 0;
    std::uint64_t rows_ = 0;
};

// How two values of a column compare: by its type, or by the bytes of its WEIGHT_STRING column.
class Comparison {
 public:
    // Errors: a text without weights, ENUM, SET, JSON (VT12001).
    static Result<Comparison> of(const plan::Key& key, const std::vector<Column>& columns);
    // <0, 0, >0; NULL is less than anything.
    int compare(Row left, Row right) const;
    // The same order inverted if the key is descending.
    int ordered(Row left, Row right) const {
        return descending_ ? -compare(left, right) : compare(left, right);
    }
    int compare_cells(Cell left, Cell right) const;
    Cell cell(Row row) const { return row[position_]; }
    // Appends bytes that are equal for equal values only.
    void append_identity(std::string& out, Row row) const;

 private:
    enum class Kind : std::uint8_t {
        signed_integer,
        unsigned_integer,
        floating,
        decimal,
        time,
        moment,  // DATETIME, TIMESTAMP
        bytes
    };
    std::string identity_of(Cell value) const;

    Kind kind_ = Kind::bytes;
    std::size_t position_ = 0;
    bool descending_ = false;
};

// Rows of its own, charged to the statement.
class KeptRows {
 public:
    KeptRows(Budget* budget, std::size_t max_rows) : charge_(budget), max_rows_(max_rows) {}
    Result<void> add(Row row);
    std::size_t size() const { return rows_.size(); }
    Row row(std::size_t index) const { return rows_[index].cells; }

 private:
    struct Kept {
        std::unique_ptr<char[]> bytes;
        std::vector<Cell> cells;
    };
    std::vector<Kept> rows_;
    Charge charge_;
    std::size_t max_rows_;
};

}  // namespace sluice::engine
