#pragma once
// MySQL's words (INFORMATION_SCHEMA.KEYWORDS of MySQL 8.0) and v21's own. Reserved ones are names
// only in back-quotes; the quoted ones are printed in back-quotes as v21 does; the plain ones are
// printed as they are.
#include <array>
#include <cstdint>
#include <string_view>

// clang-format off
#define SLUICE_RESERVED_WORDS(X) \
    X(accessible) X(add) X(all) X(alter) X(analyze) X(and) X(as) X(asc) X(asensitive) X(before) \
    X(between) X(bigint) X(binary) X(blob) X(both) X(by) X(call) X(cascade) X(case) X(change) \
    X(char) X(character) X(check) X(collate) X(column) X(condition) X(constraint) X(continue) \
    X(convert) X(create) X(cross) X(cube) X(cume_dist) X(current_date) X(current_time) \
    X(current_timestamp) X(current_user) X(cursor) X(database) X(databases) X(day_hour) \
    X(day_microsecond) X(day_minute) X(day_second) X(dec) X(decimal) X(declare) X(default) \
    X(delayed) X(delete) X(dense_rank) X(desc) X(describe) X(deterministic) X(distinct) \
    X(distinctrow) X(div) X(double) X(drop) X(dual) X(each) X(else) X(elseif) X(empty) \
    X(enclosed) X(escaped) X(except) X(exists) X(exit) X(explain) X(false) X(fetch) \
    X(first_value) X(float) X(float4) X(float8) X(for) X(force) X(foreign) X(from) X(fulltext) \
    X(function) X(generated) X(get) X(grant) X(group) X(grouping) X(groups) X(having) \
    X(high_priority) X(hour_microsecond) X(hour_minute) X(hour_second) X(if) X(ignore) X(in) \
    X(index) X(infile) X(inner) X(inout) X(insensitive) X(insert) X(intersect) X(int) X(int1) X(int2) X(int3) \
    X(int4) X(int8) X(integer) X(interval) X(into) X(io_after_gtids) X(io_before_gtids) X(is) \
    X(iterate) X(join) X(json_table) X(key) X(keys) X(kill) X(lag) X(last_value) X(lateral) \
    X(lead) X(leading) X(leave) X(left) X(like) X(limit) X(linear) X(lines) X(load) X(localtime) \
    X(localtimestamp) X(lock) X(long) X(longblob) X(longtext) X(loop) X(low_priority) \
    X(master_bind) X(master_ssl_verify_server_cert) X(match) X(maxvalue) X(mediumblob) \
    X(mediumint) X(mediumtext) X(middleint) X(minute_microsecond) X(minute_second) X(mod) \
    X(modifies) X(natural) X(no_write_to_binlog) X(not) X(nth_value) X(ntile) X(null) X(numeric) \
    X(of) X(on) X(optimize) X(optimizer_costs) X(option) X(optionally) X(or) X(order) X(out) \
    X(outer) X(outfile) X(over) X(partition) X(percent_rank) X(precision) X(primary) X(procedure) \
    X(purge) X(range) X(rank) X(read) X(read_write) X(reads) X(real) X(recursive) X(references) \
    X(regexp) X(release) X(rename) X(repeat) X(replace) X(require) X(resignal) X(restrict) \
    X(return) X(revoke) X(right) X(rlike) X(row) X(row_number) X(rows) X(schema) X(schemas) \
    X(second_microsecond) X(select) X(sensitive) X(separator) X(set) X(show) X(signal) \
    X(smallint) X(spatial) X(specific) X(sql) X(sql_big_result) X(sql_calc_found_rows) \
    X(sql_small_result) X(sqlexception) X(sqlstate) X(sqlwarning) X(ssl) X(starting) X(stored) \
    X(straight_join) X(system) X(table) X(terminated) X(then) X(tinyblob) X(tinyint) X(tinytext) \
    X(to) X(trailing) X(trigger) X(true) X(undo) X(union) X(unique) X(unlock) X(unsigned) \
    X(update) X(usage) X(use) X(using) X(utc_date) X(utc_time) X(utc_timestamp) X(values) \
    X(varbinary) X(varchar) X(varcharacter) X(varying) X(virtual) X(when) X(where) X(while) \
    X(window) X(with) X(write) X(xor) X(year_month) X(zerofill)

