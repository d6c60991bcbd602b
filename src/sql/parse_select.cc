// Step 4 of a request: queries: SELECT, UNION, WITH, and what stands at their ends.
#include <algorithm>

#include "base/limits.h"
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// Does a query begin here, perhaps behind parentheses?
bool Parser::at_query() const {
    std::size_t ahead = 0;
    while (peek(ahead).kind == TokenKind::left_parenthesis && ahead < limits::max_parse_depth)
        ++ahead;
    const Token& first = peek(ahead);
    return is(first, Keyword::select_) || is(first, Keyword::with_) || is(first, Keyword::table_) ||
           (is(first, Keyword::values_) && is(peek(ahead + 1), Keyword::row_));
}

// Behind a parenthesis: is all that it holds a query? ((select 1) + 1) and ((select 1), 2) begin
// like one.
bool Parser::at_whole_query() const {
    if (!at_query()) return false;
    std::size_t ahead = 0;
    while (peek(ahead).kind == TokenKind::left_parenthesis) ++ahead;
    std::size_t leading = ahead;  // of the parentheses around the query, that are still open
    std::size_t open = ahead;
    for (; leading > 0 && index_ + ahead < tokens_.size(); ++ahead) {
        if (peek(ahead).kind == TokenKind::left_parenthesis) ++open;
        if (peek(ahead).kind != TokenKind::right_parenthesis || open-- > leading) continue;
        --leading;
        if (!goes_on_as_query(peek(ahead + 1))) return false;
    }
    return true;
}

// May this stand behind a query in parentheses that is a part of a query?
bool Parser::goes_on_as_query(const Token& behind) {
    switch (keyword(behind)) {
        case Keyword::union_:
        case Keyword::except_:
        case Keyword::intersect_:
        case Keyword::order_:
        case Keyword::limit_:
        case Keyword::for_:
        case Keyword::lock_:
        case Keyword::into_:
            return true;
        default:
            return behind.kind == TokenKind::right_parenthesis;
    }
}

// query: [WITH ...] query_body
Query Parser::parse_query() {
    Depth depth(*this);
    With with;
    ++queries_;
    if (at(Keyword::with_)) with = parse_with();
    Query query = parse_query_body();
    --queries_;
    if (with.tables.empty()) return query;
    std::visit([&](auto& body) { body.with = std::move(with); }, query.node);
    return query;
}

// query_operand: select without its end | TABLE name | VALUES rows | ( query )
Query Parser::parse_query_operand() {
    if (at(Keyword::table_)) return Query{parse_table_query()};
    if (at(Keyword::values_)) return parse_values_query();
    if (!accept(TokenKind::left_parenthesis)) return parse_select();
    --queries_;  // INTO may stand in the parentheses of the outermost query
    Query query = parse_query();
    ++queries_;
    expect(TokenKind::right_parenthesis);
    return query;
}

// table_query: TABLE name, which is SELECT * FROM name
Select Parser::parse_table_query() {
    expect(Keyword::table_);
    Select select;
    select.items.emplace_back(SelectStar{});
    AliasedTable table;
    table.table = parse_table_name();
    select.from.emplace_back(std::move(table));
    return select;
}

// values_query: VALUES ROW ( values ) {, ROW ( values )}, which is a union of SELECTs whose columns
// are column_0, column_1 ...
Query Parser::parse_values_query() {
    expect(Keyword::values_);
    Union rows;
    do {
        expect(Keyword::row_);
        Select row;
        expect(TokenKind::left_parenthesis);
        do {
            SelectExpr item;
            const std::uint32_t start = peek().offset;
            item.expression = parse_expression();
            item.source = {start, last_end() - start};
            if (rows.branches.empty()) item.alias = "column_" + std::to_string(row.items.size());
            row.items.emplace_back(std::move(item));
        } while (accept(TokenKind::comma));
        expect(TokenKind::right_parenthesis);
        rows.branches.push_back({Query{std::move(row)}, rows.branches.empty()});
    } while (accept(TokenKind::comma));
    if (rows.branches.size() == 1) return std::move(*rows.branches.front().query);
    return Query{std::move(rows)};
}

