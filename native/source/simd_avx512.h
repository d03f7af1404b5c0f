// Sixteen floats at a time: AVX-512.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace tidegate {
namespace {

struct Vec {
    static constexpr int64_t width = 16;
    static constexpr int registers = 32;
    __m512 v;
};

// The lanes of a vector that hold units: all of them, but for the last vector of a layer.
struct Mask {
    __mmask16 bits;
};

inline Mask mask_of(int64_t count) {
    return {static_cast<__mmask16>(count >= Vec::width ? 0xffffu : (1u << count) - 1u)};
}
inline Vec zero() { return {_mm512_setzero_ps()}; }
inline Vec broadcast(float x) { return {_mm512_set1_ps(x)}; }
inline Vec load(const float *p) { return {_mm512_loadu_ps(p)}; }
inline Vec load(const float *p, Mask m) { return {_mm512_maskz_loadu_ps(m.bits, p)}; }
inline void store(float *p, Vec a) { _mm512_storeu_ps(p, a.v); }
inline void store(float *p, Vec a, Mask m) { _mm512_mask_storeu_ps(p, m.bits, a.v); }
// Holds a loaded vector in a register: compilers fold a load into each multiplication else, and load it again and again.
inline void hold(Vec &a) { asm("" : "+v"(a.v)); }
inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec negative_multiply_add(Vec a, Vec b, Vec c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
// x between low and high; NaN stays NaN, since max and min give their second operand back.
inline Vec clamp(Vec x, Vec low, Vec high) {
    return {_mm512_min_ps(high.v, _mm512_max_ps(low.v, x.v))};
}
inline Vec at_least_zero(Vec x) { return {_mm512_max_ps(_mm512_setzero_ps(), x.v)}; }
inline Vec where_positive(Vec condition, Vec x) {
    return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(condition.v, _mm512_setzero_ps(), _CMP_NLE_UQ), x.v)};
}
// 2 to the power of n, from n + 1.5·2^23: whole numbers n from -126 to 127, which are then the last bits.
inline Vec power_of_two(Vec n_above) {
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(n_above.v), 23);
    return {_mm512_castsi512_ps(_mm512_add_epi32(exponent, _mm512_set1_epi32(127 << 23)))};
}
// 1 / x by one Newton step: 2 units in the last place, for x from 1 to 2^127, where it may flush to 0.
inline Vec reciprocal(Vec x) {
    const __m512 y = _mm512_rcp14_ps(x.v);
    return {_mm512_fmadd_ps(_mm512_fnmadd_ps(x.v, y, _mm512_set1_ps(1.0f)), y, y)};
}

// Sixteen rows of sixteen become columns.
inline void transpose(Vec (&r)[16]) {
    __m512 t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i].v, r[i + 1].v);
        t[i + 1] = _mm512_unpackhi_ps(r[i].v, r[i + 1].v);
    }
    __m512 u[16];
    for (int i = 0; i < 16; i += 4) {
        u[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44);
        u[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
        u[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        u[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; ++i) {
        const __m512 a = _mm512_shuffle_f32x4(u[i], u[i + 4], 0x88);
        const __m512 b = _mm512_shuffle_f32x4(u[i], u[i + 4], 0xdd);
        const __m512 c = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0x88);
        const __m512 d = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0xdd);
        r[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
        r[i + 4].v = _mm512_shuffle_f32x4(b, d, 0x88);
        r[i + 8].v = _mm512_shuffle_f32x4(a, c, 0xdd);
        r[i + 12].v = _mm512_shuffle_f32x4(b, d, 0xdd);
    }
}

}  // namespace
}  // namespace tidegate
