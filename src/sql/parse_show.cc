// Step 4 of a request: SHOW. Forms that the gate answers or amends have a kind; others keep their
// text.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// show: SHOW [comments] (a form of contract 5.7 | anything)
Show Parser::parse_show() {
    take();
    Show show;
    show.comments = take_comments();
    const std::size_t start = index_;
    if (parse_show_gate(show) || parse_show_create(show) || parse_show_shard(show)) {
        if (at(TokenKind::end)) return show;
        const bool own =
            show.kind < ShowKind::variables || show.kind >= ShowKind::vitess_migrations;
        if (own && !(show.kind == ShowKind::replica_status && at(Keyword::for_))) fail();
    }
    Show other;
    other.comments = std::move(show.comments);
    index_ = start;
    if (at(TokenKind::end)) fail();
    other.text = rest_of_text();
    return other;
}

// show_filter: [(FROM | IN) keyspace] [LIKE 'pattern' | WHERE expression]
void Parser::parse_show_filter(Show& show, bool from) {
    if (from && (at(Keyword::from_) || at(Keyword::in_))) {
        take();
        const Token name = peek();
        show.keyspace = parse_identifier();
        show.keyspace_source = {name.offset, name.length};
    }
    if (accept(Keyword::like_))
        show.like = parse_string();
    else if (accept(Keyword::where_))
        show.where = parse_expression();
}

Show Parser::finish_show(Show show, ShowKind kind, bool from) {
    show.kind = kind;
    parse_show_filter(show, from);
    return show;
}

// show_gate: DATABASES | KEYSPACES | VITESS_SHARDS | VSCHEMA (TABLES | ..) | WARNINGS | ENGINES |
// CHARSET | ...
bool Parser::parse_show_gate(Show& show) {
    struct Form {
        std::string_view first;
        std::string_view second;
        ShowKind kind;
        bool from;
    };
    static constexpr Form forms[] = {
        {"databases", "", ShowKind::databases, false},
        {"schemas", "", ShowKind::schemas, false},
        {"keyspaces", "", ShowKind::keyspaces, false},
        {"vitess_keyspaces", "", ShowKind::vitess_keyspaces, false},
        {"vitess_shards", "", ShowKind::vitess_shards, false},
        {"vitess_tablets", "", ShowKind::vitess_tablets, false},
        {"vitess_replication_status", "", ShowKind::vitess_replication_status, false},
        {"replica", "status", ShowKind::replica_status, false},
        {"vitess_target", "", ShowKind::vitess_target, false},
        {"vitess_metadata", "variables", ShowKind::vitess_variables, false},
        {"vschema", "tables", ShowKind::vschema_tables, false},
        {"vschema", "keyspaces", ShowKind::vschema_keyspaces, false},
        {"vschema", "vindexes", ShowKind::vschema_vindexes, false},
        {"warnings", "", ShowKind::warnings, false},
        {"engines", "", ShowKind::engines, false},
        {"plugins", "", ShowKind::plugins, false},
        {"charset", "", ShowKind::charset, false},
        {"character", "set", ShowKind::charset, false},
        {"transaction", "status", ShowKind::transaction_status, false},
        {"unresolved", "transactions", ShowKind::unresolved_transactions, false},
        {"vitess_migrations", "", ShowKind::vitess_migrations, true},
        {"vitess_throttled_apps", "", ShowKind::vitess_throttled_apps, false},
        {"vitess_throttler", "status", ShowKind::vitess_throttler_status, false},
        {"vitess_migration", "", ShowKind::vitess_migration_logs, false},
    };
    if (at(Keyword::global_) &&
        (same_name(text(peek(1)), "gtid_executed") || same_name(text(peek(1)), "vgtid_executed"))) {
        take();
    }
    if (at_name("gtid_executed") || at_name("vgtid_executed")) {
        show.kind = same_name(text(take()), "gtid_executed") ? ShowKind::gtid_executed_global
                                                             : ShowKind::vgtid_executed_global;
        parse_show_filter(show, true);
        return true;
    }
    for (const Form& form : forms) {
        if (!at_name(form.first)) continue;
        if (!form.second.empty() && !same_name(text(peek(1)), form.second)) continue;
        take();
        if (!form.second.empty()) take();
        show.kind = form.kind;
        if (form.kind == ShowKind::vschema_vindexes &&
            (accept(Keyword::on_) || accept(Keyword::from_))) {
            show.table = parse_table_name();
        } else if (form.kind == ShowKind::transaction_status) {
            accept(Keyword::for_);
            if (at(TokenKind::string)) show.table.name = parse_string();
        } else if (form.kind == ShowKind::unresolved_transactions && accept(Keyword::for_)) {
            show.keyspace = parse_identifier();
        } else if (form.kind == ShowKind::vitess_migration_logs) {
            show.text = parse_string();
            expect_name("logs");
        }
        if (form.kind == ShowKind::warnings && accept(Keyword::limit_)) show.limit = parse_limit();
        parse_show_filter(show, form.from);
        return true;
    }
    return false;
}

