// Step 4 of a request: the first word of a statement decides who reads the rest.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

// Trees are large: they are made in the statement.
template <class T, class Make>
Statement statement_of(const Make& make) {
    return {Statement::Node(std::in_place_type<T>, MadeBy(make))};
}

}  // namespace

// statement: query | write | session | transaction | definition | administration
Statement Parser::parse_statement() {
    if (std::size_t words = 0; at_administration(words)) return parse_administration(words);
    switch (keyword(peek())) {
        case Keyword::select_:
        case Keyword::table_:
        case Keyword::values_:
            return statement_of<Query>([&] { return parse_query(); });
        case Keyword::insert_:
            return statement_of<Insert>([&] { return parse_insert(false); });
        case Keyword::replace_:
            return statement_of<Insert>([&] { return parse_insert(true); });
        case Keyword::update_:
            return statement_of<Update>([&] { return parse_update({}); });
        case Keyword::delete_:
            return statement_of<Delete>([&] { return parse_delete({}); });
        case Keyword::with_:
            return parse_with_statement();
        case Keyword::set_:
            return {parse_set()};
        case Keyword::show_:
            return {parse_show()};
        case Keyword::use_:
            return {parse_use()};
        case Keyword::begin_:
        case Keyword::start_:
        case Keyword::commit_:
        case Keyword::rollback_:
        case Keyword::savepoint_:
        case Keyword::release_:
            return parse_transaction();
        case Keyword::kill_:
            return parse_kill();
        case Keyword::create_:
        case Keyword::alter_:
        case Keyword::rename_:
        case Keyword::truncate_:
            return parse_ddl();
        case Keyword::drop_:
            return is(peek(1), Keyword::prepare_) ? parse_prepared() : parse_ddl();
        case Keyword::explain_:
        case Keyword::describe_:
        case Keyword::desc_:
            return parse_explain();
        case Keyword::vexplain_:
            return parse_vexplain();
        default:
            break;
    }
    if (at(TokenKind::left_parenthesis)) return statement_of<Query>([&] { return parse_query(); });
    return parse_named_statement();
}

// named_statement: PREPARE ... | CALL ... | LOCK TABLES ... | FLUSH ... | ANALYZE ... | LOAD ... |
// STREAM ... | REVERT ...
Statement Parser::parse_named_statement() {
    switch (keyword(peek())) {
        case Keyword::prepare_:
        case Keyword::execute_:
        case Keyword::deallocate_:
            return parse_prepared();
        case Keyword::call_:
            return parse_call_statement();
        case Keyword::lock_:
        case Keyword::unlock_:
            return parse_lock_tables();
        case Keyword::flush_:
            return parse_flush();
        case Keyword::analyze_:
            return parse_analyze();
        case Keyword::optimize_:
        case Keyword::repair_:
        case Keyword::check_:
        case Keyword::do_:
            return parse_admin();
        case Keyword::load_:
            return parse_load();
        case Keyword::stream_:
        case Keyword::vstream_:
            return parse_stream();
        case Keyword::revert_:
            return parse_migration_command(true);
        default:
            fail();
    }
}

}  // namespace sluice::sql::detail
