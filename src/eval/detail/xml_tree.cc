// XML into a list of nodes. Before: functions_xml.cc. After: xpath_run.cc.
#include "eval/detail/xml_tree.h"

#include <algorithm>

namespace sluice::eval {
namespace {

enum class Token : std::uint8_t { end, unknown, ident, string, cdata, comment, sign };

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

struct Failure {
    std::string text;
};

class Reader {
 public:
    explicit Reader(std::string_view text) : text_(text) {
        tree_.push_back({.end = text.size(), .closed = text.size()});
    }

    XmlTree read() {
        while (at_ < text_.size()) {
            if (text_[at_] == '<') {
                read_markup();
            } else {
                const std::size_t end = std::min(text_.find('<', at_), text_.size());
                add(XmlNode::Kind::text, at_, end);
                at_ = end;
            }
        }
        if (open_.size() > 1) fail("unexpected END-OF-INPUT");
        return std::move(tree_);
    }

    std::string describe(const std::string& what) const {
        const std::string_view before = text_.substr(0, at_);
        const auto lines = std::ranges::count(before, '\n');
        const std::size_t last = before.rfind('\n');
        const std::size_t place = last == std::string_view::npos ? at_ : at_ - last;
        return "parse error at line " + std::to_string(lines + 1) + " pos " +
               std::to_string(place + 1) + ": " + what;
    }

 private:
    [[noreturn]] static void fail(const std::string& what) { throw Failure{what}; }
    [[noreturn]] void fail_unexpected(std::string_view wanted) const {
        fail(name_of_token() + " unexpected (" + std::string(wanted) + " wanted)");
    }

    std::string name_of_token() const {
        switch (token_) {
            case Token::end:
                return "END-OF-INPUT";
            case Token::ident:
                return "IDENT";
            case Token::string:
                return "STRING";
            case Token::cdata:
                return "CDATA";
            case Token::comment:
                return "COMMENT";
            case Token::sign:
                return "'" + std::string(1, text_[begin_]) + "'";
            case Token::unknown:
                break;
        }
        return "unknown token";
    }

    // A piece between two marks, without them; all that is left if the second one is missing.
    void take_between(std::string_view open, std::string_view close) {
        begin_ = at_ + open.size();
        const std::size_t found = text_.find(close, begin_);
        end_ = std::min(found, text_.size());
        at_ = found == std::string_view::npos ? text_.size() : found + close.size();
    }

    Token scan() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        begin_ = end_ = at_;
        token_ = Token::unknown;
        if (at_ >= text_.size()) return token_ = Token::end;
        const char c = text_[at_];
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with("<!--")) {
            take_between("<!--", "-->");
            token_ = Token::comment;
        } else if (rest.starts_with("<![CDATA[")) {
            take_between("<![CDATA[", "]]>");
            token_ = Token::cdata;
        } else if (std::string_view("?=/<>!").contains(c)) {
            end_ = ++at_;
            token_ = Token::sign;
        } else if (c == '"' || c == '\'') {
            take_between(std::string_view(&c, 1), std::string_view(&c, 1));
            token_ = Token::string;
        } else if (starts_name(c)) {
            while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
            end_ = at_;
            token_ = Token::ident;
        }
        return token_;
    }
    bool is_sign(char c) const { return token_ == Token::sign && text_[begin_] == c; }

    std::uint32_t add(XmlNode::Kind kind, std::size_t begin, std::size_t end) {
        tree_.push_back({kind, open_.back(), begin, end, end});
        return static_cast<std::uint32_t>(tree_.size() - 1);
    }
    // MySQL compares the lengths of the names alone. `closing` is empty where a tag ends itself.
    void leave(std::string_view closing = {}) {
        const std::string shown = "'</" + std::string(closing) + ">' unexpected (";
        if (open_.size() == 1) fail(shown + "END-OF-INPUT wanted)");
        XmlNode& node = tree_[open_.back()];
        const std::string_view name = text_.substr(node.begin, node.end - node.begin);
        if (!closing.empty() && closing.size() != name.size())
            fail(shown + "'</" + std::string(name) + ">' wanted)");
        // Where MySQL takes the sign > to be, even if spaces stand before it.
        node.closed = std::min(at_ + 1, text_.size());
        open_.pop_back();
    }

    // markup: comment | CDATA | </ name > | < name {attribute} [/] > | <? .. ?> | <! .. >
    void read_markup() {
        scan();
        if (token_ == Token::comment) return;
        if (token_ == Token::cdata) {
            add(XmlNode::Kind::text, begin_, end_);
            return;
        }
        scan();
        if (is_sign('/')) {
            if (scan() != Token::ident) fail_unexpected("ident");
            leave(text_.substr(begin_, end_ - begin_));
            scan();
            finish();
            return;
        }
        const bool exclaims = is_sign('!'), asks = is_sign('?');
        if (exclaims || asks) scan();
        if (token_ != Token::ident) fail_unexpected("ident or '/'");
        open_.push_back(add(XmlNode::Kind::tag, begin_, end_));
        read_attributes(exclaims);
        if (is_sign('/')) {
            leave();
            scan();
        }
        if (asks) {
            if (!is_sign('?')) fail_unexpected("'?'");
            leave();
            scan();
        }
        if (exclaims) leave();
        finish();
    }
    void finish() const {
        if (!is_sign('>')) fail_unexpected("'>'");
    }

    // attribute: name [= (name | 'string')]; in <! .. > a string may stand alone
    void read_attributes(bool exclaims) {
        scan();
        while (token_ == Token::ident || (token_ == Token::string && exclaims)) {
            const std::size_t begin = begin_, end = end_;
            scan();
            if (!is_sign('=')) continue;  // a name without a value is none to MySQL
            scan();
            if (token_ != Token::ident && token_ != Token::string)
                fail_unexpected("ident or string");
            const std::uint32_t attribute = add(XmlNode::Kind::attribute, begin, end);
            tree_[attribute].closed = at_;
            tree_.push_back({XmlNode::Kind::text, attribute, begin_, end_, end_});
            scan();
        }
    }

    std::string_view text_;
    XmlTree tree_;
    std::vector<std::uint32_t> open_{0};
    std::size_t at_ = 0;
    std::size_t begin_ = 0, end_ = 0;  // of the token
    Token token_ = Token::end;
};

}  // namespace

std::expected<XmlTree, std::string> parse_xml(std::string_view text) {
    Reader reader(text);
    try {
        return reader.read();
    } catch (const Failure& failure) {
        return std::unexpected(reader.describe(failure.text));
    }
}

}  // namespace sluice::eval