// show_create: CREATE (TABLE | VIEW | DATABASE | PROCEDURE | FUNCTION | TRIGGER | EVENT | USER)
// name
bool Parser::parse_show_create(Show& show) {
    if (!accept(Keyword::create_)) return false;
    static constexpr std::pair<std::string_view, ShowKind> kinds[] = {
        {"table", ShowKind::create_table},         {"view", ShowKind::create_view},
        {"database", ShowKind::create_database},   {"schema", ShowKind::create_database},
        {"procedure", ShowKind::create_procedure}, {"function", ShowKind::create_function},
        {"trigger", ShowKind::create_trigger},     {"event", ShowKind::create_event},
    };
    for (const auto& [word, kind] : kinds) {
        if (!accept_name(word)) continue;
        show.kind = kind;
        if (kind == ShowKind::create_database && accept({Keyword::if_, Keyword::not_}))
            expect(Keyword::exists_);
        show.table = parse_table_name();
        return true;
    }
    return false;
}

// show_shard: [GLOBAL | SESSION] (VARIABLES | STATUS) | [EXTENDED] [FULL] (TABLES | COLUMNS | ..) |
// TABLE STATUS | INDEX FROM t ...
bool Parser::parse_show_shard(Show& show) {
    struct Form {
        std::string_view first;
        std::string_view second;
        ShowKind kind;
        bool table;  // FROM table [FROM keyspace], else [FROM keyspace]
    };
    static constexpr Form forms[] = {
        {"variables", "", ShowKind::variables, false},
        {"status", "", ShowKind::status, false},
        {"collation", "", ShowKind::collation, false},
        {"function", "status", ShowKind::function_status, false},
        {"procedure", "status", ShowKind::procedure_status, false},
        {"privileges", "", ShowKind::privileges, false},
        {"triggers", "", ShowKind::triggers, false},
        {"events", "", ShowKind::events, false},
        {"open", "tables", ShowKind::open_tables, false},
        {"tables", "", ShowKind::tables, false},
        {"table", "status", ShowKind::table_status, false},
        {"columns", "", ShowKind::columns, true},
        {"fields", "", ShowKind::columns, true},
        {"index", "", ShowKind::indexes, true},
        {"indexes", "", ShowKind::indexes, true},
        {"keys", "", ShowKind::indexes, true},
    };
    if (accept(Keyword::global_))
        show.scope = VariableScope::global;
    else if (accept(Keyword::session_) || accept(Keyword::local_))
        show.scope = VariableScope::session;
    show.extended = accept_name("extended");
    show.full = accept_name("full");
    for (const Form& form : forms) {
        if (!at_name(form.first)) continue;
        if (!form.second.empty() && !same_name(text(peek(1)), form.second)) continue;
        take();
        if (!form.second.empty()) take();
        show.kind = form.kind;
        if (form.table) {
            if (!accept(Keyword::from_)) expect(Keyword::in_);
            show.table = parse_table_name();
        }
        parse_show_filter(show, true);
        return true;
    }
    return false;
}

}  // namespace sluice::sql::detail