namespace {

// A chain that has nothing behind its last branch.
Union* bare_union(Query& query) {
    Union* chain = std::get_if<Union>(&query.node);
    const bool bare = chain != nullptr && chain->with.tables.empty() && chain->order_by.empty() &&
                      !chain->limit && chain->lock == LockKind::none && !chain->into;
    return bare ? chain : nullptr;
}

bool names_tables(const std::vector<LockOf>& locks) {
    return std::ranges::any_of(locks, [](const LockOf& lock) { return !lock.tables.empty(); });
}

bool all_are(const Union& chain, SetOperator op, bool distinct) {
    for (std::size_t i = 1; i < chain.branches.size(); ++i) {
        if (chain.branches[i].op != op || (distinct && !chain.branches[i].distinct)) return false;
    }
    return true;
}

// a UNION (b UNION c) is a UNION b UNION c.
void add_branch(Union& result, UnionBranch branch) {
    Union* inner = bare_union(*branch.query);
    const bool flat = branch.distinct && branch.op == SetOperator::union_ && inner != nullptr &&
                      all_are(*inner, SetOperator::union_, true);
    if (!flat) {
        result.branches.push_back(std::move(branch));
        return;
    }
    for (UnionBranch& one : inner->branches)
        result.branches.push_back({std::move(one.query), true, SetOperator::union_});
}

}  // namespace

std::optional<SetOperator> Parser::accept_set_operator(bool intersect) {
    if (intersect) {
        if (accept(Keyword::intersect_)) return SetOperator::intersect;
        return std::nullopt;
    }
    if (accept(Keyword::union_)) return SetOperator::union_;
    if (accept(Keyword::except_)) return SetOperator::except;
    return std::nullopt;
}

// set_operation: operand {operator [ALL | DISTINCT] operand}; the operands of UNION and EXCEPT are
// set_operations with INTERSECT
Query Parser::parse_set_operation(bool intersect) {
    Query first = intersect ? parse_query_operand() : parse_set_operation(true);
    if (const auto op = accept_set_operator(intersect)) first = parse_union(std::move(first), *op);
    return first;
}

// union: behind its first operand and operator: [ALL | DISTINCT] operand {operator [ALL | DISTINCT]
// operand}
Query Parser::parse_union(Query first, SetOperator first_operator) {
    const bool intersect = first_operator == SetOperator::intersect;
    Union result;
    Union* chain = bare_union(first);
    if (chain != nullptr && (!intersect || all_are(*chain, SetOperator::intersect, false)))
        result.branches = std::move(chain->branches);
    else
        result.branches.push_back({std::move(first), true});
    for (std::optional<SetOperator> op = first_operator; op; op = accept_set_operator(intersect)) {
        const bool all = accept(Keyword::all_);
        if (!all) accept(Keyword::distinct_);
        add_branch(result,
                   {intersect ? parse_query_operand() : parse_set_operation(true), !all, *op});
    }
    return Query{std::move(result)};
}

// query_body: set_operation query_end
Query Parser::parse_query_body() {
    Query query = parse_set_operation(false);
    parse_query_end(query);
    return query;
}

// What stands behind a query in parentheses takes the place of what it has itself.
// query_end: [ORDER BY ...] [LIMIT ...] [INTO ...] {lock} [INTO ...]
void Parser::parse_query_end(Query& query) {
    std::visit(
        [&](auto& body) {
            parse_order_and_limit(body.order_by, body.limit);
            if (at(Keyword::into_)) body.into = parse_into();
            std::vector<LockOf> locks;
            while (at(Keyword::for_) || at(Keyword::lock_)) locks.push_back(parse_lock());
            if (!locks.empty()) {
                body.lock = locks.front().kind;
                if (!names_tables(locks)) locks.clear();
                body.locks_of = std::move(locks);
            }
            if (at(Keyword::into_)) body.into = parse_into();
        },
        query.node);
}

