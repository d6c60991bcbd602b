#pragma once
// What a plan is cached by: one lexer pass gives a 128-bit hash of the statement with its literals
// taken out, and where the literals stand. Two texts with one fingerprint parse to trees that
// differ only in the text of literals in the same slots, and normalise to the same statement,
// except where pinned slots differ (sql/normalize.h).
//
// The hash holds: every word and operator as written; of each literal its kind, whether an integer
// fits INT64, UINT64 or neither, digits and scale of decimals, which literals of a SELECT, UPDATE
// or DELETE are equal to which (byte for byte); whether a space stands before a parenthesis behind
// a word; contents of /*vt+ */, /*+ */ and
// /*! */ comments (other comments do not count); DATE'..', TIME'..', TIMESTAMP'..' and their
// forms {d '..'} whole; the lexer mode. IN (literals of one kind) is one slot whatever its length.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sql/lexer.h"
#include "values/value.h"

namespace sluice::sql {

// Random numbers of the process, so that nobody can prepare collisions.
struct FingerprintSeed {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

struct LiteralSlot {
    TokenKind kind = TokenKind::end;  // integer .. bit_string, string, national
    bool list = false;                // IN (...): offset and length cover the parentheses
    bool escapes = false;             // a string whose bytes between the quotes are not its value
    bool introduced = false;          // stands behind _charset
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint16_t group = 0;  // slots of one group other than 0 have equal texts
    std::uint16_t reserved = 0;

    bool operator==(const LiteralSlot&) const = default;
};
static_assert(sizeof(LiteralSlot) == 16);

// By the first keyword, behind comments and opening parentheses.
enum class StatementClass : std::uint8_t {
    unknown,
    empty,
    select,
    insert,
    replace,
    update,
    delete_,
    set,
    show,
    use,
    begin,
    commit,
    rollback,
    savepoint,
    release,
    kill,
    ddl,
    explain,
    vexplain,
    describe,
    prepare,
    execute,
    deallocate,
    call,
    lock,
    unlock,
    flush,
    analyze,
    other_admin,
    load,
    stream,
    vstream,
    revert,
};
StatementClass classify(std::string_view text, const LexerMode& mode = {});

class Fingerprint {
 public:
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::uint32_t tokens = 0;  // with a list counted as one
    std::uint32_t normal_length =
        0;  // bytes of all tokens, literals counted as 1; checked again on a hit
    StatementClass statement = StatementClass::unknown;
    bool one_statement = false;     // semicolons at the end do not count
    bool failed = false;            // the lexer met an error: parse for the message
    bool user_variables = false;    // @x
    bool system_variables = false;  // @@x
    bool dots = false;              // a name may be qualified
    bool version_comment =
        false;  // /*! */, MariaDB's /*M! */, v21's //: never forward the text as it came
    bool directives = false;          // /*vt+ */
    bool select_literals = false;     // literals between SELECT and FROM, which may name columns
    std::uint32_t parameters = 0;     // count of ?
    std::uint32_t statement_end = 0;  // offset behind the last token of the first statement

    std::span<const LiteralSlot> slots() const { return slots_; }
    // Equal in all that a cached plan is found by.
    bool same_key(const Fingerprint& other) const {
        return high == other.high && low == other.low && tokens == other.tokens &&
               normal_length == other.normal_length;
    }

 private:
    friend class FingerprintPass;
    std::vector<LiteralSlot> slots_;  // keeps its room from one statement to the next
};

// Fills `out`, reusing its storage: no allocation once it has room for the statement's slots. Only
// the first statement of the text is read.
void fingerprint(std::string_view text, const LexerMode& mode, const FingerprintSeed& seed,
                 Fingerprint& out);

// The slot's value, decoded: INT64, UINT64 or DECIMAL by its size, DECIMAL, FLOAT64, VARCHAR,
// HEXNUM, HEXVAL, BITNUM as v21 types literals. Allocates only what std::string must. `text` is the
// fingerprinted text.
Value slot_value(std::string_view text, const LiteralSlot& slot, const LexerMode& mode);
// Elements of a list slot.
std::vector<Value> slot_list(std::string_view text, const LiteralSlot& slot, const LexerMode& mode);

}  // namespace sluice::sql
