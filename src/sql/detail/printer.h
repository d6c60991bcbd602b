#pragma once
// Writes trees as canonical text (format_*.cc). One instance per text.
#include <string>
#include <string_view>

#include "sql/format.h"

namespace sluice::sql::detail {

class Printer {
 public:
    explicit Printer(const FormatOptions& options) : options_(options) { out_.reserve(128); }

    std::string take() { return std::move(out_); }
    void print(const Statement& statement);
    void print(const Expr& expression);
    void print(const TableRef& table);
    void print(const Query& query);
    void print(const Select& select);
    void print(const Union& query);
    void print(const TableName& name);

    // alternatives of Expr
    void print(const Literal& literal);
    void print(const NullLiteral&) { out_ += "null"; }
    void print(const BoolLiteral& literal) { out_ += literal.value ? "true" : "false"; }
    void print(const Column& column);
    void print(const BindVariable& variable);
    void print(const Variable& variable);
    void print(const Unary& unary);
    void print(const Not& expression);
    void print(const Binary& binary);
    void print(const Compare& compare);
    void print(const And& conjunction);
    void print(const Or& disjunction);
    void print(const Xor& expression);
    void print(const Between& between);
    void print(const Is& is);
    void print(const Tuple& tuple);
    void print(const Subquery& subquery);
    void print(const Exists& exists);
    void print(const Case& expression);
    void print(const Star&) { out_ += '*'; }
    void print(const FunctionCall& call);
    void print(const Aggregate& aggregate);
    void print(const GroupConcat& call);
    void print(const Cast& cast);
    void print(const ConvertUsing& convert);
    void print(const Collate& collate);
    void print(const Introducer& introducer);
    void print(const Interval& interval);
    void print(const Extract& extract);
    void print(const TimestampFunction& call);
    void print(const Trim& trim);
    void print(const Match& match);
    void print(const MemberOf& member);
    void print(const CharFunction& call);
    void print(const WeightString& call);
    void print(const ValuesOf& values);
    void print(const Default& value);
    void print(const Assign& assign);
    void print(const JsonValue& call);
    void print(const JsonDualityObject& call);

    // alternatives of TableRef and SelectItem
    void print(const AliasedTable& table);
    void print(const DerivedTable& table);
    void print(const Join& join);
    void print(const ParenthesisedTables& tables);
    void print(const JsonTable& table);
    void print(const SelectExpr& item);
    void print(const SelectStar& item);
    void print(const SelectNext& item);

    // alternatives of Statement
    void print(const Insert& insert);
    void print(const Update& update);
    void print(const Delete& statement);
    void print(const Set& set);
    void print(const Show& show);
    void print(const Use& use);
    void print(const Begin& begin);
    void print(const Commit& commit) { word("commit").completion(commit.completion); }
    void print(const Rollback& rollback) { word("rollback").completion(rollback.completion); }
    void print(const Savepoint& savepoint) { word("savepoint ").name(savepoint.name); }
    void print(const RollbackTo& savepoint) { word("rollback to ").name(savepoint.name); }
    void print(const Release& savepoint) { word("release savepoint ").name(savepoint.name); }
    void print(const Kill& kill);
    void print(const Ddl& ddl);
    void print(const AlterVschema& change);
    void print(const Vexplain& vexplain);
    void print(const Explain& explain);
    void print(const Describe& describe);
    void print(const Prepare& prepare);
    void print(const Execute& execute);
    void print(const Deallocate& deallocate);
    void print(const Call& call);
    void print(const LockTables& lock);
    void print(const UnlockTables&) { out_ += "unlock tables"; }
    void print(const Flush& flush);
    void print(const OtherAdmin& admin) { out_ += admin.text; }
    void print(const Administration& statement) { out_ += statement.text; }
    void print(const Analyze& analyze);
    void print(const Load& load) { out_ += load.text; }
    void print(const Stream& stream);
    void print(const MigrationCommand& command);
    void print(const CommentOnly& comments);

    // parts of DDL
    void print(const IndexDefinition& index);
    void print(const ForeignKey& key);
    void print(const Check& check);
    void print(const AddColumns& add);
    void print(const ChangeColumn& change);
    void print(const AlterColumn& column);
    void print(const DropPart& part);
    void print(const RenamePart& part);
    void print(const RenameTable& rename);
    void print(const AlterIndex& index);
    void print(const AlterCheck& check);
    void print(const ConvertCharset& convert);
    void print(const OrderTable& order);
    void print(const TableOptions& options);
    void print(const AlterWords& words) { out_ += words.text; }
    void print(const PartitionChange& change);

 private:
    Printer& word(std::string_view text) {
        out_ += text;
        return *this;
    }
    Printer& name(std::string_view identifier) {
        append_identifier(out_, identifier);
        return *this;
    }
    Printer& bare(std::string_view name) {
        append_word(out_, name);
        return *this;
    }
    Printer& string(std::string_view text) {
        append_string(out_, text, options_.no_backslash_escapes);
        return *this;
    }
    // The expression, in parentheses if it binds more loosely than `power`.
    void operand(const Expr& expression, int power);
    template <class Items>
    void list(const Items& items, std::string_view separator = ", ") {
        bool first = true;
        for (const auto& item : items) {
            if (!first) out_ += separator;
            first = false;
            print(item);
        }
    }
    void names(const std::vector<std::string>& items);
    void completion(const Completion& clause) {
        if (clause.chain) out_ += " and chain";
        if (clause.release) out_ += " release";
    }
    void comments(const Comments& comments);
    void over(const std::optional<Box<Over>>& over);
    void group_by(const GroupBy& clause);
    void window(const WindowSpec& spec);
    void frame(const Frame& frame);
    void bound(const FrameBound& bound);
    void type(const CastType& type);
    void json_on(const JsonOn& action, std::string_view event);
    void json_columns(const std::vector<JsonTableColumn>& columns);
    void order_by(const std::vector<OrderItem>& items);
    void order_items(const std::vector<OrderItem>& items);
    void limit(const std::optional<Limit>& limit);
    void lock(LockKind kind, const std::vector<LockOf>& clauses);
    void into(const std::optional<Into>& into);
    void with(const With& with);
    void branch(const UnionBranch& branch, bool first, bool intersected);
    void where(const OptionalExpr& condition, std::string_view keyword = " where ");
    void partitions(const std::vector<std::string>& names);
    void assignments(const std::vector<Assignment>& assignments);
    void set_item(const SetAssignment& item);
    void show_filter(const Show& show);
    void vindex_definition(const AlterVschema& change);
    void table_names(const std::vector<TableName>& tables);
    void ddl_head(const Ddl& ddl, std::string_view verb, std::string_view what);
    void ddl_without_definition(const Ddl& ddl);
    void table_definition(const TableDefinition& table);
    void table_change(const Ddl& ddl, const TableChange& change);
    void view_definition(const Ddl& ddl, const ViewDefinition& view);
    void database(const Ddl& ddl, const DatabaseOptions& options);
    void named_option(const NamedOption& option);
    void column_type(const ColumnType& type);
    void default_value(const DefaultValue& value);
    void column_definition(const ColumnDefinition& column);
    void column_place(const ColumnPlace& place);
    void reference(const Reference& reference);
    void partitioning(const Partitioning& clause);
    void partition_by(const PartitionBy& by, std::string_view count);
    void partition(const PartitionDefinition& definition);
    void partition_body(const PartitionDefinition& definition);

    const FormatOptions& options_;
    std::string out_;
};

}  // namespace sluice::sql::detail