// A view's WITH CHECK OPTION may follow GROUP BY too.
bool Parser::at_olap() const {
    return !is(peek(1), Keyword::check_) && !is(peek(1), Keyword::cascaded_) &&
           !is(peek(1), Keyword::local_);
}

// select: SELECT [comments] [options] items [INTO ...] [FROM tables] [WHERE ...] [GROUP BY ...]
// [HAVING ...] [WINDOW ...] [QUALIFY ...]
Query Parser::parse_select() {
    Depth depth(*this);
    expect(Keyword::select_);
    Query query;  // made where it stays: a Select is large
    Select& select = std::get<Select>(query.node);
    select.comments = take_comments();
    parse_select_options(select);
    select.items = parse_select_items();
    if (at(Keyword::into_)) select.into = parse_into();
    const bool next = std::holds_alternative<SelectNext>(select.items.front());
    if (accept(Keyword::from_) || (next && accept(Keyword::for_))) select.from = parse_tables();
    if (accept(Keyword::where_)) select.where = parse_boxed();
    if (accept({Keyword::group_, Keyword::by_})) select.group_by = parse_group_by();
    if (accept(Keyword::having_)) select.having = parse_boxed();
    if (accept(Keyword::window_)) select.windows = parse_windows();
    if (at_qualify()) {
        take();
        select.qualify = parse_boxed();
    }
    if (select.from.size() == 1) {  // from dual is no table
        const auto* table = select.from[0].as<AliasedTable>();
        if (table != nullptr && table->table.keyspace.empty() && table->alias.empty() &&
            same_name(table->table.name, "dual") && table->hints.empty()) {
            select.from.clear();
        }
    }
    return query;
}

// group_by: expressions [WITH ROLLUP] | (ROLLUP | CUBE) ( expressions ) | GROUPING SETS ( set {,
// set} )
GroupBy Parser::parse_group_by() {
    GroupBy result;
    const bool call = peek(1).kind == TokenKind::left_parenthesis;
    if (call && (at(Keyword::rollup_) || at(Keyword::cube_))) {
        result.grouping = is(take(), Keyword::cube_) ? Grouping::cube : Grouping::rollup;
        take();
        result.items = parse_expressions();
        expect(TokenKind::right_parenthesis);
        return result;
    }
    if (at(Keyword::grouping_) && same_name(text(peek(1)), "sets")) {
        index_ += 2;
        result.grouping = Grouping::sets;
        expect(TokenKind::left_parenthesis);
        do {
            result.items.emplace_back(parse_grouping_set());
        } while (accept(TokenKind::comma));
        expect(TokenKind::right_parenthesis);
        return result;
    }
    result.items = parse_expressions();
    if (at(Keyword::with_) && at_olap()) {
        take();
        expect(Keyword::rollup_);
        result.grouping = Grouping::rollup;
    }
    return result;
}

// grouping_set: ( [expressions] )
Tuple Parser::parse_grouping_set() {
    Tuple set;
    expect(TokenKind::left_parenthesis);
    if (!at(TokenKind::right_parenthesis)) set.items = parse_expressions();
    expect(TokenKind::right_parenthesis);
    return set;
}

// windows: name AS ( window_spec ) {, name AS ( window_spec )}
std::vector<NamedWindow> Parser::parse_windows() {
    std::vector<NamedWindow> windows;
    do {
        NamedWindow window;
        window.name = parse_identifier();
        expect(Keyword::as_);
        expect(TokenKind::left_parenthesis);
        window.spec = parse_window_spec();
        expect(TokenKind::right_parenthesis);
        windows.push_back(std::move(window));
    } while (accept(TokenKind::comma));
    return windows;
}

