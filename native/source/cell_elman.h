// The vanilla network: h' = φ(…), φ = tanh or ReLU. Elman 1990.
#pragma once

namespace tidegate {
namespace {

template <bool Relu>
struct Elman {
    static constexpr int gates = 1;
    static constexpr int lanes_forward = Vec::registers == 32 ? 1 : 1;
    static constexpr bool carries = false;  // gradient past the weights, from a hidden state to the one before
    static constexpr bool separate_new = false;

    // K vectors of units of one lane: without gates, units are what there are several of.
    template <int K, bool Projects>
    static TIDEGATE_INLINE void forward_units(const ForwardStep &step, int64_t row, int64_t unit, const float *sums) {
        const ForwardLane &lane = step.lane[row];
        Vec y[K];
        TIDEGATE_EACH {
            const int64_t at = unit + k * Vec::width;
            y[k] = load(sums + k * Vec::width);
            if constexpr (!Projects) y[k] = y[k] + load(lane.gates + at, mask_of(step.hidden - at));
        }
        if constexpr (Relu) {
            TIDEGATE_EACH y[k] = at_least_zero(y[k]);
        } else {
            tanh(y);
        }
        TIDEGATE_EACH {
            const int64_t at = unit + k * Vec::width;
            store(step.hidden_out + row * step.stride + at, y[k]);
            store(lane.y + at, y[k], mask_of(step.hidden - at));
        }
    }

    template <int K>
    static TIDEGATE_INLINE void backward(const BackwardStep &step, int64_t row, int64_t unit, Mask mask, Vec (&d_hidden)[K]) {
        TIDEGATE_EACH {
            const BackwardLane &lane = step.lane[row + k];
            const Vec y = load(lane.y + unit, mask);
            const Vec delta = Relu ? where_positive(y, d_hidden[k])
                                   : d_hidden[k] * negative_multiply_add(y, y, broadcast(1.0f));
            store(step.deltas_out + (row + k) * step.delta_stride + unit, delta);
            store(lane.deltas + unit, delta, mask);
        }
    }
};

}  // namespace
}  // namespace tidegate
