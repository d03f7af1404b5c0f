// LSTM. i f o = σ(…), g = tanh(…); c' = f·c + i·g; h' = o·tanh(c'). Hochreiter and Schmidhuber 1997, Gers et al. 2000.
#pragma once

namespace tidegate {
namespace {

struct Lstm {
    static constexpr int gates = 4;
    static constexpr int lanes_forward = Vec::registers == 32 ? 3 : 1;
    static constexpr bool carries = false;  // gradient past the weights, from a hidden state to the one before
    static constexpr bool separate_new = false;

    // What follows the matrix product, for K lanes and one vector of units.
    template <int K, bool Projects>
    static TIDEGATE_INLINE void forward(const ForwardStep &step, int64_t row, int64_t unit, Mask mask, const float *sums,
                                        const float *) {
        const int64_t h = step.hidden;
        Vec sigmoids[3 * K], g[K];  // of each lane: input, forget, output
        TIDEGATE_EACH {
            const float *sum = sums + k * gates_width;
            sigmoids[3 * k] = load(sum);
            sigmoids[3 * k + 1] = load(sum + Vec::width);
            g[k] = load(sum + 2 * Vec::width);
            sigmoids[3 * k + 2] = load(sum + 3 * Vec::width);
            if constexpr (!Projects) {
                const float *gates = step.lane[row + k].gates + unit;
                sigmoids[3 * k] = sigmoids[3 * k] + load(gates, mask);
                sigmoids[3 * k + 1] = sigmoids[3 * k + 1] + load(gates + h, mask);
                g[k] = g[k] + load(gates + 2 * h, mask);
                sigmoids[3 * k + 2] = sigmoids[3 * k + 2] + load(gates + 3 * h, mask);
            }
        }
        sigmoid(sigmoids);
        tanh(g);
        Vec c[K], y[K];
        TIDEGATE_EACH {
            float *memory = step.memory + (row + k) * step.stride + unit;
            c[k] = multiply_add(sigmoids[3 * k + 1], load(memory), sigmoids[3 * k] * g[k]);
            store(memory, c[k]);
            y[k] = c[k];
        }
        if (step.save) {
            TIDEGATE_EACH {
                const ForwardLane &lane = step.lane[row + k];
                float *gates = lane.gates + unit;
                store(gates, sigmoids[3 * k], mask);
                store(gates + h, sigmoids[3 * k + 1], mask);
                store(gates + 2 * h, g[k], mask);
                store(gates + 3 * h, sigmoids[3 * k + 2], mask);
                store(lane.memory + unit, c[k], mask);
            }
        }
        tanh(y);
        TIDEGATE_EACH {
            y[k] = sigmoids[3 * k + 2] * y[k];
            store(step.hidden_out + (row + k) * step.stride + unit, y[k]);
            store(step.lane[row + k].y + unit, y[k], mask);
        }
    }

    // The deltas of K lanes; d_hidden: the whole gradient of their hidden states.
    template <int K>
    static TIDEGATE_INLINE void backward(const BackwardStep &step, int64_t row, int64_t unit, Mask mask, Vec (&d_hidden)[K]) {
        const int64_t h = step.hidden;
        const Vec one = broadcast(1.0f);
        Vec t[K];
        TIDEGATE_EACH t[k] = load(step.lane[row + k].memory + unit, mask);
        tanh(t);
        TIDEGATE_EACH {
            const BackwardLane &lane = step.lane[row + k];
            const float *gates = lane.gates + unit;
            float *d_memory = step.d_memory + (row + k) * step.stride + unit;
            const Vec i = load(gates, mask), f = load(gates + h, mask);
            const Vec g = load(gates + 2 * h, mask), o = load(gates + 3 * h, mask);
            const Vec before = lane.memory_before ? load(lane.memory_before + unit, mask) : zero();
            const Vec d_c = multiply_add(d_hidden[k] * o, negative_multiply_add(t[k], t[k], one), load(d_memory));
            const Vec deltas[4] = {
                d_c * g * (i * (one - i)),
                d_c * before * (f * (one - f)),
                d_c * i * negative_multiply_add(g, g, one),
                d_hidden[k] * t[k] * (o * (one - o)),
            };
            store(d_memory, d_c * f);
            float *out = step.deltas_out + (row + k) * step.delta_stride + unit;
#pragma GCC unroll 4
            for (int gate = 0; gate < 4; ++gate) {
                store(out + gate * step.delta_block, deltas[gate]);
                store(lane.deltas + gate * h + unit, deltas[gate], mask);
            }
        }
    }

   private:
    static constexpr int64_t gates_width = gates * Vec::width;
};

}  // namespace
}  // namespace tidegate