// Does QUALIFY begin here? It is a word of MySQL 9; before, tables could be called so, and still
// are if what follows begins no condition.
bool Parser::at_qualify() const {
    if (!at_name("qualify")) return false;
    const Token& next = peek(1);
    switch (next.kind) {
        case TokenKind::end:
        case TokenKind::comma:
        case TokenKind::semicolon:
        case TokenKind::right_parenthesis:
        case TokenKind::right_brace:
        case TokenKind::dot:
        case TokenKind::equal:
            return false;
        default:
            break;
    }
    static constexpr Keyword behind_alias[] = {
        Keyword::from_,      Keyword::where_, Keyword::group_,        Keyword::having_,
        Keyword::window_,    Keyword::order_, Keyword::limit_,        Keyword::for_,
        Keyword::lock_,      Keyword::into_,  Keyword::union_,        Keyword::except_,
        Keyword::intersect_, Keyword::join_,  Keyword::inner_,        Keyword::cross_,
        Keyword::left_,      Keyword::right_, Keyword::on_,           Keyword::natural_,
        Keyword::using_,     Keyword::use_,   Keyword::force_,        Keyword::ignore_,
        Keyword::set_,       Keyword::as_,    Keyword::straight_join_};
    const bool call = peek(2).kind == TokenKind::left_parenthesis &&
                      (is(next, Keyword::left_) || is(next, Keyword::right_));
    return call || std::ranges::find(behind_alias, keyword(next)) == std::end(behind_alias);
}

// options: {ALL | DISTINCT | DISTINCTROW | STRAIGHT_JOIN | SQL_CALC_FOUND_ROWS | ...}
void Parser::parse_select_options(Select& select) {
    while (true) {
        switch (keyword(peek())) {
            case Keyword::all_:
                break;
            case Keyword::distinct_:
            case Keyword::distinctrow_:
                select.distinct = true;
                break;
            case Keyword::straight_join_:
                select.straight_join = true;
                break;
            case Keyword::high_priority_:
                select.high_priority = true;
                break;
            case Keyword::sql_small_result_:
                select.small_result = true;
                break;
            case Keyword::sql_big_result_:
                select.big_result = true;
                break;
            case Keyword::sql_buffer_result_:
                select.buffer_result = true;
                break;
            case Keyword::sql_calc_found_rows_:
                select.calc_found_rows = true;
                break;
            case Keyword::sql_cache_:
                select.sql_cache = true;
                break;
            case Keyword::sql_no_cache_:
                select.sql_cache = false;
                break;
            default:
                return;
        }
        take();
    }
}

// items: item {, item} | NEXT [expression] (VALUE | VALUES)
std::vector<SelectItem> Parser::parse_select_items() {
    std::vector<SelectItem> items;
    const Token& next = peek(1);
    const bool plain_next = is(next, Keyword::value_) || is(next, Keyword::values_);
    if (at(Keyword::next_) &&
        (plain_next || is(peek(2), Keyword::values_) || is(peek(2), Keyword::value_)) &&
        (plain_next || next.kind == TokenKind::integer || next.kind == TokenKind::named_parameter ||
         next.kind == TokenKind::parameter)) {
        take();
        SelectNext item;
        if (plain_next)
            item.count = Literal{LiteralKind::integer, "1", {}};
        else
            item.count = parse_primary();
        take();
        items.emplace_back(std::move(item));
        return items;
    }
    do {
        items.emplace_back(MadeBy{[&] { return parse_select_item(); }});
    } while (accept(TokenKind::comma));
    return items;
}

