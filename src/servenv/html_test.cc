#include "servenv/html.h"

#include <array>

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

TEST(Html, NothingShownBecomesMarkup) {
    EXPECT_EQ(html_escape("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&#34;");
    const std::string evil = "<script>alert(1)</script>";
    const std::array<std::string_view, 1> headings = {evil};
    HtmlTable table(headings);
    const std::array<std::string, 1> cells = {evil};
    table.row(cells, "\"><script>");
    const std::string page = html_page(evil, html_figure(evil, evil) + table.text());
    EXPECT_EQ(page.find("<script"), page.npos) << page;
    EXPECT_NE(page.find("&lt;script&gt;alert(1)"), page.npos);
}

TEST(Html, Tables) {
    const std::array<std::string_view, 2> headings = {"a", "b"};
    HtmlTable table(headings);
    EXPECT_TRUE(table.empty());
    const std::array<std::string, 2> cells = {"1", "2"};
    table.row(cells);
    table.row(cells, "high");
    EXPECT_FALSE(table.empty());
    EXPECT_EQ(table.text(),
              "<table>\n<thead><tr><th>a</th><th>b</th></tr></thead>\n<tbody>\n"
              "<tr><td>1</td><td>2</td></tr>\n<tr class=\"high\"><td>1</td><td>2</td></tr>\n"
              "</tbody>\n</table>\n");
}

}  // namespace
}  // namespace sluice::servenv
