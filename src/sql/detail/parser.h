#pragma once
// The parser: recursive descent over all tokens of a statement, one file per family (parse_*.cc). A
// syntax error is thrown as SyntaxError and becomes a Result at the door (parse.cc).
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sql/ast.h"
#include "sql/detail/keywords.h"
#include "sql/lexer.h"

namespace sluice::sql::detail {

struct SyntaxError {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    bool near_token = false;       // words, strings and numbers are named in the message
    const char* reason = nullptr;  // instead of the usual words
    std::uint16_t number = er::parse;
    bool undeclared = false;  // a word where only a stored program's variable may stand: 1327
    bool behind_ddl = false;  // another statement behind DDL that could not be read
};

// Binding powers, from loose to tight (MySQL's manual, "Operator Precedence").
enum class Power : std::uint8_t {
    none,
    assignment,
    or_,
    xor_,
    and_,
    not_,
    comparison,
    predicate,
    bit_or,
    bit_and,
    shift,
    additive,
    multiplicative,
    bit_xor,
    unary,
    bang,
    collate,
    primary,
};

class Parser {
 public:
    Parser(std::string_view text, const LexerMode& mode);

    Statement parse_whole_statement();
    Expr parse_whole_expression();
    TableName parse_whole_table_name();
    bool is_empty() const { return tokens_.size() == 1 && at(TokenKind::end) && comments_.empty(); }

 private:
    friend class Depth;

    // tokens
    void check_names() const;
    const Token& peek() const { return tokens_[index_]; }
    const Token& peek(std::size_t ahead) const {
        return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
    }
    std::string_view text(const Token& token) const {
        return text_.substr(token.offset, token.length);
    }
    bool at(TokenKind kind) const { return peek().kind == kind; }
    bool at(Keyword word) const { return is(peek(), word); }
    bool at_name(std::string_view name) const;  // an unquoted word, also one that is no keyword
    static bool is(const Token& token, Keyword word) {
        return token.kind == TokenKind::word && token.keyword == static_cast<std::uint32_t>(word);
    }
    static Keyword keyword(const Token& token) {
        return token.kind == TokenKind::word ? static_cast<Keyword>(token.keyword) : Keyword::none;
    }
    Token take() { return index_ + 1 < tokens_.size() ? tokens_[index_++] : tokens_.back(); }
    bool accept(TokenKind kind);
    bool accept(Keyword word);
    bool accept(std::initializer_list<Keyword> words);  // all of them in a row, or nothing is taken
    bool accept_name(std::string_view name);
    void expect(TokenKind kind);
    void expect(Keyword word);
    void expect_name(std::string_view name);
    [[noreturn]] void fail() const { fail_at(peek()); }
    [[noreturn]] void fail_at(const Token& token) const;
    [[noreturn]] static void fail_undeclared(const Token& token);
    [[noreturn]] static void fail_because(const Token& token, const char* reason,
                                          std::uint16_t number = er::parse);
    // Names are texts, also if they were written as strings.
    void require_text(const Token& token, std::string_view name) const;
    Comments take_comments();
    std::string canonical_token();  // takes one: words in lower case, strings as they are printed
    std::string rest_of_text();     // up to the end of the statement
    std::string text_from(std::uint32_t offset) const;  // from there to the last token taken
    std::uint32_t last_end() const { return index_ == 0 ? 0 : tokens_[index_ - 1].end(); }

    // names
    bool at_identifier() const { return is_identifier(peek()); }
    static bool is_identifier(const Token& token);
    std::string take_name(const Token& token) const;
    std::string parse_identifier();
    std::string parse_any_word();
    std::string parse_string();
    std::string parse_alias();
    TableName parse_table_name();
    std::vector<TableName> parse_table_names();
    std::vector<std::string> parse_name_list();
    std::uint64_t parse_unsigned();