#define SLUICE_QUOTED_WORDS(X) \
    X(action) X(adddate) X(admin) X(after) X(against) X(algorithm) X(always) X(any_value) \
    X(array) X(ascii) X(auto_increment) X(autoextend_size) X(avg) X(avg_row_length) X(begin) \
    X(bit) X(bit_and) X(bit_or) X(bit_xor) X(bool) X(boolean) X(btree) X(buckets) X(byte) \
    X(cascaded) X(cast) X(channel) X(charset) X(checksum) X(cleanup) X(clone) X(coalesce) X(code) \
    X(collation) X(column_format) X(columns) X(comment) X(commit) X(committed) X(compact) \
    X(completion) X(compressed) X(compression) X(concurrent) X(connection) X(consistent) X(copy) \
    X(count) X(csv) X(curdate) X(current) X(curtime) X(data) X(date) X(date_add) X(date_sub) \
    X(datetime) X(deallocate) X(definer) X(definition) X(delay_key_write) X(directory) X(disable) \
    X(discard) X(disk) X(do) X(dumpfile) X(duplicate) X(dynamic) X(enable) X(encryption) X(end) \
    X(enforced) X(engine) X(engine_attribute) X(engines) X(enum) X(error) X(escape) X(event) \
    X(exchange) X(exclude) X(exclusive) X(execute) X(expansion) X(expire) X(export) X(extended) \
    X(extract) X(extractvalue) X(fields) X(file) X(file_block_size) X(first) X(fixed) X(flush) \
    X(following) X(force_cutover) X(format) X(format_bytes) X(format_pico_time) X(full) \
    X(general) X(geomcollection) X(geometry) X(geometrycollection) X(get_lock) X(global) \
    X(group_concat) X(gtid_executed) X(gtid_subset) X(gtid_subtract) X(hash) X(header) X(hosts) \
    X(indexes) X(inplace) X(insert_method) X(invisible) X(is_free_lock) X(is_used_lock) \
    X(isolation) X(json) X(json_array) X(json_arrayagg) X(json_contains) X(json_contains_path) \
    X(json_depth) X(json_extract) X(json_insert) X(json_keys) X(json_length) X(json_merge) \
    X(json_merge_patch) X(json_merge_preserve) X(json_object) X(json_objectagg) X(json_overlaps) \
    X(json_pretty) X(json_quote) X(json_remove) X(json_replace) X(json_schema_valid) \
    X(json_schema_validation_report) X(json_search) X(json_set) X(json_storage_free) \
    X(json_storage_size) X(json_type) X(json_unquote) X(json_valid) X(json_value) \
    X(key_block_size) X(keyspaces) X(language) X(last) X(launch) X(less) X(level) X(linestring) \
    X(local) X(locate) X(locked) X(locks) X(logfile) X(logs) X(ltrim) X(manifest) \
    X(master_compression_algorithms) X(master_connect_retry) X(master_delay) \
    X(master_heartbeat_period) X(master_host) X(master_log_file) X(master_log_pos) X(master_port) \
    X(master_public_key_path) X(master_retry_count) X(master_server_id) X(master_ssl) \
    X(master_ssl_ca) X(master_ssl_capath) X(master_ssl_cert) X(master_ssl_cipher) \
    X(master_ssl_crl) X(master_ssl_crlpath) X(master_ssl_key) X(master_tls_ciphersuites) \
    X(master_tls_version) X(master_user) X(master_zstd_compression_level) X(max) X(max_rows) \
    X(member) X(memory) X(merge) X(min) X(min_rows) X(mode) X(modify) X(multilinestring) \
    X(multipoint) X(multipolygon) X(name) X(names) X(national) X(ndb) X(ndbcluster) X(nested) \
    X(network_namespace) X(next) X(no) X(no_wait) X(none) X(now) X(nowait) X(nulls) X(off) \
    X(offset) X(only) X(open) X(optional) X(ordinality) X(overwrite) X(pack_keys) X(parser) \
    X(partial) X(partitioning) X(partitions) X(path) X(persist) X(persist_only) X(plugins) \
    X(point) X(polygon) X(position) X(preceding) X(prepare) X(privileges) X(process) \
    X(processlist) X(quarter) X(queries) X(query) X(random) X(ratio) X(rebuild) X(redundant) \
    X(regexp_instr) X(regexp_like) X(regexp_replace) X(regexp_substr) X(relay) \
    X(release_all_locks) X(release_lock) X(remove) X(reorganize) X(repair) X(repeatable) \
    X(replica) X(replicas) X(replicate_do_table) X(replicate_ignore_db) X(replicate_ignore_table) \
    X(replicate_rewrite_db) X(replicate_wild_do_table) X(replicate_wild_ignore_table) \
    X(replication) X(require_row_format) X(require_table_primary_key_check) X(respect) X(retry) \
    X(returning) X(rollback) X(rollup) X(row_format) X(rtree) X(rtrim) X(s3) X(savepoint) \
    X(second) X(secondary) X(secondary_engine) X(secondary_engine_attribute) X(security) \
    X(sequence) X(serializable) X(session) X(session_user) X(share) X(shared) X(simple) X(skip) \
    X(slow) X(snapshot) X(source_connection_auto_failover) X(sql_after_mts_gaps) \
    X(sql_before_gtids) X(sql_buffer_result) X(sql_cache) X(sql_no_cache) X(sql_tsi_hour) \
    X(sql_tsi_minute) X(sql_tsi_month) X(sql_tsi_quarter) X(sql_tsi_second) X(sql_tsi_week) \
    X(sql_tsi_year) X(srid) X(start) X(stats_auto_recalc) X(stats_persistent) \
    X(stats_sample_pages) X(status) X(std) X(stddev) X(stddev_pop) X(stddev_samp) X(storage) \
    X(stream) X(subdate) X(subpartition) X(subpartitions) X(substr) X(substring) X(sum) \
    X(sysdate) X(system_user) X(tables) X(tablespace) X(temporary) X(temptable) X(text) X(than) \
    X(throttle) X(throttler) X(time) X(timestamp) X(timestampadd) X(timestampdiff) X(traditional) \
    X(transaction) X(tree) X(triggers) X(trim) X(truncate) X(unbounded) X(uncommitted) \
    X(undefined) X(unicode) X(unknown) X(unthrottle) X(unused) X(updatexml) X(user) \
    X(user_resources) X(validation) X(var_pop) X(var_samp) X(variables) X(variance) X(vector) \
    X(vexplain) X(vgtid_executed) X(view) X(vindex) X(vindexes) X(visible) X(vitess) \
    X(vitess_keyspaces) X(vitess_metadata) X(vitess_migration) X(vitess_migrations) \
    X(vitess_replication_status) X(vitess_shards) X(vitess_tablets) X(vitess_target) \
    X(vitess_throttle) X(vitess_throttled_apps) X(vitess_throttler) X(vschema) X(vstream) \
    X(vtexplain) X(wait_for_executed_gtid_set) X(warnings) X(week) X(weight_string) X(without) \
    X(year) X(yes)

