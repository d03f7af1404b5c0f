/* One call of the kernels drawn at random: its shape, where its rows lie, its numbers, and what the reference makes of them. */
#ifndef TIDEGATE_TESTS_CASE_H
#define TIDEGATE_TESTS_CASE_H

#include <algorithm>
#include <array>
#include <cmath>

#include "buffer.h"
#include "layout.h"
#include "reference.h"

namespace testing {

inline const std::vector<int64_t> &cells() {
    static const std::vector<int64_t> all{TIDEGATE_ELMAN_TANH, TIDEGATE_ELMAN_RELU, TIDEGATE_LSTM, TIDEGATE_GRU};
    return all;
}

inline const char *cell_name(int64_t cell) {
    return std::array<const char *, 4>{"tanh", "relu", "lstm", "gru"}[static_cast<size_t>(cell)];
}

struct Grid {
    std::vector<int64_t> hidden{1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 48, 64, 65, 100, 128, 200, 257};
    std::vector<int64_t> batch{1, 2, 3, 5, 6, 7, 8, 13, 24, 33};
    std::vector<int64_t> time{1, 2, 5, 19};
};

struct Case {
    int64_t cell = 0, hidden = 0, batch = 0, time = 0, directions = 1, first_reversed = 0, threads = 1;
    std::vector<int64_t> lengths; /* (B,), also where the call leaves them out because all are T */
    bool lengths_given = true, clear = false, save = true;
    bool pack_ahead = true;     /* weights come packed; else W_hh does, to be packed in the call */
    bool recurrent_too = false; /* W_hh comes beside packed weights */
    bool in_place = false;      /* backward writes over what forward kept for it */
    int64_t stride_gap = 0;     /* floats between the rows of W_hh */
    int64_t gates_gap = 0;      /* floats between the rows of gates, and of deltas: another direction's, say */
    int64_t features = 0;       /* F, if the kernels project x themselves */
    layout::Layout rows, outputs, input_rows;
    std::vector<float> x;       /* (B·T, F) */
    std::vector<reference::Inputs> inputs;
    std::vector<reference::States> states;

    int64_t blocks() const { return reference::blocks(cell); }
    int64_t width() const { return directions * hidden; }
    int64_t gates_stride() const { return blocks() * hidden + gates_gap; }

    reference::Shape shape(int64_t direction) const {
        return {cell, hidden, batch, time, direction == 1 || first_reversed != 0, lengths};
    }

    tidegate_problem problem() const {
        return {cell, hidden, batch, time, directions, first_reversed, threads, lengths_given ? lengths.data() : nullptr,
                rows.view(), outputs.view(), features, input_rows.view()};
    }

