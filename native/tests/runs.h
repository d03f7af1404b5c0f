/* A case's buffers as the kernels see them, and the calls. */
#ifndef TIDEGATE_TESTS_RUNS_H
#define TIDEGATE_TESTS_RUNS_H

#include "case.h"

namespace testing {

/* NULL for what a case leaves out. */
inline const float *given(const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); }

/* The weights of one direction as a call gets them: packed ahead, or to be packed, or both. */
struct Weights {
    Weights(const Case &drawn, size_t direction)
        : rows(with_stride(drawn.inputs[direction].recurrent, drawn.hidden, drawn.hidden + drawn.stride_gap)),
          input_rows(with_stride(drawn.inputs[direction].input, drawn.features, drawn.features + drawn.stride_gap)),
          recurrent{rows.data(), drawn.hidden + drawn.stride_gap, drawn.hidden},
          input{drawn.features ? input_rows.data() : nullptr, drawn.features + drawn.stride_gap, drawn.features},
          packed(drawn.cell, drawn.hidden, recurrent, input, drawn.threads),
          raw(!drawn.pack_ahead || drawn.recurrent_too),
          weights(drawn.pack_ahead ? packed.data() : nullptr) {}

    buffer::Buffer rows, input_rows;
    buffer::Matrix recurrent, input;
    buffer::Packed packed;
    bool raw; /* the call gets the matrices too */
    const float *weights;
};

struct ForwardRun {
    explicit ForwardRun(const Case &drawn)
        : drawn_(drawn), y(drawn.outputs.rows * drawn.width()), x(drawn.input_rows.rows * drawn.features) {
        const int64_t H = drawn.hidden, B = drawn.batch;
        scatter(drawn, drawn.input_rows, drawn.x, drawn.features, x.data(), drawn.features, 0);
        for (size_t d = 0; d < drawn.inputs.size(); ++d) {
            const reference::Inputs &inputs = drawn.inputs[d];
            weights.emplace_back(drawn, d);
            /* What the kernels project they write only. */
            gates.push_back(drawn.features ? buffer::Buffer(drawn.rows.rows * drawn.gates_stride())
                                           : step_buffer(drawn, inputs.sums, drawn.blocks() * H, drawn.gates_gap));
            new_recurrent.emplace_back(drawn.rows.rows * H);
            memories.emplace_back(drawn.rows.rows * H);
            hidden_in.emplace_back(inputs.hidden_in);
            memory_in.emplace_back(inputs.memory_in);
            hidden_out.emplace_back(B * H);
            memory_out.emplace_back(B * H);
        }
    }

    tidegate_forward part(size_t d) {
        const reference::Inputs &inputs = drawn_.inputs[d];
        tidegate_forward one{};
        one.recurrent = weights[d].raw ? weights[d].recurrent.rows : nullptr;
        one.recurrent_stride = weights[d].recurrent.stride;
        one.weights = weights[d].weights;
        if (drawn_.features > 0) {
            one.x = x.data();
            one.input = weights[d].raw ? weights[d].input.rows : nullptr;
            one.input_stride = weights[d].input.stride;
        }
        one.input_bias = given(inputs.input_bias);
        one.recurrent_bias = given(inputs.recurrent_bias);
        const bool kept = drawn_.save && drawn_.blocks() > 1;
        if (kept || drawn_.features == 0) one.gates = gates[d].data();
        if (drawn_.gates_gap > 0) one.gates_stride = drawn_.gates_stride();
        if (drawn_.save && drawn_.cell == TIDEGATE_GRU) one.new_recurrent = new_recurrent[d].data();
        if (drawn_.save && drawn_.cell == TIDEGATE_LSTM) one.memories = memories[d].data();
        if (!inputs.hidden_in.empty()) one.hidden_in = hidden_in[d].data();
        if (!inputs.memory_in.empty()) one.memory_in = memory_in[d].data();
        one.hidden_out = hidden_out[d].data();
        if (drawn_.cell == TIDEGATE_LSTM) one.memory_out = memory_out[d].data();
        return one;
    }

