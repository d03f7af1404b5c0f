// A few doubles at a time in the compiler's own vectors: TIDEGATE_CRF_WIDTH of them.
//
// All in an unnamed namespace and nothing of the standard library: code compiled for one instruction set must not be merged
// with another's.
#pragma once
#include <cstdint>
#include <cstring>

namespace tidegate {
namespace {

constexpr int64_t width = TIDEGATE_CRF_WIDTH;

typedef double Doubles __attribute__((vector_size(8 * TIDEGATE_CRF_WIDTH)));
typedef int64_t Integers __attribute__((vector_size(8 * TIDEGATE_CRF_WIDTH)));
typedef uint64_t Unsigned __attribute__((vector_size(8 * TIDEGATE_CRF_WIDTH)));
typedef int32_t Halves __attribute__((vector_size(4 * TIDEGATE_CRF_WIDTH)));

inline Doubles load(const double *p) {
    Doubles a;
    std::memcpy(&a, p, sizeof a);
    return a;
}

inline void store(double *p, Doubles a) { std::memcpy(p, &a, sizeof a); }

inline Doubles broadcast(double x) { return x - Doubles{}; }

inline Doubles larger(Doubles a, Doubles b) { return a > b ? a : b; }

inline double sum_of(Doubles a) {
    double sum = a[0];
    for (int64_t i = 1; i < width; ++i) sum += a[i];
    return sum;
}

inline double largest_of(Doubles a) {
    double most = a[0];
    for (int64_t i = 1; i < width; ++i) most = a[i] > most ? a[i] : most;
    return most;
}

// exp(x) by 2^n · e^r with n whole and |r| ≤ ln(2) / 2, and e^r by its series up to r^11, which is right to 7e-15. For x up
// to 0; below -708, where normal numbers end, it is 0. NaN stays NaN.
inline Doubles exp_of(Doubles x) {
    const Doubles rounder = broadcast(6755399441055744.0);  // 1.5·2^52: adding it rounds, and leaves n in the last bits
    const Doubles above = x * 1.4426950408889634 + rounder;
    const Doubles n = above - rounder;
    // ln(2) in two parts, so that n times the first is exact.
    const Doubles r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    Doubles series = broadcast(1.0 / 39916800);
    const double factors[] = {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                              1.0 / 24,      1.0 / 6,      0.5,         1.0,        1.0};
#pragma GCC unroll 11
    for (int i = 0; i < 11; ++i) series = series * r + factors[i];
    Unsigned bits;
    std::memcpy(&bits, &above, sizeof bits);
    bits = (bits << 52) + (uint64_t{1023} << 52);
    Doubles power;
    std::memcpy(&power, &bits, sizeof power);
    return x < -708.0 ? Doubles{} : series * power;
}

// run(first vector, Blocks<N>()) over `vectors` vectors, up to eight at once: their sums stay in registers, and hide each
// other's latency.
template <int N>
struct Blocks {
    static constexpr int count = N;
};

template <class Run>
inline __attribute__((always_inline)) void in_blocks(int64_t vectors, const Run &run) {
    int64_t first = 0;
    for (; vectors - first >= 8; first += 8) run(first, Blocks<8>());
    switch (vectors - first) {
        case 7: return run(first, Blocks<7>());
        case 6: return run(first, Blocks<6>());
        case 5: return run(first, Blocks<5>());
        case 4: return run(first, Blocks<4>());
        case 3: return run(first, Blocks<3>());
        case 2: return run(first, Blocks<2>());
        case 1: return run(first, Blocks<1>());
        default: return;
    }
}

}  // namespace
}  // namespace tidegate
