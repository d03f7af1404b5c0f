/* The backward pass against the reference, and the reference against differences, over random shapes, lengths, layouts and
 * numbers, for every instruction set. */
#include "corners.h"
#include "runs.h"

using namespace testing;

namespace {

/* An error is measured against the largest number that a sequence has in the same matrix: a single number may be the
 * small difference of large ones. The floor is for sequences whose numbers are all small by such chance. Right kernels
 * stay below 4e-6. */
constexpr double tolerance = 1e-5, floor_of_scale = 1e-2;

/* Numbers of sequence b: row 0…rows of a dense matrix, and where each came from. */
template <class Came>
void check_sequence(const char *name, const reference::Doubles &expected, int64_t first, int64_t rows, int64_t width,
                    const Came &came) {
    double scale = 0.0;
    for (int64_t i = first * width; i < (first + rows) * width; ++i)
        scale = std::max(scale, std::fabs(expected[static_cast<size_t>(i)]));
    /* Where nothing comes from above, every gradient is exactly 0. */
    const double allowed = scale == 0.0 ? 0.0 : tolerance * (scale + floor_of_scale);
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t j = 0; j < width; ++j)
            CHECK_NEAR(name, expected[static_cast<size_t>((first + r) * width + j)], came(r, j), allowed);
}

void check_steps(const Case &drawn, const char *name, const reference::Doubles &expected, const buffer::Buffer &came,
                 int64_t width, int64_t gap = 0) {
    for (int64_t b = 0; b < drawn.batch; ++b)
        check_sequence(name, expected, b * drawn.time, drawn.lengths[static_cast<size_t>(b)], width,
                       [&](int64_t t, int64_t j) { return came[drawn.rows.row(b, t) * (width + gap) + j]; });
    check_other_rows(drawn, name, came, width, gap);
}

/* Copies: no arithmetic, no tolerance. */
void check_hidden_before(const Case &drawn, BackwardRun &run, size_t d) {
    const int64_t H = drawn.hidden;
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t)
            for (int64_t j = 0; j < H; ++j) {
                const double before = drawn.states[d].hidden_before[static_cast<size_t>((b * drawn.time + t) * H + j)];
                CHECK_NEAR("hidden_before", before, run.hidden_before(d)[drawn.rows.row(b, t) * H + j], 0.0);
            }
    check_other_rows(drawn, "hidden_before", run.hidden_before(d), H);
}

void check_d_states(const Case &drawn, const char *name, const reference::Doubles &expected, const buffer::Buffer &came,
                    bool wanted) {
    const int64_t H = drawn.hidden;
    for (int64_t b = 0; b < drawn.batch && wanted; ++b)
        check_sequence(name, expected, b, 1, H, [&](int64_t, int64_t j) { return came[b * H + j]; });
    for (int64_t i = 0; i < came.size() && !wanted; ++i) CHECK(buffer::is_untouched(came[i]));
    came.check_zones(name);
}

/* Where results go changes no bit of them. */
void check_in_place(Case drawn, const Above &above, BackwardRun &separate, bool wanted) {
    drawn.in_place = true;
    check::context() += ", in place";
    BackwardRun run(drawn, above, wanted);
    const std::vector<float> y = run.y.values();
    CHECK_EQUAL(TIDEGATE_OK, run.call());
    run.y.check_same("y", y);
    for (size_t d = 0; d < drawn.inputs.size(); ++d) {
        const auto same = [](const char *name, const buffer::Buffer &expected, const buffer::Buffer &came) {
            CHECK_EQUAL(expected.size(), came.size());
            for (int64_t i = 0; i < expected.size() && i < came.size(); ++i)
                if (!check::same_bits(expected[i], came[i]))
                    return check::fail(__FILE__, __LINE__, std::string(name) + " differs at number " + check::text(i));
            came.check_zones(name);
        };
        same("deltas", separate.deltas(d), run.deltas(d));
        if (drawn.cell == TIDEGATE_GRU) same("new_deltas", separate.new_deltas(d), run.new_deltas(d));
        same("hidden_before", separate.hidden_before(d), run.hidden_before(d));
        same("d_hidden_in", separate.d_hidden_in[d], run.d_hidden_in[d]);
        same("d_memory_in", separate.d_memory_in[d], run.d_memory_in[d]);
    }
}

