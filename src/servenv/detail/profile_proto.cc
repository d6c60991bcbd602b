// Beside a request: how a profile is written. Before: profile.cc.
#include "servenv/detail/profile_proto.h"

#include <cstdio>
#include <fstream>

#include <zlib.h>

namespace sluice::servenv::detail {
namespace {

void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
    out += static_cast<char>(value);
}
void put_number(std::string& out, std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;
    put_varint(out, field << 3U);
    put_varint(out, value);
}
void put_bytes(std::string& out, std::uint32_t field, const std::string& bytes) {
    put_varint(out, field << 3U | 2U);
    put_varint(out, bytes.size());
    out += bytes;
}

// Texts stand once in the profile and are named by their place.
class Strings {
 public:
    Strings() { place(""); }
    std::uint64_t place(const std::string& text) {
        const auto [at, added] = places_.try_emplace(text, order_.size());
        if (added) order_.push_back(text);
        return at->second;
    }
    void write(std::string& out) const {
        for (const std::string& text : order_) put_bytes(out, 6, text);
    }

 private:
    std::map<std::string, std::uint64_t> places_;
    std::vector<std::string> order_;
};

std::string value_type(Strings& strings, const std::pair<std::string, std::string>& type) {
    std::string out;
    put_number(out, 1, strings.place(type.first));
    put_number(out, 2, strings.place(type.second));
    return out;
}

// Locations are numbered from 1 by their address.
class Locations {
 public:
    std::uint64_t place(std::uint64_t address) {
        return places_.try_emplace(address, places_.size() + 1).first->second;
    }
    void write(std::string& out, const std::vector<ProfileMapping>& mappings) const {
        for (const auto& [address, id] : places_) {
            std::string location;
            put_number(location, 1, id);
            for (std::size_t i = 0; i < mappings.size(); ++i) {
                if (address >= mappings[i].start && address < mappings[i].limit)
                    put_number(location, 2, i + 1);
            }
            put_number(location, 3, address);
            put_bytes(out, 4, location);
        }
    }

 private:
    std::map<std::uint64_t, std::uint64_t> places_;
};

}  // namespace

std::string profile_bytes(const ProfileTable& table) {
    Strings strings;
    Locations locations;
    std::string out;
    for (const auto& type : table.types) put_bytes(out, 1, value_type(strings, type));
    for (const auto& [stack, values] : table.stacks) {
        std::string ids, numbers, sample;
        for (std::size_t i = 0; i < stack.size(); ++i) {
            // A return address lies behind the call.
            put_varint(ids, locations.place(i == 0 ? stack[i] : stack[i] - 1));
        }
        for (const std::int64_t value : values)
            put_varint(numbers, static_cast<std::uint64_t>(value));
        put_bytes(sample, 1, ids);
        put_bytes(sample, 2, numbers);
        put_bytes(out, 2, sample);
    }
    for (std::size_t i = 0; i < table.mappings.size(); ++i) {
        const ProfileMapping& each = table.mappings[i];
        std::string mapping;
        put_number(mapping, 1, i + 1);
        put_number(mapping, 2, each.start);
        put_number(mapping, 3, each.limit);
        put_number(mapping, 4, each.offset);
        put_number(mapping, 5, strings.place(each.file));
        put_bytes(out, 3, mapping);
    }
    locations.write(out, table.mappings);
    put_bytes(out, 11, value_type(strings, table.period_type));
    strings.write(out);
    put_number(out, 9, static_cast<std::uint64_t>(table.begun));
    put_number(out, 10, static_cast<std::uint64_t>(table.duration));
    put_number(out, 12, static_cast<std::uint64_t>(table.period));
    return out;
}

// "start-limit r-xp offset device inode   file"
std::vector<ProfileMapping> mappings_now() {
    std::vector<ProfileMapping> mappings;
    std::ifstream file("/proc/self/maps");
    for (std::string line; std::getline(file, line);) {
        ProfileMapping mapping;
        unsigned long start = 0, limit = 0, offset = 0;
        char rights[8] = "";
        int name = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx %7s %lx %*s %*s %n", &start, &limit, rights, &offset,
                        &name) < 4) {
            continue;
        }
        if (rights[2] != 'x') continue;
        mapping.start = start;
        mapping.limit = limit;
        mapping.offset = offset;
        mapping.file = line.substr(static_cast<std::size_t>(name));
        mappings.push_back(std::move(mapping));
    }
    return mappings;
}

Result<std::string> gzipped(const std::string& bytes) {
    z_stream stream{};
    constexpr int with_gzip_header = 15 + 16;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return fail(Code::internal, "zlib cannot be set up");
    }
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int done = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (done != Z_STREAM_END) return fail(Code::internal, "zlib cannot compress the profile");
    return out;
}

}  // namespace sluice::servenv::detail
