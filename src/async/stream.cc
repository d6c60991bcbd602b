// A connection's bytes: what the session reads its commands from and writes its results to.
#include "async/stream.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "async/detail/tls_state.h"
#include "async/loop.h"
#include "async/tls.h"
#include "base/limits.h"

namespace sluice::async {
namespace {

// Chunks of the usual size go from connection to connection; an idle connection holds none.
class ChunkPool {
 public:
    ChunkPool() { free_.reserve(kept); }
    ChunkPool(const ChunkPool&) = delete;
    ChunkPool& operator=(const ChunkPool&) = delete;
    ~ChunkPool() {
        for (std::uint8_t* chunk : free_) delete[] chunk;
    }
    std::uint8_t* take() {
        if (free_.empty()) return new std::uint8_t[limits::read_chunk];
        std::uint8_t* chunk = free_.back();
        free_.pop_back();
        return chunk;
    }
    void give(std::uint8_t* chunk) {
        if (free_.size() < kept) {
            free_.push_back(chunk);
        } else {
            delete[] chunk;
        }
    }

 private:
    static constexpr std::size_t kept = 16;
    std::vector<std::uint8_t*> free_;
};

thread_local ChunkPool chunks;

}  // namespace

Stream::Stream() = default;
Stream::Stream(Socket socket) : socket_(std::move(socket)) {}

Stream::Stream(Stream&& other) noexcept
    : socket_(std::move(other.socket_)),
      buffer_(std::exchange(other.buffer_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      write_timeout_(other.write_timeout_),
      tls_(std::move(other.tls_)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
    if (this == &other) return *this;
    socket_.close();
    release_buffer();
    socket_ = std::move(other.socket_);
    buffer_ = std::exchange(other.buffer_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    write_timeout_ = other.write_timeout_;
    tls_ = std::move(other.tls_);
    return *this;
}

Stream::~Stream() {
    socket_.close();
    release_buffer();
}

void Stream::close() {
    socket_.close();
    release_buffer();
}

void Stream::release_buffer() {
    if (buffer_ == nullptr) return;
    if (capacity_ == limits::read_chunk) {
        chunks.give(buffer_);
    } else {
        delete[] buffer_;
    }
    buffer_ = nullptr;
    capacity_ = begin_ = end_ = 0;
}

void Stream::make_room(std::size_t want) {
    if (begin_ == end_) begin_ = end_ = 0;
    const std::size_t held = end_ - begin_;
    // Room for what is wanted, and for at least a quarter of the buffer, so that reads stay large.
    const std::size_t needed = std::max(want, held + 1);
    if (buffer_ != nullptr && capacity_ - begin_ >= needed && capacity_ - end_ >= capacity_ / 4)
        return;
    if (buffer_ != nullptr && capacity_ >= needed && capacity_ - held >= capacity_ / 4) {
        std::memmove(buffer_, buffer_ + begin_, held);
    } else {
        const std::size_t size =
            needed + needed / 4 <= limits::read_chunk ? limits::read_chunk : needed + needed / 4;
        std::uint8_t* larger = size == limits::read_chunk ? chunks.take() : new std::uint8_t[size];
        if (held != 0) std::memcpy(larger, buffer_ + begin_, held);
        release_buffer();
        buffer_ = larger;
        capacity_ = size;
    }
    begin_ = 0;
    end_ = held;
}

Task<Result<void>> Stream::fill(Stop* stop, std::size_t want) {
    if (tls_ != nullptr) co_return co_await fill_tls(stop, want);
    const std::size_t before = received().size();
    while (received().size() == before) {
        CO_TRY(co_await readable(stop));
        CO_TRY(read_now(want));
    }
    co_return Result<void>{};
}

Socket::Wait Stream::readable(Stop* stop) {
    VT_ASSERT(tls_ == nullptr);
    if (begin_ == end_) release_buffer();
    return socket_.readable(stop);
}

Result<void> Stream::read_now(std::size_t want) {
    make_room(want);
    end_ += TRY(socket_.read_now({buffer_ + end_, capacity_ - end_}));
    return {};
}

void Stream::watch(Stop* stop) {
    if (begin_ == end_) release_buffer();
    socket_.watch(stop);
}

Task<Result<void>> Stream::write(Bytes first, Bytes second, Stop* stop) {
    if (tls_ != nullptr) return write_tls(first, second, stop);
    return socket_.write(first, second, stop, write_timeout_);
}

Task<Result<void>> Stream::write_tls(Bytes first, Bytes second, Stop* stop) {
    for (Bytes part : {first, second}) {
        while (!part.empty()) {
            // One record's worth at a time, so that the outgoing buffer stays small.
            const auto size = static_cast<int>(std::min<std::size_t>(part.size(), 64 * 1024));
            const int taken = SSL_write(tls_->ssl, part.data(), size);
            if (taken <= 0)
                co_return fail(Code::unavailable, er::cr_server_lost,
                               "TLS: the connection cannot be written");
            part = part.subspan(static_cast<std::size_t>(taken));
            char* waiting = nullptr;
            const long length = BIO_get_mem_data(tls_->outgoing, &waiting);
            tls_->sending.assign(waiting, waiting + length);
            BIO_reset(tls_->outgoing);
            CO_TRY(co_await socket_.write(tls_->sending, {}, stop, write_timeout_));
        }
    }
    // Records of short answers are kept for the next one.
    if (tls_->sending.capacity() > limits::read_chunk)
        std::vector<std::uint8_t>().swap(tls_->sending);
    co_return Result<void>{};
}

}  // namespace sluice::async
