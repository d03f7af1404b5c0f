// Eight floats at a time: AVX2 with FMA.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace tidegate {
namespace {

struct Vec {
    static constexpr int64_t width = 8;
    static constexpr int registers = 16;
    __m256 v;
};

// The lanes of a vector that hold units: all of them, but for the last vector of a layer.
struct Mask {
    __m256i bits;
    bool full;
};

inline Mask mask_of(int64_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const int bound = count < Vec::width ? static_cast<int>(count) : static_cast<int>(Vec::width);
    return {_mm256_cmpgt_epi32(_mm256_set1_epi32(bound), lane), count >= Vec::width};
}
inline Vec zero() { return {_mm256_setzero_ps()}; }
inline Vec broadcast(float x) { return {_mm256_set1_ps(x)}; }
inline Vec load(const float *p) { return {_mm256_loadu_ps(p)}; }
inline Vec load(const float *p, Mask m) { return {m.full ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, m.bits)}; }
inline void store(float *p, Vec a) { _mm256_storeu_ps(p, a.v); }
inline void store(float *p, Vec a, Mask m) {
    if (m.full) {
        _mm256_storeu_ps(p, a.v);
    } else {
        _mm256_maskstore_ps(p, m.bits, a.v);
    }
}
// Holds a loaded vector in a register: compilers fold a load into each multiplication else, and load it again and again.
inline void hold(Vec &a) { asm("" : "+x"(a.v)); }
inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec negative_multiply_add(Vec a, Vec b, Vec c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
// x between low and high; NaN stays NaN, since max and min give their second operand back.
inline Vec clamp(Vec x, Vec low, Vec high) { return {_mm256_min_ps(high.v, _mm256_max_ps(low.v, x.v))}; }
inline Vec at_least_zero(Vec x) { return {_mm256_max_ps(_mm256_setzero_ps(), x.v)}; }
inline Vec where_positive(Vec condition, Vec x) {
    return {_mm256_and_ps(_mm256_cmp_ps(condition.v, _mm256_setzero_ps(), _CMP_NLE_UQ), x.v)};
}
// 2 to the power of n, from n + 1.5·2^23: whole numbers n from -126 to 127, which are then the last bits.
inline Vec power_of_two(Vec n_above) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(n_above.v), 23);
    return {_mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_set1_epi32(127 << 23)))};
}
inline Vec reciprocal(Vec x) { return {_mm256_div_ps(_mm256_set1_ps(1.0f), x.v)}; }

// Eight rows of eight become columns.
inline void transpose(Vec (&r)[8]) {
    __m256 t[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i].v, r[i + 1].v);
        t[i + 1] = _mm256_unpackhi_ps(r[i].v, r[i + 1].v);
    }
    __m256 u[8];
    for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        u[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        u[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        u[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; ++i) {
        r[i].v = _mm256_permute2f128_ps(u[i], u[i + 4], 0x20);
        r[i + 4].v = _mm256_permute2f128_ps(u[i], u[i + 4], 0x31);
    }
}

}  // namespace
}  // namespace tidegate
