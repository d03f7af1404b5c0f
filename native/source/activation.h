// Sigmoid and tanh of several vectors at once, by 2^y = 2^n · 2^r with n whole and |r| ≤ 1/2.
//
// 2^r - 1 = r·q(r); q has degree 5, fitted for the least relative error (1.1e-8). So 2^y - 1 keeps its relative accuracy
// near 0, where tanh needs it. y is clamped to whole numbers, so that both functions end exactly at 0, 1 and -1.
//
// Every line runs over all K vectors before the next: the chain from x to the result is 20 instructions long, and a
// processor that met one chain after the other would wait for each.
// Include after tile.h.
#pragma once

namespace tidegate {
namespace {

#define TIDEGATE_EACH _Pragma("GCC unroll 16") for (int k = 0; k < K; ++k)

// y to 2^r - 1, and the scale 2^n.
template <int K>
TIDEGATE_INLINE void powers(Vec (&y)[K], Vec (&scale)[K]) {
    const Vec rounder = broadcast(12582912.0f);  // 1.5·2^23: adding it rounds, and leaves n in the last bits
    Vec q[K];
    TIDEGATE_EACH scale[k] = y[k] + rounder;
    TIDEGATE_EACH y[k] = y[k] - (scale[k] - rounder);
    TIDEGATE_EACH q[k] = multiply_add(broadcast(1.5403512e-4f), y[k], broadcast(1.3390736e-3f));
    TIDEGATE_EACH scale[k] = power_of_two(scale[k]);
    TIDEGATE_EACH q[k] = multiply_add(q[k], y[k], broadcast(9.6182376e-3f));
    TIDEGATE_EACH q[k] = multiply_add(q[k], y[k], broadcast(5.5503573e-2f));
    TIDEGATE_EACH q[k] = multiply_add(q[k], y[k], broadcast(2.4022649e-1f));
    TIDEGATE_EACH q[k] = multiply_add(q[k], y[k], broadcast(6.9314718e-1f));
    TIDEGATE_EACH y[k] = q[k] * y[k];
}

// 1 / (1 + e^-x). Below -88 it is 0: 2^127 has no inverse among normal numbers.
template <int K>
TIDEGATE_INLINE void sigmoid(Vec (&x)[K]) {
    Vec scale[K];
    TIDEGATE_EACH x[k] = clamp(x[k] * broadcast(-1.44269504f), broadcast(-126.0f), broadcast(127.0f));
    powers(x, scale);
    TIDEGATE_EACH x[k] = multiply_add(scale[k], x[k], scale[k] + broadcast(1.0f));
    TIDEGATE_EACH x[k] = reciprocal(x[k]);
}

// (e^2x - 1) / (e^2x + 1). From 2^30 on both are the same power of 2.
template <int K>
TIDEGATE_INLINE void tanh(Vec (&x)[K]) {
    Vec scale[K];
    TIDEGATE_EACH x[k] = clamp(x[k] * broadcast(2.88539008f), broadcast(-30.0f), broadcast(30.0f));
    powers(x, scale);
    TIDEGATE_EACH x[k] = multiply_add(scale[k], x[k], scale[k] - broadcast(1.0f));
    TIDEGATE_EACH scale[k] = reciprocal(x[k] + broadcast(2.0f));
    TIDEGATE_EACH x[k] = x[k] * scale[k];
}

}  // namespace
}  // namespace tidegate
