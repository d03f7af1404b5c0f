// The inner loop of everything: a few rows times a panel of weights, all sums in registers.
//
// Include after one of simd_*.h.
#pragma once
#include <cstdint>

// Sums stay in registers only if every loop over them is unrolled and every function that sees them is inlined.
#define TIDEGATE_INLINE inline __attribute__((always_inline))

namespace tidegate {
namespace {

// Sums of a tile: M rows, N vectors.
template <int M, int N>
struct Sums {
    Vec of[M][N];
    // All rows begin at `start`, N vectors.
    explicit TIDEGATE_INLINE Sums(const float *start) {
#pragma GCC unroll 8
        for (int j = 0; j < N; ++j) {
            const Vec first = load(start + j * Vec::width);
#pragma GCC unroll 8
            for (int i = 0; i < M; ++i) of[i][j] = first;
        }
    }
    TIDEGATE_INLINE Sums() {
#pragma GCC unroll 8
        for (int i = 0; i < M; ++i) {
#pragma GCC unroll 8
            for (int j = 0; j < N; ++j) of[i][j] = zero();
        }
    }
};

// sums += a·panel; a: M rows of `count` numbers; panel: for each of them N vectors.
//
// Meanwhile it asks for the weights `ahead`, Ahead vectors for each number: those of the next panel, where the weights do not
// stay in the core's own cache.
template <int Ahead, int M, int N>
TIDEGATE_INLINE const float *multiply(Sums<M, N> &sums, const float *a, int64_t stride, const float *panel, int64_t count,
                                      const float *ahead) {
    for (int64_t k = 0; k < count; ++k) {
        Vec weights[N];
#pragma GCC unroll 8
        for (int j = 0; j < N; ++j) {
            weights[j] = load(panel + j * Vec::width);
            hold(weights[j]);
        }
#pragma GCC unroll 8
        for (int j = 0; j < Ahead; ++j) __builtin_prefetch(ahead + (k * Ahead + j) * Vec::width, 0, 2);
#pragma GCC unroll 8
        for (int i = 0; i < M; ++i) {
            const Vec value = broadcast(a[i * stride + k]);
#pragma GCC unroll 8
            for (int j = 0; j < N; ++j) sums.of[i][j] = multiply_add(value, weights[j], sums.of[i][j]);
        }
        panel += N * Vec::width;
    }
    return panel;
}

// Sums out of their registers, so that what follows can be a loop: the stores cost less than so much more code.
template <int M, int N>
TIDEGATE_INLINE void keep(const Sums<M, N> &sums, float (&kept)[M][N * Vec::width]) {
#pragma GCC unroll 8
    for (int i = 0; i < M; ++i) {
#pragma GCC unroll 8
        for (int j = 0; j < N; ++j) store(kept[i] + j * Vec::width, sums.of[i][j]);
    }
}

// Rows that a tile of N vectors may have, so that sums, weights and one value fit the registers.
constexpr int most_rows(int vectors) {
    return Vec::registers == 32 ? (vectors == 4 ? 6 : vectors == 3 ? 8 : 8)
                                : (vectors == 4 ? 2 : vectors == 3 ? 3 : 4);
}

// Calls run(first row, std::integral_constant of the number of rows) for tiles as even as can be: 7 rows are 4 + 3.
template <int Most, class Run>
inline void in_tiles(int64_t rows, const Run &run);

template <int M>
struct Rows {
    static constexpr int count = M;
};

template <int Most, class Run>
inline void with_rows(int64_t rows, const Run &run, Rows<Most>) {
    if (rows == Most) {
        run(Rows<Most>());
    } else if constexpr (Most > 1) {
        with_rows(rows, run, Rows<Most - 1>());
    }
}

template <int Most, class Run>
inline void in_tiles(int64_t rows, const Run &run) {
    const int64_t tiles = (rows + Most - 1) / Most;
    for (int64_t tile = 0; tile < tiles; ++tile) {
        const int64_t first = rows * tile / tiles;
        with_rows(rows * (tile + 1) / tiles - first, [&](auto count) { run(first, count); }, Rows<Most>());
    }
}

}  // namespace
}  // namespace tidegate