// item: * | name . * | name . name . * | expression alias
SelectItem Parser::parse_select_item() {
    if (accept(TokenKind::star)) return SelectStar{};
    if (at_identifier() && peek(1).kind == TokenKind::dot) {
        const bool two = peek(2).kind != TokenKind::star && peek(3).kind == TokenKind::dot;
        if (peek(two ? 4 : 2).kind == TokenKind::star) {
            SelectStar star;
            const Token first = peek();
            star.table.name = parse_identifier();
            star.table.source = {first.offset, first.length};
            take();
            if (two) {
                const Token second = peek();
                star.table.keyspace = std::move(star.table.name);
                star.table.name = parse_any_word();
                star.table.qualifier = {first.offset, second.offset - first.offset};
                star.table.source.length = second.end() - first.offset;
                take();
            }
            take();
            return star;
        }
    }
    SelectItem result;
    auto& item = std::get<SelectExpr>(result);
    const std::uint32_t start = peek().offset;
    item.expression = parse_expression();
    item.source = {start, last_end() - start};
    item.alias = parse_alias();
    return result;
}

// order_and_limit: [ORDER BY order_items] [LIMIT limit]
void Parser::parse_order_and_limit(std::vector<OrderItem>& order_by, std::optional<Limit>& limit) {
    if (accept({Keyword::order_, Keyword::by_})) order_by = parse_order_items();
    if (accept(Keyword::limit_)) limit = parse_limit();
}

// order_items: expression [ASC | DESC] {, expression [ASC | DESC]}
std::vector<OrderItem> Parser::parse_order_items() {
    std::vector<OrderItem> items;
    do {
        OrderItem item;
        item.expression = parse_expression();
        item.descending = accept(Keyword::desc_);
        if (!item.descending) accept(Keyword::asc_);
        items.push_back(std::move(item));
    } while (accept(TokenKind::comma));
    return items;
}

// limit: expression [(, | OFFSET) expression]
Limit Parser::parse_limit() {
    Expr first = parse_expression();
    if (accept(TokenKind::comma)) return {OptionalExpr(std::move(first)), parse_expression()};
    if (accept(Keyword::offset_)) {
        Expr offset = parse_expression();
        return {OptionalExpr(std::move(offset)), std::move(first)};
    }
    return {std::nullopt, std::move(first)};
}

// lock: FOR (UPDATE | SHARE) [OF tables] [NOWAIT | SKIP LOCKED] | LOCK IN SHARE MODE
LockOf Parser::parse_lock() {
    if (accept({Keyword::lock_, Keyword::in_, Keyword::share_, Keyword::mode_}))
        return {LockKind::in_share_mode, {}};
    LockOf lock;
    expect(Keyword::for_);
    const bool update = accept(Keyword::update_);
    if (!update) expect(Keyword::share_);
    if (accept(Keyword::of_)) lock.tables = parse_table_names();
    lock.kind = update ? LockKind::for_update : LockKind::for_share;
    if (accept(Keyword::nowait_))
        lock.kind = update ? LockKind::for_update_nowait : LockKind::for_share_nowait;
    else if (accept({Keyword::skip_, Keyword::locked_}))
        lock.kind = update ? LockKind::for_update_skip_locked : LockKind::for_share_skip_locked;
    return lock;
}

// into: INTO (OUTFILE [S3] 'file' options | DUMPFILE 'file' | @variable {, @variable})
std::optional<Into> Parser::parse_into() {
    if (queries_ > 1) fail();
    take();
    Into into;
    if (accept(Keyword::outfile_)) {
        into.kind = accept(Keyword::s3_) ? IntoKind::outfile_s3 : IntoKind::outfile;
        into.target = parse_string();
        if (accept({Keyword::character_, Keyword::set_}) || accept(Keyword::charset_))
            into.charset = canonical_token();
        while (!at(TokenKind::end) && !at(TokenKind::right_parenthesis) && !at(Keyword::union_) &&
               !at(Keyword::from_) && !at(Keyword::for_) && !at(Keyword::lock_) &&
               !at(TokenKind::error) && !at(TokenKind::semicolon)) {
            into.options += " " + canonical_token();
        }
        return into;
    }
    if (accept(Keyword::dumpfile_)) {
        into.kind = IntoKind::dumpfile;
        into.target = parse_string();
        return into;
    }
    into.kind = IntoKind::variables;
    do {
        if (!into.target.empty()) into.target += ", ";
        // MySQL's grammar lets a stored program's variable stand here, and there is none.
        if (at_identifier()) fail_undeclared(peek());
        if (!at(TokenKind::user_variable)) fail();
        into.target += text(take());
    } while (accept(TokenKind::comma));
    return into;
}

