// JSON_TABLE. Each NESTED PATH is a level of its own: for every value that its path names in the
// level above there is a row, siblings one after the other, and one row where there is none.
#include "eval/json_table.h"

#include <algorithm>

#include "eval/detail/binder.h"
#include "eval/detail/json_column.h"
#include "sql/ast.h"
#include "values/json_path.h"

namespace sluice::eval {
namespace {

struct ColumnPlan {
    enum class Kind : std::uint8_t { ordinality, exists, value };
    Kind kind = Kind::value;
    std::size_t place = 0;  // in the row
    JsonColumn column = {};
    JsonPath path = {};
    bool error_on_empty = false, error_on_error = false;
    Datum empty_value = {}, error_value = {};
};

struct Level {
    JsonPath path;
    std::vector<ColumnPlan> columns = {};
    std::vector<Level> nested = {};
    std::size_t first = 0, end = 0;  // places of its columns and of those below it
};

struct Cursor {
    const Level* level = nullptr;
    std::vector<const Json*> found;
    std::size_t at = 0;
    bool is_loaded = false;
    bool has_row = false;  // one has been given for the value at hand
    std::vector<Cursor> nested;
    std::size_t active = 0;
};

std::string constant_text(const sql::Expr& expression, const Environment& environment) {
    const Columns none;
    const Node node = Binder(none, environment).bind(expression);
    if (!node.is_constant) refuse("a path or default in JSON_TABLE that is no literal");
    Environment quiet;
    Run run{{}, quiet};
    Operand text(node, run);
    return to_utf8(text.type(), text.text());
}

JsonPath path_of(const sql::Expr& expression, const Environment& environment) {
    auto path = parse_json_path(constant_text(expression, environment));
    if (!path) raise(json_path_error(path.error()));
    return std::move(*path);
}

class TableBinder {
 public:
    explicit TableBinder(const Environment& environment) : environment_(environment) {}

    Level level(JsonPath path, const std::vector<sql::JsonTableColumn>& columns) {
        Level made{.path = std::move(path), .first = fields.size()};
        for (const sql::JsonTableColumn& each : columns) {
            if (!each.nested.empty()) {
                made.nested.push_back(level(path_of(**each.path, environment_), each.nested));
            } else {
                made.columns.push_back(column(each));
            }
        }
        made.end = fields.size();
        return made;
    }

    std::vector<ColumnField> fields;

 private:
    ColumnPlan column(const sql::JsonTableColumn& written) {
        for (const ColumnField& field : fields) {
            if (sql::same_name(field.name, written.name))
                raise(er::dup_field_name, "Duplicate column name '" + field.name + "'");
        }
        ColumnPlan plan{.place = fields.size()};
        if (written.ordinality) {
            plan.kind = ColumnPlan::Kind::ordinality;
            plan.column.type = integer_type(true, 10);
        } else {
            plan.kind = written.exists ? ColumnPlan::Kind::exists : ColumnPlan::Kind::value;
            plan.column = json_column(written, environment_);
            plan.path = path_of(**written.path, environment_);
            plan.error_on_empty = written.on_empty.kind == sql::JsonOnKind::error;
            plan.error_on_error = written.on_error.kind == sql::JsonOnKind::error;
            if (written.on_empty.value)
                plan.empty_value = usual(plan.column, **written.on_empty.value);
            if (written.on_error.value)
                plan.error_value = usual(plan.column, **written.on_error.value);
        }
        fields.push_back({written.name, plan.column.type, plan.column.members});
        return plan;
    }

    // Of DEFAULT 'json'.
    Datum usual(const JsonColumn& column, const sql::Expr& expression) {
        const auto json = parse_json(constant_text(expression, environment_));
        if (!json) raise(json_text_error(json.error(), 1, "JSON_TABLE"));
        if (!json->is_scalar() && column.type.type != Type::json)
            raise(1067, "Invalid default value for '" + column.name + "'");
        if (column.type.type == Type::json) return *json;
        Environment quiet = environment_;
        // JSON's null is a word here, which only texts can hold.
        auto value =
            stored_json(column, json->is_null() ? Json(std::string("null")) : *json, quiet);
        if (!value) raise(value.error().number, value.error().text);
        return std::move(*value);
    }