    int64_t call() {
        std::vector<tidegate_forward> parts;
        for (size_t d = 0; d < drawn_.inputs.size(); ++d) parts.push_back(part(d));
        const tidegate_problem problem = drawn_.problem();
        return tidegate_run_forward(&problem, parts.data(), y.data(), drawn_.clear, drawn_.save);
    }

private:
    Case drawn_; /* a copy: a run may outlive the case that it was made of */

public:
    std::vector<Weights> weights;
    std::vector<buffer::Buffer> gates, new_recurrent, memories, hidden_in, memory_in, hidden_out, memory_out;
    buffer::Buffer y, x;
};

/* What comes from above into a backward pass. */
struct Above {
    enum Kind { none, as_outputs, strided };
    Kind kind = none;
    std::array<int64_t, 2> strides{0, 0};
    buffer::Buffer d_y;
    std::vector<reference::Upstream> upstream; /* a direction */
    std::vector<std::vector<float>> d_hidden_out, d_memory_out;
};

/* `dense` (B, T, D·H); a stride of 0 repeats the first step, the first sequence, or both. */
inline void place_strided(const Case &drawn, check::Random &random, std::vector<float> &dense, Above &above) {
    const int64_t width = drawn.width(), kind = random.below(4);
    above.strides[1] = kind & 1 ? 0 : width + random.below(3);
    const int64_t steps = above.strides[1] == 0 ? width : above.strides[1] * drawn.time;
    above.strides[0] = kind & 2 ? 0 : steps + random.below(3);
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.time; ++t) {
            const int64_t from = (above.strides[0] == 0 ? 0 : b) * drawn.time + (above.strides[1] == 0 ? 0 : t);
            for (int64_t j = 0; j < width; ++j)
                dense[static_cast<size_t>((b * drawn.time + t) * width + j)] =
                    dense[static_cast<size_t>(from * width + j)];
        }
    const int64_t last = (drawn.batch - 1) * above.strides[0] + (drawn.time - 1) * above.strides[1];
    above.d_y = buffer::Buffer(drawn.batch > 0 && drawn.time > 0 ? last + width : 0);
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t)
            std::copy_n(dense.begin() + (b * drawn.time + t) * width, width,
                        above.d_y.data() + b * above.strides[0] + t * above.strides[1]);
}

inline Above draw_above(const Case &drawn, check::Random &random) {
    Above above;
    above.kind = std::array<Above::Kind, 4>{Above::none, Above::as_outputs, Above::strided,
                                            Above::strided}[static_cast<size_t>(random.below(4))];
    const int64_t width = drawn.width(), steps = drawn.batch * drawn.time;
    std::vector<float> dense(static_cast<size_t>(above.kind == Above::none ? 0 : steps * width));
    random.fill(dense, 1.0f);
    if (above.kind == Above::strided) place_strided(drawn, random, dense, above);
    if (above.kind == Above::as_outputs) {
        above.d_y = buffer::Buffer(drawn.outputs.rows * width);
        scatter(drawn, drawn.outputs, dense, width, above.d_y.data(), width, 0);
    }
    for (int64_t d = 0; d < drawn.directions; ++d) {
        reference::Upstream upstream;
        upstream.d_hidden.resize(static_cast<size_t>(steps * drawn.hidden));
        for (int64_t i = 0; i < steps * drawn.hidden && !dense.empty(); ++i)
            upstream.d_hidden[static_cast<size_t>(i)] =
                double(dense[static_cast<size_t>(i / drawn.hidden * width + d * drawn.hidden + i % drawn.hidden)]);
        std::vector<float> d_hidden_out(static_cast<size_t>(random.coin() ? drawn.batch * drawn.hidden : 0));
        random.fill(d_hidden_out, 1.0f);
        const bool memory = drawn.cell == TIDEGATE_LSTM && random.coin();
        std::vector<float> d_memory_out(static_cast<size_t>(memory ? drawn.batch * drawn.hidden : 0));
        random.fill(d_memory_out, 1.0f);
        upstream.d_hidden_out.assign(d_hidden_out.begin(), d_hidden_out.end());
        upstream.d_memory_out.assign(d_memory_out.begin(), d_memory_out.end());
        above.upstream.push_back(upstream);
        above.d_hidden_out.push_back(d_hidden_out);
        above.d_memory_out.push_back(d_memory_out);
    }
    return above;
}

