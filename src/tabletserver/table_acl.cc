// Step 3 of a request to a tablet: may the caller do this? Before: detail/execute.cc.
#include "tabletserver/table_acl.h"

#include <algorithm>

#include <boost/json.hpp>

namespace sluice::tabletserver {
namespace {

namespace json = boost::json;

std::unexpected<Error> wrong(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

// A list of texts under a name; missing is empty.
Result<std::vector<std::string>> texts(const json::object& object, std::string_view name) {
    std::vector<std::string> found;
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) return found;
    const json::array* const list = value->if_array();
    if (list == nullptr) return wrong("Table ACL: " + std::string(name) + " is no list");
    for (const json::value& each : *list) {
        const json::string* const text = each.if_string();
        if (text == nullptr) return wrong("Table ACL: " + std::string(name) + " holds no texts");
        found.emplace_back(*text);
    }
    return found;
}

bool is_member(const std::vector<std::string>& members, const AclCaller& caller) {
    const auto listed = [&](std::string_view name) {
        return std::ranges::find(members, name) != members.end();
    };
    return listed(caller.user) || std::ranges::any_of(caller.groups, listed);
}

}  // namespace

Result<TableAcl> TableAcl::parse(std::string_view text) {
    boost::system::error_code failed;
    const json::value whole = json::parse(json::string_view(text.data(), text.size()), failed);
    const json::object* const object = failed ? nullptr : whole.if_object();
    if (object == nullptr) return wrong("unable to unmarshal Table ACL data: not a JSON object");
    TableAcl acl;
    for (const auto& field : *object) {
        if (field.key() != "table_groups" && field.key() != "tableGroups")
            return wrong("Table ACL: unknown field " + std::string(field.key()));
        const json::array* const groups = field.value().if_array();
        if (groups == nullptr) return wrong("Table ACL: table_groups is no list");
        for (const json::value& each : *groups) {
            const json::object* const group = each.if_object();
            if (group == nullptr) return wrong("Table ACL: a group is no object");
            const json::value* const name = group->if_contains("name");
            Group made;
            if (name != nullptr && name->is_string()) made.name = name->as_string();
            made.readers = TRY(texts(*group, "readers"));
            made.writers = TRY(texts(*group, "writers"));
            made.admins = TRY(texts(*group, "admins"));
            for (std::string& table : TRY(texts(*group, "table_names_or_prefixes"))) {
                const bool prefix = table.ends_with('%');
                if (prefix) table.pop_back();
                acl.entries_.push_back({std::move(table), prefix, acl.groups_.size()});
            }
            acl.groups_.push_back(std::move(made));
        }
    }
    std::ranges::sort(acl.entries_, {}, &Entry::table);
    TRY(acl.check_overlaps());
    return acl;
}

Result<void> TableAcl::check_overlaps() const {
    const Entry* before = nullptr;  // the last prefix or name that may hold the next one
    for (const Entry& entry : entries_) {
        if (entry.table.find('%') != entry.table.npos) {
            return wrong("got: " + entry.table +
                         ", '%' means this entry is a prefix and should not appear in the middle "
                         "of name or prefix");
        }
        const bool overlaps =
            before != nullptr && (before->table == entry.table ||
                                  (before->prefix && entry.table.starts_with(before->table)));
        if (overlaps) {
            return wrong("conflicting entries: \"" + entry.table + (entry.prefix ? "%" : "") +
                         "\" overlaps with \"" + before->table + (before->prefix ? "%" : "") +
                         "\"");
        }
        before = &entry;
    }
    return {};
}

const TableAcl::Group* TableAcl::group_of(std::string_view table) const {
    const auto after = std::ranges::upper_bound(entries_, table, {}, &Entry::table);
    if (after == entries_.begin()) return nullptr;
    const Entry& entry = *std::prev(after);
    const bool fits = entry.table == table || (entry.prefix && table.starts_with(entry.table));
    return fits ? &groups_[entry.group] : nullptr;
}

bool TableAcl::allows(const Permission& permission, const AclCaller& caller) const {
    const Group* const group = group_of(permission.table);
    if (group == nullptr) return false;
    switch (permission.role) {
        case Role::reader:
            return is_member(group->readers, caller);
        case Role::writer:
            return is_member(group->writers, caller);
        case Role::admin:
            return is_member(group->admins, caller);
    }
    return false;
}

Result<void> check_access(const TableAcl* acl, const AclRules& rules, const Plan& plan,
                          const AclCaller& caller, std::uint64_t* denied) {
    if (acl == nullptr && !rules.strict) return {};
    if (!caller.known) {
        if (rules.strict) return fail(Code::unauthenticated, "missing caller id");
        return {};
    }
    if (!rules.exempt.empty() && is_member({rules.exempt}, caller)) return {};
    for (const Permission& permission : plan.permissions) {
        if (permission.table == "dual") continue;
        if (acl != nullptr && acl->allows(permission, caller)) continue;
        ++*denied;
        if (rules.dry_run || !rules.strict) continue;
        std::string text(plan_name(plan.kind));
        text.append(" command denied to user '").append(caller.user).append("'");
        if (!caller.groups.empty()) {
            text += ", in groups [";
            for (const std::string_view group : caller.groups) {
                if (!text.ends_with('[')) text += ", ";
                text += group;
            }
            text += "],";
        }
        text.append(" for table '").append(permission.table).append("' (ACL check error)");
        return fail(Code::permission_denied, std::move(text));
    }
    return {};
}

}  // namespace sluice::tabletserver
