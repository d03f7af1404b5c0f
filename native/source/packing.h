// W_hh as the steps read it: panel after panel, each straight through in the order of the inner loop, tails filled
// with zeros.
#pragma once
#include <cstdint>

namespace tidegate {
namespace {

// Forward. For each k of F and then of H, the weights of a panel's units: of a cell with gates, gate after gate of one
// vector of units. A vector is a column there: blocks are turned round in registers.
inline void pack_columns(const float *w, int64_t stride, int64_t columns, int64_t valid, float *out, int64_t step) {
    Vec block[Vec::width];
    for (int64_t k = 0; k < columns; k += Vec::width) {
        const Mask mask = mask_of(columns - k);
        for (int64_t i = 0; i < Vec::width; ++i) block[i] = i < valid ? load(w + i * stride + k, mask) : zero();
        transpose(block);
        for (int64_t i = 0; i < Vec::width && k + i < columns; ++i) store(out + (k + i) * step, block[i]);
    }
}

void pack_forward(int64_t cell, int64_t hidden, const Matrices &matrices, float *packed, int64_t first, int64_t last) {
    const Panels panels = forward_panels(gates_of(cell), hidden, Vec::width);
    const int64_t features = matrices.features;
    for (int64_t p = first; p < last; ++p) {
        const int64_t begin = panels.vectors_before(p), end = panels.vectors_before(p + 1);
        const int64_t step = (end - begin) * panels.gates * Vec::width;
        float *panel = packed + begin * Vec::width * panels.gates * (features + hidden);
        for (int64_t v = begin; v < end; ++v) {
            for (int64_t gate = 0; gate < panels.gates; ++gate) {
                const int64_t unit = v * Vec::width, row = gate * hidden + unit;
                float *out = panel + ((v - begin) * panels.gates + gate) * Vec::width;
                if (features) {
                    pack_columns(matrices.input + row * matrices.input_stride, matrices.input_stride, features, hidden - unit,
                                 out, step);
                }
                pack_columns(matrices.recurrent + row * matrices.recurrent_stride, matrices.recurrent_stride, hidden,
                             hidden - unit, out + features * step, step);
            }
        }
    }
}

// Backward. For each of the G·H rows of W_hh, its part of the panel's units.
void pack_backward(int64_t cell, int64_t hidden, const Matrices &matrices, float *packed, int64_t first, int64_t last) {
    const Panels panels = backward_panels(gates_of(cell), hidden, Vec::width);
    const int64_t rows = gates_of(cell) * hidden;
    for (int64_t p = first; p < last; ++p) {
        const int64_t begin = panels.vectors_before(p), end = panels.vectors_before(p + 1);
        float *out = packed + begin * Vec::width * rows;
        for (int64_t row = 0; row < rows; ++row) {
            for (int64_t v = begin; v < end; ++v, out += Vec::width) {
                const int64_t unit = v * Vec::width;
                store(out, load(matrices.recurrent + row * matrices.recurrent_stride + unit, mask_of(hidden - unit)));
            }
        }
    }
}

}  // namespace
}  // namespace tidegate
