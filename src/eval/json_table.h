#pragma once
// JSON_TABLE: the rows that a document has under the paths of its columns.
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "eval/bind.h"
#include "eval/environment.h"
#include "eval/evaluate.h"
#include "sql/ast_select.h"

namespace sluice::eval {

class JsonTable {
 public:
    // `outer`: what the document may be computed from. Fails with MySQL's errors (3143 for a path
    // that is none, 1067 and 3156 for a default that its column cannot hold, 1060 for a name that
    // is there twice), and with VT12001 for types that are not known here.
    static Result<JsonTable> bind(const sql::JsonTable& table, const Columns& outer,
                                  const Environment& environment);

    // In the order of the text; those of a NESTED PATH stand where it stands.
    std::span<const ColumnField> columns() const;

    struct Plan;
    const Plan& plan() const { return *plan_; }

 private:
    explicit JsonTable(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

    std::shared_ptr<const Plan> plan_;
};

// The rows for one row of the outer tables. The table must live as long.
class JsonTableRows {
 public:
    // Computes the document: 3141 for text that is no JSON. NULL has no rows.
    static Result<JsonTableRows> open(const JsonTable& table, Row outer, Environment& environment);
    JsonTableRows(JsonTableRows&&) noexcept;
    JsonTableRows& operator=(JsonTableRows&&) noexcept;
    ~JsonTableRows();

    // Goes to the next row; false: there is none. What ERROR ON EMPTY and ERROR ON ERROR say is an
    // error: 3665, 3666, 3156, 3669.
    Result<bool> next(Environment& environment);
    // The row at hand, held as the columns' types say, until `next` is called again.
    Row row() const;

 private:
    struct State;
    explicit JsonTableRows(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace sluice::eval
