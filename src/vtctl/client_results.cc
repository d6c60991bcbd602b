// vtctldclient: results of statements. Before: client_queries.cc.
#include <algorithm>
#include <optional>
#include <vector>

#include "vtctl/detail/command.h"
#include "vtctl/detail/result_text.h"

namespace sluice::vtctl::detail {
namespace {

using Cells = std::vector<std::optional<std::string>>;  // nullopt: NULL

// Values lie one after another in the row; a length of -1 is NULL.
Cells cells_of(const query::Row& row) {
    Cells cells;
    std::size_t at = 0;
    for (const std::int64_t length : row.lengths()) {
        if (length < 0) {
            cells.emplace_back();
            continue;
        }
        cells.emplace_back(row.values().substr(std::min(at, row.values().size()),
                                               static_cast<std::size_t>(length)));
        at += static_cast<std::size_t>(length);
    }
    return cells;
}

// Vitess marks types whose values are texts with a bit of their number.
bool is_quoted(query::Type type) {
    constexpr int quoted_bit = 2048;
    return (static_cast<int>(type) & quoted_bit) != 0 || type == query::BIT;
}

constexpr std::size_t widest_cell = 30;

// Longer texts go on in the next line of their cell, parted at spaces.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
        const std::string word = text.substr(at, end - at);
        const bool breaks = !line.empty() && line.size() + 1 + word.size() > widest_cell;
        if (text.size() > widest_cell && breaks) {
            lines.push_back(line);
            line = word;
        } else {
            line += (line.empty() ? "" : " ") + word;
        }
        if (end < text.size() && text[end] == '\n') {
            lines.push_back(line);
            line.clear();
        }
        at = end + 1;
    }
    lines.push_back(line);
    return lines;
}

bool is_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.,-+%") == text.npos &&
           text.find_first_of("0123456789") != text.npos;
}

using Row = std::vector<std::vector<std::string>>;  // of cells, their lines

enum class Side : std::uint8_t { middle, by_value };

void append_row(const Row& row, const std::vector<std::size_t>& widths, Side side,
                std::string* out) {
    std::size_t height = 1;
    for (const auto& cell : row) height = std::max(height, cell.size());
    for (std::size_t line = 0; line < height; ++line) {
        out->append("|");
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string text = line < row[i].size() ? row[i][line] : "";
            const std::size_t room = widths[i] - std::min(widths[i], text.size());
            std::size_t left = side == Side::middle ? room / 2 : 0;
            if (side == Side::by_value && is_number(text)) left = room;
            out->append(" " + std::string(left, ' ') + text + std::string(room - left, ' ') + " |");
        }
        out->append("\n");
    }
}

}  // namespace

std::string result_json(const query::QueryResult& result) {
    std::string fields;
    for (const auto& field : result.fields())
        fields += (fields.empty() ? "" : ",") + go_json(field);
    std::string rows;
    for (const auto& row : result.rows()) {
        std::string values;
        const Cells cells = cells_of(row);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool quoted = static_cast<int>(i) < result.fields_size() &&
                                is_quoted(result.fields(static_cast<int>(i)).type());
            values += i == 0 ? "" : ",";
            values += !cells[i] ? "null" : quoted ? go_string(*cells[i]) : *cells[i];
        }
        rows += (rows.empty() ? "[" : ",[") + values + "]";
    }
    return "{\"fields\":" + (result.fields_size() == 0 ? "null" : "[" + fields + "]") +
           ",\"rows_affected\":" + std::to_string(result.rows_affected()) +
           ",\"insert_id\":" + std::to_string(result.insert_id()) +
           ",\"rows\":" + (result.rows_size() == 0 ? "null" : "[" + rows + "]") +
           ",\"session_state_changes\":" + go_string(result.session_state_changes()) +
           ",\"status_flags\":0,\"info\":" + go_string(result.info()) + "}";
}

std::string result_table(const query::QueryResult& result) {
    if (result.rows_size() == 0) return "";
    Row header;
    for (const auto& field : result.fields()) header.push_back({field.name()});
    std::vector<Row> rows;
    for (const auto& row : result.rows()) {
        Row& lines = rows.emplace_back();
        for (const auto& cell : cells_of(row)) lines.push_back(lines_of(cell.value_or("")));
    }
    std::vector<std::size_t> widths(header.size());
    rows.insert(rows.begin(), header);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
            for (const std::string& line : row[i]) widths[i] = std::max(widths[i], line.size());
        }
    }
    std::string rule = "+";
    for (const std::size_t width : widths) rule += std::string(width + 2, '-') + "+";
    rule += "\n";
    std::string table = rule;
    append_row(header, widths, Side::middle, &table);
    table += rule;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        rows[i].resize(widths.size());
        append_row(rows[i], widths, Side::by_value, &table);
    }
    return table + rule;
}

}  // namespace sluice::vtctl::detail
