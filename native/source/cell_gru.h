// GRU. r z = σ(…); n = tanh(x_n + r·(W_hn·h + b_hn)); h' = (1 - z)·n + z·h. Cho et al. 2014, with the reset gate after
// the product, as in cuDNN and torch.
#pragma once

namespace tidegate {
namespace {

struct Gru {
    static constexpr int gates = 3;
    static constexpr int lanes_forward = Vec::registers == 32 ? 3 : 1;
    static constexpr bool carries = true;  // gradient past the weights, from a hidden state to the one before
    static constexpr bool separate_new = true;

    // `outer`: x_n and its bias of each lane, if the step projects x itself.
    template <int K, bool Projects>
    static TIDEGATE_INLINE void forward(const ForwardStep &step, int64_t row, int64_t unit, Mask mask, const float *sums,
                                        const float *outer) {
        const int64_t h = step.hidden;
        Vec sigmoids[2 * K], n[K], recurrent[K];  // of each lane: reset, update
        TIDEGATE_EACH {
            const float *sum = sums + k * gates_width;
            sigmoids[2 * k] = load(sum);
            sigmoids[2 * k + 1] = load(sum + Vec::width);
            recurrent[k] = load(sum + 2 * Vec::width);
            if constexpr (!Projects) {
                const float *gates = step.lane[row + k].gates + unit;
                sigmoids[2 * k] = sigmoids[2 * k] + load(gates, mask);
                sigmoids[2 * k + 1] = sigmoids[2 * k + 1] + load(gates + h, mask);
            }
        }
        sigmoid(sigmoids);
        TIDEGATE_EACH {
            const Vec input = Projects ? load(outer + k * Vec::width)
                                       : load(step.lane[row + k].gates + unit + 2 * h, mask) + load(step.outer_bias + unit);
            n[k] = multiply_add(sigmoids[2 * k], recurrent[k], input);
        }
        tanh(n);
        TIDEGATE_EACH {
            const ForwardLane &lane = step.lane[row + k];
            const Vec before = load(step.hidden_in + (row + k) * step.stride + unit);
            const Vec y = multiply_add(sigmoids[2 * k + 1], before - n[k], n[k]);
            store(step.hidden_out + (row + k) * step.stride + unit, y);
            store(lane.y + unit, y, mask);
            if (!step.save) continue;
            float *gates = lane.gates + unit;
            store(gates, sigmoids[2 * k], mask);
            store(gates + h, sigmoids[2 * k + 1], mask);
            store(gates + 2 * h, n[k], mask);
            store(lane.new_recurrent + unit, recurrent[k], mask);
        }
    }

    template <int K>
    static TIDEGATE_INLINE void backward(const BackwardStep &step, int64_t row, int64_t unit, Mask mask, Vec (&d_hidden)[K]) {
        const int64_t h = step.hidden;
        const Vec one = broadcast(1.0f);
        TIDEGATE_EACH {
            const BackwardLane &lane = step.lane[row + k];
            const float *gates = lane.gates + unit;
            const Vec r = load(gates, mask), z = load(gates + h, mask), n = load(gates + 2 * h, mask);
            const Vec before = lane.y_before ? load(lane.y_before + unit, mask) : zero();
            const Vec d_n = d_hidden[k] * (one - z) * negative_multiply_add(n, n, one);
            const Vec d_recurrent = d_n * r;
            const Vec d_r = d_n * load(lane.new_recurrent + unit, mask) * (r * (one - r));
            const Vec d_z = d_hidden[k] * (before - n) * (z * (one - z));
            float *out = step.deltas_out + (row + k) * step.delta_stride + unit;
            store(out, d_r);
            store(out + step.delta_block, d_z);
            store(out + 2 * step.delta_block, d_recurrent);
            float *kept = lane.deltas + unit;
            store(kept, d_r, mask);
            store(kept + h, d_z, mask);
            store(kept + 2 * h, d_n, mask);
            store(lane.new_deltas + unit, d_recurrent, mask);
            store(step.d_hidden + (row + k) * step.stride + unit, d_hidden[k] * z);
        }
    }

   private:
    static constexpr int64_t gates_width = gates * Vec::width;
};

}  // namespace
}  // namespace tidegate
