/* The forward pass against the reference, over random shapes, lengths, layouts and numbers, for every instruction set. */
#include "corners.h"
#include "runs.h"

using namespace testing;

namespace {

/* A sum of H products with weights of 1/sqrt(H) errs by about 2⁻²⁴ however large H is on the average, and by sqrt(H) as
 * much at the worst. What comes on top is the activations' (3e-7), carried on over the steps. In these grids nothing
 * errs by more than 1e-6 of (1 + |x|) up to 257 units, nor by more than 2e-6 at 640; 3.2e-6 is allowed there. */
double allowed(const Case &drawn, double expected) {
    const double products = double(drawn.hidden + drawn.features);
    return 1e-6 * std::max(1.0, std::sqrt(products) / 8.0) * (1.0 + std::fabs(expected));
}

void check_steps(const Case &drawn, const char *name, const buffer::Buffer &came, const reference::Doubles &dense,
                 int64_t width, int64_t gap = 0) {
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t)
            for (int64_t j = 0; j < width; ++j) {
                const double expected = dense[static_cast<size_t>((b * drawn.time + t) * width + j)];
                CHECK_NEAR(name, expected, came[drawn.rows.row(b, t) * (width + gap) + j], allowed(drawn, expected));
            }
    check_other_rows(drawn, name, came, width, gap);
}

void check_untouched(const char *name, const buffer::Buffer &came) {
    for (int64_t i = 0; i < came.size(); ++i)
        if (!buffer::is_untouched(came[i])) return check::fail(__FILE__, __LINE__, std::string(name) + " was written");
    came.check_zones(name);
}

void check_states(const Case &drawn, const char *name, const buffer::Buffer &came, const reference::Doubles &expected,
                  const std::vector<float> &before) {
    for (int64_t i = 0; i < came.size(); ++i)
        CHECK_NEAR(name, expected[static_cast<size_t>(i)], came[i], allowed(drawn, expected[static_cast<size_t>(i)]));
    for (int64_t i = 0; i < came.size(); ++i)
        if (drawn.lengths[static_cast<size_t>(i / drawn.hidden)] == 0)
            CHECK_EQUAL(before.empty() ? 0.0f : before[static_cast<size_t>(i)], came[i]);
    came.check_zones(name);
}

void check_y(const Case &drawn, const buffer::Buffer &y) {
    const int64_t H = drawn.hidden, width = drawn.width();
    std::vector<bool> known = true_rows(drawn, drawn.outputs);
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.time; ++t) {
            const bool beyond = t >= drawn.lengths[static_cast<size_t>(b)];
            if (beyond && !drawn.clear) continue;
            const int64_t row = drawn.outputs.row(b, t);
            known[static_cast<size_t>(row)] = true;
            for (int64_t j = 0; j < width; ++j) {
                const reference::Doubles &hidden = drawn.states[static_cast<size_t>(j / H)].hidden;
                const double expected = hidden[static_cast<size_t>((b * drawn.time + t) * H + j % H)];
                CHECK_NEAR("y", expected, y[row * width + j], beyond ? 0.0 : allowed(drawn, expected));
            }
        }
    for (int64_t i = 0; i < y.size(); ++i)
        if (!known[static_cast<size_t>(i / width)] && !buffer::is_untouched(y[i]))
            return check::fail(__FILE__, __LINE__, "y: row " + check::text(i / width) + " was written");
    y.check_zones("y");
}

void check_kept(const Case &drawn, const ForwardRun &run, size_t d, const std::vector<float> &sums) {
    const int64_t H = drawn.hidden;
    const reference::States &states = drawn.states[d];
    const bool kept = drawn.save && drawn.blocks() > 1; /* an Elman's gates after activation are in y */
    if (kept) check_steps(drawn, "gates", run.gates[d], states.gates, drawn.blocks() * H, drawn.gates_gap);
    else run.gates[d].check_same("gates", sums);
    if (drawn.save && drawn.cell == TIDEGATE_GRU)
        check_steps(drawn, "new_recurrent", run.new_recurrent[d], states.new_recurrent, H);
    else check_untouched("new_recurrent", run.new_recurrent[d]);
    if (drawn.save && drawn.cell == TIDEGATE_LSTM) check_steps(drawn, "memories", run.memories[d], states.memories, H);
    else check_untouched("memories", run.memories[d]);
}

void check_case(const Case &drawn) {
    ForwardRun run(drawn);
    std::vector<std::vector<float>> sums;
    for (const buffer::Buffer &gates : run.gates) sums.push_back(gates.values());
    CHECK_EQUAL(TIDEGATE_OK, run.call());
    check_y(drawn, run.y);
    for (size_t d = 0; d < drawn.inputs.size(); ++d) {
        const reference::Inputs &inputs = drawn.inputs[d];
        check_states(drawn, "hidden_out", run.hidden_out[d], drawn.states[d].hidden_out, inputs.hidden_in);
        if (drawn.cell == TIDEGATE_LSTM)
            check_states(drawn, "memory_out", run.memory_out[d], drawn.states[d].memory_out, inputs.memory_in);
        run.hidden_in[d].check_same("hidden_in", inputs.hidden_in);
        run.memory_in[d].check_same("memory_in", inputs.memory_in);
        check_kept(drawn, run, d, sums[d]);
    }
}

/* The reference is slow: each case is worked out once, for all instruction sets. */
void check_drawn(const Case &drawn) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::context() = name + ": " + drawn.text();
        check_case(drawn);
    }
}

void check_grid(int64_t cell, const Grid &grid, int64_t cases, uint64_t seed) {
    check::Random random(seed);
    for (int64_t i = 0; i < check::sampled(cases); ++i) check_drawn(draw_case(cell, grid, random));
}

/* Widths at which the kernels may share the columns of one step among threads. */
const Grid wide{{384, 512, 640}, {4, 7, 17, 40}, {3}};

/* Many small shapes for the edges of tiles, fewer of all sizes. */
const Grid small{{1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 48}, {1, 2, 3, 5, 6, 7, 8, 13}, {1, 2, 5}};

} // namespace

TEST(forward_elman_tanh) { check_grid(TIDEGATE_ELMAN_TANH, Grid(), 60, 1); }
TEST(forward_elman_relu) { check_grid(TIDEGATE_ELMAN_RELU, Grid(), 60, 2); }
TEST(forward_lstm) { check_grid(TIDEGATE_LSTM, Grid(), 60, 3); }
TEST(forward_gru) { check_grid(TIDEGATE_GRU, Grid(), 60, 4); }

TEST(forward_small) {
    for (const int64_t cell : cells()) check_grid(cell, small, 250, 10 + static_cast<uint64_t>(cell));
}

TEST(forward_wide) {
    for (const int64_t cell : cells()) check_grid(cell, wide, 4, 20 + static_cast<uint64_t>(cell));
}

TEST(forward_corners) {
    for (const int64_t cell : cells()) {
        check::Random random(30 + static_cast<uint64_t>(cell));
        for (const Corner &corner : corners(cell)) check_drawn(draw_corner(cell, corner, random));
    }
}

TEST_MAIN