#define SLUICE_PLAIN_WORDS(X) \
    X(account) X(active) X(aggregate) X(any) X(at) X(attribute) X(backup) X(binary_logs) \
    X(binlog) X(block) X(cache) X(cancel) X(catalog_name) X(chain) X(changed) X(cipher) \
    X(class_origin) X(client) X(close) X(column_name) X(complete) X(component) \
    X(constraint_catalog) X(constraint_name) X(constraint_schema) X(contains) X(context) X(cpu) \
    X(cursor_name) X(datafile) X(day) X(default_auth) X(description) X(diagnostics) X(ends) \
    X(errors) X(events) X(every) X(extent_size) X(failed_login_attempts) X(fast) X(faults) \
    X(filter) X(follows) X(found) X(get_format) X(get_master_public_key) X(grants) \
    X(group_replication) X(handler) X(help) X(histogram) X(history) X(host) X(hour) X(identified) \
    X(ignore_server_ids) X(import) X(inactive) X(initial_size) X(install) X(instance) X(invoker) \
    X(io) X(io_thread) X(ipc) X(issuer) X(leaves) X(list) X(master) X(master_auto_position) \
    X(max_connections_per_hour) X(max_queries_per_hour) X(max_size) X(max_updates_per_hour) \
    X(max_user_connections) X(medium) X(message_text) X(microsecond) X(migrate) X(minute) \
    X(month) X(mutex) X(mysql_errno) X(nchar) X(never) X(new) X(nodegroup) X(number) X(nvarchar) \
    X(oj) X(old) X(one) X(options) X(organization) X(others) X(owner) X(page) X(phase) X(plan) \
    X(plugin) X(plugin_dir) X(port) X(precedes) X(preserve) X(prev) X(privilege_checks_user) \
    X(profile) X(profiles) X(proxy) X(quick) X(read_only) X(recover) X(redo_buffer_size) \
    X(reference) X(relay_log_file) X(relay_log_pos) X(relay_thread) X(relaylog) X(reload) \
    X(replicate_do_db) X(reset) X(resource) X(restart) X(restore) X(resume) X(retain) \
    X(returned_sqlstate) X(returns) X(reuse) X(reverse) X(revert) X(role) X(rotate) X(routine) \
    X(row_count) X(schedule) X(schema_name) X(secondary_load) X(secondary_unload) X(serial) \
    X(server) X(shutdown) X(signed) X(slave) X(socket) X(some) X(soname) X(sounds) X(source) \
    X(sql_after_gtids) X(sql_thread) X(sql_tsi_day) X(stacked) X(starts) X(stop) X(string) \
    X(subclass_origin) X(subject) X(super) X(suspend) X(swaps) X(switches) X(table_checksum) \
    X(table_name) X(thread_priority) X(ties) X(tls) X(trace) X(transactions) X(type) X(types) \
    X(undo_buffer_size) X(undofile) X(uninstall) X(unresolved) X(until) X(upgrade) X(use_frm) \
    X(value) X(vcpu) X(wait) X(work) X(wrapper) X(x509) X(xa) X(xid) X(xml) X(zone)
// clang-format on

namespace sluice::sql::detail {

// Each word with an underscore behind it, since many are C++ keywords.
enum class Keyword : std::uint16_t {
    none,
#define SLUICE_WORD(word) word##_,
    SLUICE_RESERVED_WORDS(SLUICE_WORD) last_reserved_word_,
    SLUICE_QUOTED_WORDS(SLUICE_WORD) last_quoted_word_,
    SLUICE_PLAIN_WORDS(SLUICE_WORD)
#undef SLUICE_WORD
};

constexpr bool is_reserved(Keyword word) {
    return word != Keyword::none && word < Keyword::last_reserved_word_;
}
constexpr bool is_printed_quoted(Keyword word) {
    return word != Keyword::none && word < Keyword::last_quoted_word_ &&
           word != Keyword::last_reserved_word_;
}

// The keyword that `word` is in any case; none for others.
Keyword keyword_of(std::string_view word);

}  // namespace sluice::sql::detail