void check_case(Case drawn, const Above &above, const std::vector<reference::Gradients> &expected, bool wanted) {
    drawn.in_place = false;
    BackwardRun run(drawn, above, wanted);
    const std::vector<float> y = run.y.values();
    const std::vector<float> d_y = above.d_y.values();
    std::vector<std::vector<float>> kept;
    for (size_t d = 0; d < expected.size(); ++d)
        for (const buffer::Buffer *one : {&run.gates[d], &run.memories[d], &run.new_recurrent[d]})
            kept.push_back(one->values());
    CHECK_EQUAL(TIDEGATE_OK, run.call());
    run.y.check_same("y", y);
    above.d_y.check_same("d_y", d_y);
    for (size_t d = 0; d < expected.size(); ++d) {
        check_steps(drawn, "deltas", expected[d].deltas, run.deltas(d), drawn.blocks() * drawn.hidden, drawn.gates_gap);
        if (drawn.cell == TIDEGATE_GRU)
            check_steps(drawn, "new_deltas", expected[d].new_deltas, run.new_deltas(d), drawn.hidden);
        check_hidden_before(drawn, run, d);
        const bool lstm = drawn.cell == TIDEGATE_LSTM;
        check_d_states(drawn, "d_hidden_in", expected[d].d_hidden_in, run.d_hidden_in[d], wanted);
        check_d_states(drawn, "d_memory_in", expected[d].d_memory_in, run.d_memory_in[d], wanted && lstm);
        run.gates[d].check_same("gates", kept[3 * d]);
        run.memories[d].check_same("memories", kept[3 * d + 1]);
        run.new_recurrent[d].check_same("new_recurrent", kept[3 * d + 2]);
    }
    check_in_place(drawn, above, run, wanted);
}

/* The reference is slow: each case is worked out once, for all instruction sets. */
void check_drawn(Case drawn, check::Random &random) {
    drawn.save = true;
    for (reference::States &states : drawn.states) reference::round_to_floats(states);
    const Above above = draw_above(drawn, random);
    const bool wanted = random.coin();
    std::vector<reference::Gradients> expected;
    for (size_t d = 0; d < drawn.inputs.size(); ++d)
        expected.push_back(reference::backward(drawn.shape(static_cast<int64_t>(d)), drawn.inputs[d], drawn.states[d],
                                               above.upstream[d]));
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::context() = name + " d_y " + std::array<const char *, 3>{"NULL", "as y", "strided"}[above.kind] +
                           " strides " + check::text(above.strides[0]) + "," + check::text(above.strides[1]) + ": " +
                           drawn.text();
        check_case(drawn, above, expected, wanted);
    }
}

void check_grid(int64_t cell, const Grid &grid, int64_t cases, uint64_t seed) {
    check::Random random(seed);
    for (int64_t i = 0; i < check::sampled(cases); ++i) check_drawn(draw_case(cell, grid, random), random);
}

/* The number whose gradients the reference gives: Σ upstream · what forward returns. And which units of a ReLU are on. */
struct Objective {
    double value = 0.0;
    std::vector<bool> on;

    Objective(const reference::Shape &shape, const reference::Inputs &inputs, const reference::Upstream &upstream) {
        const reference::States states = reference::forward(shape, inputs);
        for (const double h : states.hidden) on.push_back(shape.cell == TIDEGATE_ELMAN_RELU && h > 0.0);
        for (size_t i = 0; i < states.hidden.size(); ++i) value += states.hidden[i] * upstream.d_hidden[i];
        for (size_t i = 0; i < upstream.d_hidden_out.size(); ++i)
            value += states.hidden_out[i] * upstream.d_hidden_out[i];
        for (size_t i = 0; i < upstream.d_memory_out.size(); ++i)
            value += states.memory_out[i] * upstream.d_memory_out[i];
    }
};

/* Central differences, whose error is the step squared; false where a ReLU has its kink within the step. */
bool agrees_with_difference(const char *name, const reference::Shape &shape, reference::Inputs inputs,
                            std::vector<float> reference::Inputs::*member, int64_t i,
                            const reference::Upstream &upstream, double expected) {
    float &number = (inputs.*member)[static_cast<size_t>(i)];
    const float above = number + 0x1p-13f, below = number - 0x1p-13f;
    number = above;
    const Objective high(shape, inputs, upstream);
    number = below;
    const Objective low(shape, inputs, upstream);
    if (high.on != low.on) return false;
    CHECK_NEAR(name, (high.value - low.value) / (double(above) - double(below)), expected, 1e-6);
    return true;
}