    std::string text() const {
        std::ostringstream stream;
        stream << cell_name(cell) << " H=" << hidden << " B=" << batch << " T=" << time << " D=" << directions
               << " first_reversed=" << first_reversed << " threads=" << threads << " save=" << save << " clear=" << clear
               << (pack_ahead ? " packed" : " not packed") << (in_place ? " in place" : "")
               << " gates_gap=" << gates_gap << " features=" << features
               << " rows " << rows.name << " outputs " << outputs.name << " lengths";
        if (!lengths_given) stream << " NULL";
        for (size_t b = 0; lengths_given && b < lengths.size() && b < 40; ++b) stream << ' ' << lengths[b];
        return stream.str();
    }
};

inline void draw_lengths(Case &drawn, check::Random &random) {
    const int64_t kind = random.below(8);
    drawn.lengths.assign(static_cast<size_t>(drawn.batch), drawn.time);
    drawn.lengths_given = kind != 0;
    if (kind == 1) std::fill(drawn.lengths.begin(), drawn.lengths.end(), 0);
    if (kind > 2)
        for (int64_t &length : drawn.lengths) length = random.below(drawn.time + 1);
    if (kind > 5) std::sort(drawn.lengths.rbegin(), drawn.lengths.rend());
}

/* x·W_ih as the kernels are to find it, summed in doubles. */
inline void project(const Case &drawn, reference::Inputs &inputs) {
    const size_t F = static_cast<size_t>(drawn.features), wide = static_cast<size_t>(drawn.blocks() * drawn.hidden);
    for (size_t row = 0; row < inputs.sums.size() / wide; ++row)
        for (size_t j = 0; j < wide; ++j) {
            double sum = 0;
            for (size_t k = 0; k < F; ++k) sum += double(drawn.x[row * F + k]) * double(inputs.input[j * F + k]);
            inputs.sums[row * wide + j] = static_cast<float>(sum);
        }
}

/* For about half of the cases: so few that the reference's product takes no longer than the rest of it. */
inline void draw_features(Case &drawn, check::Random &random) {
    const std::vector<int64_t> sizes{1, 2, 3, 15, 16, 17, 31, 64, 70};
    if (random.coin()) drawn.features = random.pick(sizes);
    drawn.x.resize(static_cast<size_t>(drawn.batch * drawn.time * drawn.features));
    random.fill(drawn.x, 1.5f);
}

/* Weights and biases as torch starts them, so that no state grows beyond bounds over time; sums of the size that
 * normalised features make. */
inline reference::Inputs draw_inputs(const Case &drawn, check::Random &random) {
    const size_t H = static_cast<size_t>(drawn.hidden), B = static_cast<size_t>(drawn.batch);
    const size_t G = static_cast<size_t>(drawn.blocks()), T = static_cast<size_t>(drawn.time);
    const float bound = 1.0f / std::sqrt(static_cast<float>(drawn.hidden));
    reference::Inputs inputs;
    inputs.recurrent.resize(G * H * H), random.fill(inputs.recurrent, bound);
    inputs.sums.resize(B * T * G * H), random.fill(inputs.sums, 2.0f);
    if (drawn.features > 0) {
        inputs.input.resize(G * H * static_cast<size_t>(drawn.features));
        random.fill(inputs.input, 1.0f / std::sqrt(static_cast<float>(drawn.features)));
        project(drawn, inputs);
    }
    for (std::vector<float> *bias : {&inputs.input_bias, &inputs.recurrent_bias})
        if (random.below(4) != 0) bias->resize(G * H), random.fill(*bias, 0.5f);
    if (random.coin()) inputs.hidden_in.resize(B * H), random.fill(inputs.hidden_in, 1.0f);
    if (drawn.cell == TIDEGATE_LSTM && random.coin()) inputs.memory_in.resize(B * H), random.fill(inputs.memory_in, 1.5f);
    return inputs;
}

/* Layouts and numbers of a case whose sizes are set, and lengths unless they are. */
inline void complete(Case &drawn, check::Random &random) {
    if (drawn.lengths.empty()) draw_lengths(drawn, random);
    drawn.rows = layout::draw(drawn.lengths, drawn.time, random);
    drawn.outputs = random.coin() ? drawn.rows : layout::draw(drawn.lengths, drawn.time, random);
    drawn.input_rows = random.coin() ? drawn.outputs : layout::draw(drawn.lengths, drawn.time, random);
    drawn.clear = drawn.outputs.padded && random.coin();
    drawn.save = random.coin();
    drawn.pack_ahead = random.coin();
    drawn.recurrent_too = random.coin();
    drawn.in_place = random.coin();
    drawn.stride_gap = random.below(4);
    drawn.gates_gap = random.coin() ? 0 : random.below(2 * drawn.hidden);
    for (int64_t d = 0; d < drawn.directions; ++d) {
        drawn.inputs.push_back(draw_inputs(drawn, random));
        drawn.states.push_back(reference::forward(drawn.shape(d), drawn.inputs.back()));
    }
}

inline Case draw_case(int64_t cell, const Grid &grid, check::Random &random) {
    Case drawn;
    drawn.cell = cell;
    drawn.hidden = random.pick(grid.hidden);
    drawn.batch = random.pick(grid.batch);
    drawn.time = random.pick(grid.time);
    const int64_t reading = random.below(4); /* forwards, backwards, both, and both with direction 0 backwards as well */
    drawn.directions = reading < 2 ? 1 : 2;
    drawn.first_reversed = reading & 1;
    drawn.threads = 1 + random.below(4);
    draw_features(drawn, random);
    complete(drawn, random);
    return drawn;
}

/* Dense rows (B·T, width) into rows of `where`, columns `column`… of `stride`: true steps only. */
template <class Number>
void scatter(const Case &drawn, const layout::Layout &where, const std::vector<Number> &dense, int64_t width,
             float *target, int64_t stride, int64_t column) {
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t)
            for (int64_t j = 0; j < width; ++j)
                target[where.row(b, t) * stride + column + j] =
                    static_cast<float>(dense[static_cast<size_t>((b * drawn.time + t) * width + j)]);
}

template <class Number>
buffer::Buffer step_buffer(const Case &drawn, const std::vector<Number> &dense, int64_t width, int64_t gap = 0) {
    buffer::Buffer result(drawn.rows.rows * (width + gap));
    scatter(drawn, drawn.rows, dense, width, result.data(), width + gap, 0);
    return result;
}

/* Rows of `width` that lie `stride` apart: a weight that is a part of a larger matrix. */
inline std::vector<float> with_stride(const std::vector<float> &dense, int64_t width, int64_t stride) {
    if (dense.empty()) return {};
    const int64_t rows = static_cast<int64_t>(dense.size()) / width;
    std::vector<float> result(static_cast<size_t>((rows - 1) * stride + width), buffer::untouched());
    for (int64_t r = 0; r < rows; ++r) std::copy_n(dense.begin() + r * width, width, result.begin() + r * stride);
    return result;
}

/* Which rows of `where` belong to true steps. */
inline std::vector<bool> true_rows(const Case &drawn, const layout::Layout &where) {
    std::vector<bool> rows(static_cast<size_t>(where.rows), false);
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t)
            rows[static_cast<size_t>(where.row(b, t))] = true;
    return rows;
}

/* Rows of no true step, and what lies between rows, must be as they were: they are the caller's own. */
inline void check_other_rows(const Case &drawn, const char *name, const buffer::Buffer &steps, int64_t width,
                             int64_t gap = 0) {
    const std::vector<bool> used = true_rows(drawn, drawn.rows);
    for (int64_t row = 0; row < drawn.rows.rows; ++row)
        for (int64_t j = used[static_cast<size_t>(row)] ? width : 0; j < width + gap; ++j)
            if (!buffer::is_untouched(steps[row * (width + gap) + j]))
                return check::fail(__FILE__, __LINE__, std::string(name) + ": column " + check::text(j) + " of row " +
                                                           check::text(row) + " belongs to no step and was written");
    steps.check_zones(name);
}

} // namespace testing

#endif