    // expressions
    Expr parse_expression(Power minimum = Power::none);
    Box<Expr> parse_boxed(Power minimum = Power::none);
    Expr parse_prefix();
    bool extend(Expr& left, Power minimum);
    bool extend_predicate(Expr& left, bool negated, Power minimum);
    bool extend_comparison(Expr& left, CompareOp op);
    bool extend_is(Expr& left);
    bool extend_binary(Expr& left, BinaryOp op, Power power);
    bool extend_json_path(Expr& left);
    bool extend_sounds_like(Expr& left);
    bool extend_chain(Expr& left, Keyword word);
    Expr parse_in_list();
    Expr parse_primary();
    Expr parse_parenthesised();
    Expr parse_literal();
    Expr parse_word();
    Expr parse_reserved_word(Keyword word);
    Expr parse_row();
    Expr parse_column_or_call();
    Expr column_expression(const Token& name) const;
    Expr parse_case();
    Expr parse_interval_or_call();
    Expr parse_call(std::string keyspace, const Token& name);
    bool parse_special_call(Expr& result, const Token& name);
    Expr parse_aggregate(AggregateKind kind);
    Expr parse_group_concat();
    Expr parse_cast();
    Expr parse_convert();
    Expr parse_trim();
    Expr parse_substring();
    Expr parse_extract();
    Expr parse_position();
    Expr parse_char();
    Expr parse_weight_string();
    Expr parse_timestamp_function(std::string name);
    Expr parse_json_value();
    Expr parse_json_duality_object();
    void take_colon();
    Expr parse_values_of();
    Expr parse_match();
    Expr parse_default();
    Expr parse_exists();
    Expr parse_variable();
    JsonOn parse_json_on();
    void parse_json_handlers(JsonOn& on_empty, JsonOn& on_error);
    void parse_over(std::optional<Box<Over>>& over);
    CastType parse_cast_type();
    // The reason and the number are those of an empty name.
    std::string parse_word_or_string(const char* reason = nullptr,
                                     std::uint16_t number = er::parse);
    std::string parse_charset_name();
    std::string parse_collation_name();
    // `expected`: how many there seem to be, for which room is made at once.
    std::vector<Expr> parse_expressions(std::size_t expected = 1);
    std::vector<Expr> parse_arguments(std::size_t expected = 1);
    void finish_call(FunctionCall& call);

    // queries
    Query parse_query();
    Query parse_query_body();
    Query parse_query_operand();
    Query parse_select();
    void parse_select_options(Select& select);
    std::vector<SelectItem> parse_select_items();
    SelectItem parse_select_item();
    void parse_order_and_limit(std::vector<OrderItem>& order_by, std::optional<Limit>& limit);
    void parse_query_end(Query& query);
    std::vector<OrderItem> parse_order_items();
    Limit parse_limit();
    LockOf parse_lock();
    std::optional<Into> parse_into();
    With parse_with();
    GroupBy parse_group_by();
    Tuple parse_grouping_set();
    std::vector<NamedWindow> parse_windows();
    WindowSpec parse_window_spec();
    Frame parse_frame();
    FrameBound parse_frame_bound();
    bool at_query() const;
    bool at_whole_query() const;
    static bool goes_on_as_query(const Token& behind);
    bool at_olap() const;
    bool at_qualify() const;
    std::optional<SetOperator> accept_set_operator(bool intersect);
    Query parse_set_operation(bool intersect);
    Query parse_union(Query first, SetOperator first_operator);
    Select parse_table_query();
    Query parse_values_query();

    // tables
    std::vector<TableRef> parse_tables();
    TableRef parse_table_reference();
    TableRef parse_table_factor();
    bool at_sample() const;
    TableSample parse_sample();
    TableRef parse_parenthesised_table();
    TableRef parse_json_table();
    std::vector<JsonTableColumn> parse_json_columns();
    bool parse_join(TableRef& left);
    bool at_condition() const;
    static bool nest_join(TableRef& table);
    void parse_on(TableRef& table);
    std::vector<IndexHint> parse_index_hints();
    std::vector<std::string> parse_partitions();

    // writes
    Statement parse_with_statement();
    Insert parse_insert(bool replace);
    void parse_insert_rows(Insert& insert);
    bool at_query_end() const;
    Update parse_update(With with);
    Delete parse_delete(With with);
    std::vector<Assignment> parse_assignments();
    Assignment parse_assignment();
    Column parse_column();
    TableName parse_delete_target();