/* Starts from a case's states, rounded to floats, not from a forward pass of the kernels: what is wrong there must not
 * hide or show here. */
struct BackwardRun {
    BackwardRun(const Case &drawn, const Above &above, bool wanted)
        : drawn_(drawn), above_(&above), wanted_(wanted), y(drawn.outputs.rows * drawn.width()) {
        const int64_t H = drawn.hidden, B = drawn.batch, N = drawn.rows.rows;
        const bool gru = drawn.cell == TIDEGATE_GRU;
        for (size_t d = 0; d < drawn.inputs.size(); ++d) {
            const reference::States &states = drawn.states[d];
            weights.emplace_back(drawn, d);
            gates.push_back(step_buffer(drawn, states.gates, drawn.blocks() * H, drawn.gates_gap));
            new_recurrent.push_back(step_buffer(drawn, states.new_recurrent, states.new_recurrent.empty() ? 0 : H));
            memories.push_back(step_buffer(drawn, states.memories, states.memories.empty() ? 0 : H));
            scatter(drawn, drawn.outputs, states.hidden, H, y.data(), drawn.width(), static_cast<int64_t>(d) * H);
            separate_deltas_.emplace_back(drawn.in_place ? 0 : N * drawn.gates_stride());
            separate_new_deltas_.emplace_back(drawn.in_place || !gru ? 0 : N * H);
            separate_hidden_before_.emplace_back(over_memories() ? 0 : N * H);
            d_hidden_in.emplace_back(B * H);
            d_memory_in.emplace_back(B * H);
        }
    }

    tidegate_backward part(size_t d) {
        const bool lstm = drawn_.cell == TIDEGATE_LSTM, gru = drawn_.cell == TIDEGATE_GRU;
        tidegate_backward one{};
        one.recurrent = weights[d].recurrent.rows;
        one.recurrent_stride = weights[d].recurrent.stride;
        if (lstm || gru || drawn_.in_place) one.gates = gates[d].data();
        if (gru) one.new_recurrent = new_recurrent[d].data();
        if (lstm) one.memories = memories[d].data();
        one.hidden_in = given(drawn_.inputs[d].hidden_in);
        one.memory_in = given(drawn_.inputs[d].memory_in);
        one.d_hidden_out = given(above_->d_hidden_out[d]);
        one.d_memory_out = given(above_->d_memory_out[d]);
        one.deltas = deltas(d).data();
        if (drawn_.gates_gap > 0) one.gates_stride = drawn_.gates_stride();
        if (gru) one.new_deltas = new_deltas(d).data();
        one.hidden_before = hidden_before(d).data();
        if (wanted_) one.d_hidden_in = d_hidden_in[d].data();
        if (wanted_ && lstm) one.d_memory_in = d_memory_in[d].data();
        return one;
    }

    int64_t call() {
        std::vector<tidegate_backward> parts;
        for (size_t d = 0; d < drawn_.inputs.size(); ++d) parts.push_back(part(d));
        const tidegate_problem problem = drawn_.problem();
        return tidegate_run_backward(&problem, parts.data(), y.data(),
                                     above_->kind == Above::none ? nullptr : above_->d_y.data(),
                                     above_->kind == Above::strided ? above_->strides.data() : nullptr);
    }

    /* Where the call puts them: in place, over what it reads. An Elman's backward pass reads no gates, but may put its
     * deltas over them. */
    buffer::Buffer &deltas(size_t d) { return drawn_.in_place ? gates[d] : separate_deltas_[d]; }
    buffer::Buffer &new_deltas(size_t d) { return drawn_.in_place ? new_recurrent[d] : separate_new_deltas_[d]; }
    buffer::Buffer &hidden_before(size_t d) { return over_memories() ? memories[d] : separate_hidden_before_[d]; }

private:
    bool over_memories() const { return drawn_.in_place && drawn_.cell == TIDEGATE_LSTM; }

    Case drawn_;
    const Above *above_;
    bool wanted_;
    std::vector<buffer::Buffer> separate_deltas_, separate_new_deltas_, separate_hidden_before_;

public:
    std::vector<Weights> weights;
    std::vector<buffer::Buffer> gates, new_recurrent, memories, d_hidden_in, d_memory_in;
    buffer::Buffer y;
};

} // namespace testing

#endif
