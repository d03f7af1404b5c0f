/* Heap buffers of exact size for the kernels to read and write, which show what was touched and what was not.
 *
 * Every float begins as one NaN with a payload that no arithmetic makes: what is read and should not be turns results
 * into NaN, and what is written and should not be loses the payload. Around the buffer lies a zone of the same NaN. */
#ifndef TIDEGATE_TESTS_BUFFER_H
#define TIDEGATE_TESTS_BUFFER_H

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "check.h"
#include "tidegate/recurrence.h"

namespace buffer {

inline constexpr uint32_t untouched_bits = 0x7FC0BEEF;

inline float untouched() {
    float value;
    std::memcpy(&value, &untouched_bits, sizeof value);
    return value;
}

inline bool is_untouched(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits == untouched_bits;
}

/* Behind the buffer nothing is left under AddressSanitizer, which then sees reads beyond the end, too. In front one
 * float is always left, so that buffers are aligned to no more than a float: the interface asks for no more. */
inline constexpr int64_t zone_before = TIDEGATE_TESTS_SANITIZED ? 1 : 33;
inline constexpr int64_t zone_behind = TIDEGATE_TESTS_SANITIZED ? 0 : 64;

class Buffer {
public:
    Buffer() : Buffer(0) {}
    explicit Buffer(int64_t size)
        : size_(size), memory_(new float[static_cast<size_t>(zone_before + size + zone_behind)]) {
        std::fill(memory_.get(), memory_.get() + zone_before + size + zone_behind, untouched());
    }
    explicit Buffer(const std::vector<float> &values) : Buffer(static_cast<int64_t>(values.size())) {
        std::copy(values.begin(), values.end(), data());
    }

    float *data() { return memory_.get() + zone_before; }
    const float *data() const { return memory_.get() + zone_before; }
    int64_t size() const { return size_; }
    float operator[](int64_t i) const { return data()[i]; }
    std::vector<float> values() const { return std::vector<float>(data(), data() + size_); }

    void check_zones(const char *name) const {
        bool whole = true;
        for (int64_t i = 0; i < zone_before; ++i) whole = whole && is_untouched(memory_[static_cast<size_t>(i)]);
        for (int64_t i = 0; i < zone_behind; ++i) whole = whole && is_untouched(data()[size_ + i]);
        if (!whole) check::fail(__FILE__, __LINE__, std::string(name) + " was written beyond its ends");
    }

    void check_same(const char *name, const std::vector<float> &before) const {
        if (size_ != 0 && std::memcmp(before.data(), data(), static_cast<size_t>(size_) * sizeof(float)) != 0)
            check::fail(__FILE__, __LINE__, std::string(name) + " is only read by contract, and was changed");
        check_zones(name);
    }

private:
    int64_t size_;
    std::unique_ptr<float[]> memory_;
};

/* A matrix that a call reads: `stride` floats between its rows, each of `width`; none if width is 0. */
struct Matrix {
    const float *rows = nullptr;
    int64_t stride = 0, width = 0;
};

/* Weights of the forward pass, packed for the instruction set in use, with the promised alignment and not a float more
 * than asked for. */
class Packed {
public:
    Packed(int64_t cell, int64_t hidden, Matrix recurrent, Matrix input = {}, int64_t threads = 1) {
        size_ = tidegate_packed_size(cell, hidden, input.width);
        void *memory = nullptr;
        const int64_t bytes = (std::max<int64_t>(size_, 1) + zone_behind) * static_cast<int64_t>(sizeof(float));
        if (posix_memalign(&memory, 64, static_cast<size_t>(bytes)) != 0) std::abort();
        memory_.reset(static_cast<float *>(memory));
        std::fill(memory_.get(), memory_.get() + size_ + zone_behind, untouched());
        CHECK_EQUAL(TIDEGATE_OK, tidegate_pack(cell, hidden, input.width, recurrent.rows, recurrent.stride, input.rows,
                                               input.stride, memory_.get(), threads));
        bool whole = true;
        for (int64_t i = 0; i < zone_behind; ++i) whole = whole && is_untouched(memory_.get()[size_ + i]);
        if (!whole) check::fail(__FILE__, __LINE__, "tidegate_pack wrote beyond tidegate_packed_size");
    }

    const float *data() const { return memory_.get(); }
    int64_t size() const { return size_; }

private:
    struct Free {
        void operator()(float *memory) const { std::free(memory); }
    };
    int64_t size_ = 0;
    std::unique_ptr<float, Free> memory_;
};

/* The instruction sets that the library holds and this machine runs. */
inline std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
    for (const char *name : {"avx512", "avx2", "portable"})
        if (tidegate_has_isa(name) == 1) names.push_back(name);
    CHECK(!names.empty());
    return names;
}

} // namespace buffer

#endif
