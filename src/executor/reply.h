#pragma once
// Where a statement's answer goes: rows as packets, never cut, with the columns' names put right.
// The executor tells a reply what to rename before the statement runs; the front writes the final
// OK, EOF or ERR from the Ending.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tablet/tablet.h"
#include "wire/bytes.h"

namespace sluice::executor {

// A cached plan's memory of the last column definitions: what the shard sent, and what the client
// got for it. Shards whose databases differ in name send different definitions, so there is room
// for some.
struct ColumnMemory {
    struct Entry {
        wire::Bytes received;   // packets, headers included
        wire::Bytes forwarded;  // count and definitions renamed, headers included, numbered from 1
    };
    std::array<Entry, 4> entries;
    std::size_t next = 0;
};

// A column whose name the client must see otherwise than the shard sent it.
struct ColumnName {
    std::uint32_t column = 0;
    bool from_end = false;  // column counts from the end: 0 is the last one
    std::string_view name;
};

class Reply : public tablet::RowSink {
 public:
    // Rows must be binary rows (COM_STMT_EXECUTE).
    bool binary() const { return binary_; }
    // For this statement: where definitions are remembered (null: nowhere), and names to put in
    // place. Views live until the statement has ended.
    void name_columns(ColumnMemory* memory, std::span<const ColumnName> names) {
        memory_ = memory;
        names_ = names;
    }
    // Columns have been given: a result set is under way.
    bool has_columns() const { return has_columns_; }
    // Something of the answer has been sent to the client and cannot be taken back.
    virtual bool committed() const = 0;

 protected:
    bool binary_ = false;
    bool has_columns_ = false;
    ColumnMemory* memory_ = nullptr;
    std::span<const ColumnName> names_;
};

}  // namespace sluice::executor