/* Gradient of recurrent weight (row r, column k) by the outer products that a caller makes of the two matrices. */
double weight_gradient(const Case &drawn, const reference::Gradients &gradients, int64_t r, int64_t k) {
    const int64_t H = drawn.hidden, wide = drawn.blocks() * H;
    const bool fresh = drawn.cell == TIDEGATE_GRU && r >= 2 * H;
    double sum = 0.0;
    for (int64_t step = 0; step < drawn.batch * drawn.time; ++step)
        sum += (fresh ? gradients.new_deltas[static_cast<size_t>(step * H + r - 2 * H)]
                      : gradients.deltas[static_cast<size_t>(step * wide + r)]) *
               drawn.states[0].hidden_before[static_cast<size_t>(step * H + k)];
    return sum;
}

/* Every gradient of one small case, the first direction's, with states given. */
void check_reference(int64_t cell, check::Random &random) {
    constexpr int64_t H = 5;
    Case drawn = draw_case(cell, {{H}, {4}, {5}}, random);
    drawn.directions = 1;
    check::context() = drawn.text();
    const reference::Shape shape = drawn.shape(0);
    reference::Inputs &inputs = drawn.inputs[0];
    inputs.hidden_in.resize(4 * H), random.fill(inputs.hidden_in, 1.0f);
    if (cell == TIDEGATE_LSTM) inputs.memory_in.resize(4 * H), random.fill(inputs.memory_in, 1.0f);
    drawn.states[0] = reference::forward(shape, inputs);
    Above above = draw_above(drawn, random);
    reference::Upstream &upstream = above.upstream[0];
    for (double &number : upstream.d_hidden) number += double(random.uniform(-1.0f, 1.0f));
    const reference::Gradients gradients = reference::backward(shape, inputs, drawn.states[0], upstream);
    int64_t kinks = 0;
    const auto look = [&](const char *name, std::vector<float> reference::Inputs::*member, const auto &expected) {
        for (int64_t i = 0; i < static_cast<int64_t>((inputs.*member).size()); ++i)
            kinks += !agrees_with_difference(name, shape, inputs, member, i, upstream, expected(i));
    };
    look("sums", &reference::Inputs::sums, [&](int64_t i) { return gradients.deltas[static_cast<size_t>(i)]; });
    look("recurrent", &reference::Inputs::recurrent,
         [&](int64_t i) { return weight_gradient(drawn, gradients, i / H, i % H); });
    look("hidden_in", &reference::Inputs::hidden_in,
         [&](int64_t i) { return gradients.d_hidden_in[static_cast<size_t>(i)]; });
    look("memory_in", &reference::Inputs::memory_in,
         [&](int64_t i) { return gradients.d_memory_in[static_cast<size_t>(i)]; });
    CHECK(kinks <= 30); /* of more than 140 */
}

const Grid wide{{384, 512, 640}, {4, 7, 17, 40}, {3}};
const Grid small{{1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 48}, {1, 2, 3, 5, 6, 7, 8, 13}, {1, 2, 5}};

} // namespace

TEST(reference_agrees_with_differences) {
    for (const int64_t cell : cells()) {
        check::Random random(50 + static_cast<uint64_t>(cell));
        for (int64_t i = 0; i < 6; ++i) check_reference(cell, random);
    }
}

TEST(backward_elman_tanh) { check_grid(TIDEGATE_ELMAN_TANH, Grid(), 60, 1); }
TEST(backward_elman_relu) { check_grid(TIDEGATE_ELMAN_RELU, Grid(), 60, 2); }
TEST(backward_lstm) { check_grid(TIDEGATE_LSTM, Grid(), 60, 3); }
TEST(backward_gru) { check_grid(TIDEGATE_GRU, Grid(), 60, 4); }

TEST(backward_small) {
    for (const int64_t cell : cells()) check_grid(cell, small, 250, 10 + static_cast<uint64_t>(cell));
}

TEST(backward_wide) {
    for (const int64_t cell : cells()) check_grid(cell, wide, 4, 20 + static_cast<uint64_t>(cell));
}

TEST(backward_corners) {
    for (const int64_t cell : cells()) {
        check::Random random(30 + static_cast<uint64_t>(cell));
        for (const Corner &corner : corners(cell)) check_drawn(draw_corner(cell, corner, random), random);
    }
}

TEST_MAIN
