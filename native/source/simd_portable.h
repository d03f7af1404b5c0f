// Four floats at a time in the compiler's own vectors: NEON, SSE2, or whatever the target has.
#pragma once
#include <cstdint>
#include <cstring>

namespace tidegate {
namespace {

typedef float Floats __attribute__((vector_size(16)));
typedef uint32_t Unsigned __attribute__((vector_size(16)));

struct Vec {
    static constexpr int64_t width = 4;
#if defined(__aarch64__)
    static constexpr int registers = 32;
#else
    static constexpr int registers = 16;
#endif
    Floats v;
};

// The lanes of a vector that hold units: all of them, but for the last vector of a layer.
struct Mask {
    int64_t count;
};

inline Mask mask_of(int64_t count) { return {count < Vec::width ? count : Vec::width}; }
inline Vec zero() { return {Floats{0, 0, 0, 0}}; }
inline Vec broadcast(float x) { return {Floats{x, x, x, x}}; }
inline Vec load(const float *p) {
    Vec a;
    std::memcpy(&a.v, p, sizeof a.v);
    return a;
}
inline Vec load(const float *p, Mask m) {
    if (m.count == Vec::width) return load(p);
    Vec a = zero();
    for (int64_t i = 0; i < m.count; ++i) a.v[i] = p[i];
    return a;
}
inline void store(float *p, Vec a) { std::memcpy(p, &a.v, sizeof a.v); }
inline void store(float *p, Vec a, Mask m) {
    if (m.count == Vec::width) return store(p, a);
    for (int64_t i = 0; i < m.count; ++i) p[i] = a.v[i];
}
// Holds a loaded vector in a register: compilers fold a load into each multiplication else, and load it again and again.
inline void hold(Vec &a) {
#if defined(__aarch64__)
    asm("" : "+w"(a.v));
#elif defined(__x86_64__)
    asm("" : "+x"(a.v));
#else
    (void)a;
#endif
}
inline Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
inline Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
inline Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
// One instruction where the target has one: the compiler contracts the two.
inline Vec multiply_add(Vec a, Vec b, Vec c) { return {a.v * b.v + c.v}; }
inline Vec negative_multiply_add(Vec a, Vec b, Vec c) { return {c.v - a.v * b.v}; }
// x between low and high; NaN stays NaN, since no comparison with it holds.
inline Vec clamp(Vec x, Vec low, Vec high) {
    const Floats raised = x.v < low.v ? low.v : x.v;
    return {raised > high.v ? high.v : raised};
}
inline Vec at_least_zero(Vec x) {
    const Floats none = {0, 0, 0, 0};
    return {x.v < none ? none : x.v};
}
inline Vec where_positive(Vec condition, Vec x) {
    const Floats none = {0, 0, 0, 0};
    return {condition.v <= none ? none : x.v};
}
// 2 to the power of n, from n + 1.5·2^23: whole numbers n from -126 to 127, which are then the last bits.
inline Vec power_of_two(Vec n_above) {
    Unsigned bits;
    std::memcpy(&bits, &n_above.v, sizeof bits);
    bits = (bits << 23) + (127u << 23);
    Vec power;
    std::memcpy(&power.v, &bits, sizeof bits);
    return power;
}
inline Vec reciprocal(Vec x) { return {1.0f / x.v}; }

// Four rows of four become columns.
inline void transpose(Vec (&r)[4]) {
    for (int i = 0; i < 4; ++i) {
        for (int j = i + 1; j < 4; ++j) {
            const float kept = r[i].v[j];
            r[i].v[j] = r[j].v[i];
            r[j].v[i] = kept;
        }
    }
}

}  // namespace
}  // namespace tidegate