    // sessions and administration
    Statement parse_statement();
    Statement parse_named_statement();
    Set parse_set();
    void parse_set_item(Set& set);
    void parse_set_transaction(Set& set, VariableScope scope);
    Expr parse_set_value();
    Show parse_show();
    bool parse_show_gate(Show& show);
    bool parse_show_shard(Show& show);
    bool parse_show_create(Show& show);
    void parse_show_filter(Show& show, bool from);
    Show finish_show(Show show, ShowKind kind, bool from);
    Use parse_use();
    std::string take_target();
    Statement parse_transaction();
    Completion parse_completion();
    Begin parse_start();
    Statement parse_kill();
    Statement parse_prepared();
    Variable parse_user_variable();
    Statement parse_lock_tables();
    Statement parse_flush();
    Statement parse_explain();
    Statement parse_vexplain();
    Statement parse_admin();
    Statement parse_analyze();
    std::string parse_histogram();
    std::string parse_admin_options(Keyword verb);
    Statement parse_load();
    void parse_load_index(Load& load);
    void parse_load_file(Load& load);
    void parse_load_format(Load& load);
    std::string parse_load_text();
    ExplainFormat parse_explain_format();
    bool at_administration(std::size_t& words) const;
    bool at_stored_program(std::size_t& words) const;
    bool at_special_view(std::size_t& words) const;
    Statement parse_administration(std::size_t words);
    Statement parse_stream();
    Statement parse_call_statement();

    // definitions
    Statement parse_ddl();
    DdlDefinition parse_definition(Ddl& ddl, const std::optional<IndexDefinition>& index);
    TableDefinition parse_table_definition(Ddl& ddl);
    void parse_table_element(TableDefinition& table);
    bool at_constraint() const;
    std::variant<IndexDefinition, ForeignKey, Check> parse_constraint();
    IndexDefinition parse_index_definition(std::string constraint);
    void parse_index_body(IndexDefinition& index);
    IndexPart parse_index_part();
    bool at_index_option() const;
    NamedOption parse_index_option();
    bool at_table_option() const;
    NamedOption parse_table_option();
    ColumnType parse_column_type();
    bool parse_type_attribute(ColumnType& type);
    DefaultValue parse_default_value();
    bool at_clock() const;
    Expr parse_clock();
    ColumnDefinition parse_column_definition();
    bool parse_column_attribute(ColumnDefinition& column);
    bool parse_column_key(ColumnDefinition& column);
    bool parse_column_storage(ColumnDefinition& column);
    Check parse_check(std::string name);
    Reference parse_reference();
    ReferenceAction parse_reference_action();
    Partitioning parse_partitioning();
    PartitionBy parse_partition_by();
    std::vector<PartitionDefinition> parse_partition_definitions();
    PartitionDefinition parse_partition_definition();
    PartitionValues parse_partition_values();
    std::vector<NamedOption> parse_partition_options();
    bool at_partition_change() const;
    PartitionChange parse_partition_change();
    TableChange parse_table_change();
    AlterOption parse_alter_option();
    ColumnPlace parse_column_place();
    AlterOption parse_alter_add();
    AlterOption parse_alter_change();
    AlterOption parse_alter_part();
    AlterOption parse_alter_drop();
    AlterOption parse_alter_rename();
    AlterWords parse_alter_words();
    ViewDefinition parse_view_options();
    std::string parse_definer();
    DatabaseOptions parse_database_options();
    Ddl parse_create(Ddl ddl);
    Ddl parse_alter(Ddl ddl);
    Ddl parse_drop(Ddl ddl);
    Ddl parse_rename(Ddl ddl);
    Ddl parse_create_view(Ddl ddl, ViewDefinition view);
    Ddl parse_database(Ddl ddl, DdlKind kind);
    Ddl finish_ddl(Ddl ddl, const std::optional<IndexDefinition>& index);
    void scan_table_references(Ddl& ddl);
    void add_table(Ddl& ddl, bool target);
    Statement parse_alter_vschema();
    void parse_vindex_definition(AlterVschema& change);
    Statement parse_migration_command(bool revert);

    struct CommentAt {
        std::uint32_t token;  // stands before this one
        Span span;
    };

    std::string_view text_;
    LexerMode mode_;
    std::vector<Token> tokens_;
    std::vector<CommentAt> comments_;
    std::size_t index_ = 0;
    int depth_ = 0;   // of the recursion
    int height_ = 0;  // of the highest expression or join since the innermost enclosing one began
    int parameters_ = 0;
    int queries_ = 0;            // that enclose the current token
    std::size_t ddl_query_ = 0;  // where the query of CREATE TABLE .. SELECT begins; 0: none
};

// One step of recursion; the height of what was parsed is known at its end.
class Depth {
 public:
    explicit Depth(Parser& parser);
    ~Depth();
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    void grow();  // the tree got one higher: a link of a left-deep chain

 private:
    Parser& parser_;
    int outer_height_;
};

}  // namespace sluice::sql::detail