    const Environment& environment_;
};

// The values that a path names, as one.
Json joined(const std::vector<const Json*>& found) {
    if (found.size() == 1) return *found.front();
    JsonArray array;
    for (const Json* each : found) array.push_back(*each);
    return Json(std::move(array));
}

Datum value_of(const ColumnPlan& plan, const Json& value, Environment& environment) {
    const auto found = find_all(value, plan.path);
    if (found.empty()) {
        if (plan.error_on_empty)
            raise(3665, "Missing value for JSON_TABLE column '" + plan.column.name + "'");
        return plan.empty_value;
    }
    auto stored = found.size() == 1 ? stored_json(plan.column, *found.front(), environment)
                                    : stored_json(plan.column, joined(found), environment);
    if (stored) return std::move(*stored);
    if (plan.error_on_error) raise(stored.error().number, stored.error().text);
    // An ENUM holds the empty text instead, whatever ON ERROR says; so does MySQL.
    const bool is_misfit_member =
        plan.column.type.type == Type::enum_ && stored.error().number == value_out_of_range;
    if (is_misfit_member) return Member{};
    return plan.error_value;
}

Datum existence(const ColumnPlan& plan, const Json& value, Environment& environment) {
    const std::int64_t exists = find_first(value, plan.path) != nullptr ? 1 : 0;
    auto stored = stored_json(plan.column, Json(exists), environment);
    if (!stored) raise(stored.error().number, stored.error().text);
    return std::move(*stored);
}

}  // namespace

struct JsonTable::Plan {
    Node document;
    std::vector<ColumnField> columns;
    Level root;
};

struct JsonTableRows::State {
    Json document;
    std::vector<Datum> row;
    Cursor root;

    static Cursor start(const Level& level, const Json& value) {
        Cursor cursor;
        cursor.level = &level;
        cursor.found = find_all(value, level.path);
        return cursor;
    }

    void load(Cursor& cursor, Environment& environment) {
        const Json& value = *cursor.found[cursor.at];
        for (const ColumnPlan& plan : cursor.level->columns) {
            switch (plan.kind) {
                case ColumnPlan::Kind::ordinality:
                    row[plan.place] = static_cast<std::int64_t>(cursor.at + 1);
                    break;
                case ColumnPlan::Kind::exists:
                    row[plan.place] = existence(plan, value, environment);
                    break;
                case ColumnPlan::Kind::value:
                    row[plan.place] = value_of(plan, value, environment);
                    break;
            }
        }
        cursor.nested.clear();
        for (const Level& level : cursor.level->nested)
            cursor.nested.push_back(start(level, value));
        cursor.active = 0;
        cursor.is_loaded = true;
        cursor.has_row = false;
    }

    bool advance(Cursor& cursor, Environment& environment) {
        for (;;) {
            if (!cursor.is_loaded) {
                if (cursor.at == cursor.found.size()) break;
                load(cursor, environment);
            }
            for (; cursor.active < cursor.nested.size(); ++cursor.active) {
                if (!advance(cursor.nested[cursor.active], environment)) continue;
                cursor.has_row = true;
                return true;
            }
            if (cursor.has_row) {
                cursor.is_loaded = false;
                ++cursor.at;
                continue;
            }
            cursor.has_row = true;
            return true;
        }
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(cursor.level->first),
                  row.begin() + static_cast<std::ptrdiff_t>(cursor.level->end), Datum());
        return false;
    }
};

Result<JsonTable> JsonTable::bind(const sql::JsonTable& table, const Columns& outer,
                                  const Environment& environment) {
    return caught([&] {
        auto plan = std::make_shared<Plan>();
        plan->document = Binder(outer, environment).bind(*table.document);
        TableBinder binder(environment);
        plan->root = binder.level(path_of(*table.path, environment), table.columns);
        plan->columns = std::move(binder.fields);
        return JsonTable(std::move(plan));
    });
}

std::span<const ColumnField> JsonTable::columns() const {
    return plan_->columns;
}

JsonTableRows::JsonTableRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonTableRows::JsonTableRows(JsonTableRows&&) noexcept = default;
JsonTableRows& JsonTableRows::operator=(JsonTableRows&&) noexcept = default;
JsonTableRows::~JsonTableRows() = default;

Result<JsonTableRows> JsonTableRows::open(const JsonTable& table, Row outer,
                                          Environment& environment) {
    return caught([&] {
        const JsonTable::Plan& plan = table.plan();
        auto state = std::make_unique<State>();
        state->row.resize(plan.columns.size());
        state->root.level = &plan.root;
        Run run{outer, environment};
        Operand document(plan.document, run);
        if (!document.is_null()) {
            if (document.datum().as<Bits>() != nullptr)
                raise(3144,
                      "Cannot create a JSON value from a string with CHARACTER SET 'binary'.");
            state->document = to_document(document.type(), document.datum(), 1, "json_table");
            state->root = State::start(plan.root, state->document);
        }
        return JsonTableRows(std::move(state));
    });
}

Result<bool> JsonTableRows::next(Environment& environment) {
    return caught([&] { return state_->advance(state_->root, environment); });
}

Row JsonTableRows::row() const {
    return state_->row;
}

}  // namespace sluice::eval
