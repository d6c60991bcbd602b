#pragma once
// HTML of the web pages: whatever a page shows goes through here, so that no text of a client, a
// shard or a topology record becomes markup.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::servenv {

std::string html_escape(std::string_view text);

// A table whose cells are texts. `row_class` is one of "", "low", "medium", "high", "error".
class HtmlTable {
 public:
    explicit HtmlTable(std::span<const std::string_view> headings);
    void row(std::span<const std::string> cells, std::string_view row_class = {});
    bool empty() const { return rows_ == 0; }
    std::string text() const;

 private:
    std::string html_;
    std::size_t rows_ = 0;
};

// A number with what it means, large enough to be seen from across the room.
std::string html_figure(std::string_view name, std::string_view value);

// A whole page; `body` is HTML.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace sluice::servenv
