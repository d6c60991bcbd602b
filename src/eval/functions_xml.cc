// EXTRACTVALUE and UPDATEXML.
#include <memory>

#include "eval/detail/registry.h"
#include "eval/detail/special.h"
#include "eval/detail/xpath.h"

namespace sluice::eval {
namespace {

struct PreparedPath : Prepared {
    explicit PreparedPath(XPath made) : path(std::move(made)) {}
    XPath path;
};

// A deep path makes a deep tree, which is walked by recursion; a step takes two bytes at least.
constexpr std::size_t longest_path = 8192;

std::shared_ptr<const PreparedPath> prepared_path(std::string_view text) {
    if (text.size() > longest_path) refuse("an XPath of more than 8192 bytes");
    return std::make_shared<PreparedPath>(parse_xpath(text));
}

void give_xml(Node& node, const Environment& environment) {
    const auto collation = unite_texts(node.arguments, environment, node.name);
    const Node& path = node.arguments[1];
    // A user variable is the same for all rows of a statement, and its text may be another next
    // time; so it is read with each row.
    const bool is_variable = path.compute == user_variable_node("", environment).compute;
    if (!path.is_constant && !is_variable)
        raise(er::unknown_error, "Only constant XPATH queries are supported");
    if (path.is_constant && path.type.type != Type::null_type) {
        if (const auto text = constant_text(path, environment))
            node.prepared = prepared_path(*text);
    }
    node.type = grown_type(collation, blob_length, true);
    node.type.length = blob_length;
}

// What both need: nullopt gives NULL.
struct Asked {
    std::shared_ptr<const PreparedPath> path;
    XmlTree tree;
};

std::optional<Asked> asked(const Node& node, std::string_view xml, Run& run) {
    Asked made;
    made.path = std::static_pointer_cast<const PreparedPath>(node.prepared);
    if (made.path == nullptr) {
        Operand path(node.arguments[1], run);
        if (path.is_null()) return std::nullopt;
        made.path = prepared_path(path.text());
    }
    auto tree = parse_xml(xml);
    if (!tree) {
        run.environment.warnings.add(1525, "Incorrect XML value: '" + tree.error() + "'");
        return std::nullopt;
    }
    made.tree = std::move(*tree);
    return made;
}

Datum extract_value(const Node& node, Run& run) {
    Operand xml(node.arguments[0], run);
    if (xml.is_null()) return {};
    const auto question = asked(node, xml.text(), run);
    if (!question) return {};
    auto text = xpath_text(question->path->path, {xml.text(), question->tree}, *node.type.collation,
                           run.environment);
    if (!text) return {};
    return std::move(*text);
}

// The only node that the path names is replaced; where it names none or several, nothing is.
Datum update_xml(const Node& node, Run& run) {
    Operand xml(node.arguments[0], run);
    Operand replacement(node.arguments[2], run);
    if (xml.is_null() || replacement.is_null()) return {};
    const std::string_view text = xml.text();
    const auto question = asked(node, text, run);
    if (!question || !question->path->path.is_nodes()) return {};
    const auto found = named_nodes(question->path->path, {text, question->tree},
                                   *node.type.collation, run.environment);
    if (found.size() != 1) return std::string(text);
    if (found[0] == 0) return std::string(replacement.text());
    const XmlNode& at = question->tree[found[0]];
    const std::size_t sign = at.kind == XmlNode::Kind::tag ? 1 : 0;  // the < before the name
    if (too_long(node, run, text.size() + replacement.text().size())) return {};
    std::string out(text.substr(0, at.begin - sign));
    out += replacement.text();
    out += text.substr(at.closed);
    return out;
}

}  // namespace

std::span<const Function> xml_functions() {
    static constexpr Function functions[] = {
        {"extractvalue", 2, 2, give_xml, extract_value},
        {"updatexml", 3, 3, give_xml, update_xml},
    };
    return functions;
}

}  // namespace sluice::eval