// with: WITH [RECURSIVE] name [( columns )] AS ( query ) {, ...}
With Parser::parse_with() {
    expect(Keyword::with_);
    With with;
    with.recursive = accept(Keyword::recursive_);
    do {
        CommonTable table;
        table.name = parse_identifier();
        if (at(TokenKind::left_parenthesis)) table.columns = parse_name_list();
        expect(Keyword::as_);
        expect(TokenKind::left_parenthesis);
        table.query = parse_query();
        expect(TokenKind::right_parenthesis);
        with.tables.push_back(std::move(table));
    } while (accept(TokenKind::comma));
    return with;
}

// window_spec: [identifier] [PARTITION BY expressions] [ORDER BY order_items] [frame]
WindowSpec Parser::parse_window_spec() {
    WindowSpec spec;
    if (at_identifier() && !at(Keyword::partition_)) spec.base = parse_identifier();
    if (accept({Keyword::partition_, Keyword::by_})) spec.partition_by = parse_expressions();
    if (accept({Keyword::order_, Keyword::by_})) spec.order_by = parse_order_items();
    if (at(Keyword::rows_) || at(Keyword::range_) || at(Keyword::groups_))
        spec.frame = parse_frame();
    return spec;
}

// frame: (ROWS | RANGE | GROUPS) (frame_bound | BETWEEN frame_bound AND frame_bound)
// [EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS)]
Frame Parser::parse_frame() {
    Frame frame;
    const Keyword units = keyword(take());
    frame.units = units == Keyword::rows_    ? FrameUnits::rows
                  : units == Keyword::range_ ? FrameUnits::range
                                             : FrameUnits::groups;
    if (accept(Keyword::between_)) {
        frame.start = parse_frame_bound();
        expect(Keyword::and_);
        frame.end = parse_frame_bound();
    } else {
        frame.start = parse_frame_bound();
    }
    if (!accept(Keyword::exclude_)) return frame;
    if (accept({Keyword::current_, Keyword::row_})) {
        frame.exclusion = FrameExclusion::current_row;
    } else if (accept(Keyword::group_)) {
        frame.exclusion = FrameExclusion::group;
    } else if (accept_name("ties")) {
        frame.exclusion = FrameExclusion::ties;
    } else {
        expect(Keyword::no_);
        expect_name("others");
        frame.exclusion = FrameExclusion::no_others;
    }
    return frame;
}

// frame_bound: CURRENT ROW | UNBOUNDED (PRECEDING | FOLLOWING) | expression (PRECEDING | FOLLOWING)
FrameBound Parser::parse_frame_bound() {
    if (accept({Keyword::current_, Keyword::row_}))
        return {FrameBoundKind::current_row, std::nullopt};
    if (accept(Keyword::unbounded_)) {
        if (accept(Keyword::preceding_)) return {FrameBoundKind::unbounded_preceding, std::nullopt};
        expect(Keyword::following_);
        return {FrameBoundKind::unbounded_following, std::nullopt};
    }
    Expr distance = parse_expression(Power::bit_or);
    if (accept(Keyword::preceding_))
        return {FrameBoundKind::preceding, OptionalExpr(std::move(distance))};
    expect(Keyword::following_);
    return {FrameBoundKind::following, OptionalExpr(std::move(distance))};
}

}  // namespace sluice::sql::detail
