/* A sequence gives the same bits alone and in any batch, with any number of threads, in any layout, by every
 * instruction set: forward y and states, backward deltas and gradients of states. */
#include "runs.h"

using namespace testing;

namespace {

/* What belongs to one sequence of one call, in the order of its steps. */
struct Bits {
    std::vector<float> forward, backward;
};

/* The sequences `chosen` of `drawn` as a batch of their own, padded to `time`. */
Case select(const Case &drawn, const std::vector<int64_t> &chosen, int64_t time, check::Random &random) {
    Case part = drawn;
    part.batch = static_cast<int64_t>(chosen.size());
    part.time = time;
    part.lengths_given = drawn.lengths_given || time != drawn.time; /* left out they would be the new T */
    part.lengths.clear();
    for (const int64_t b : chosen) part.lengths.push_back(drawn.lengths[static_cast<size_t>(b)]);
    const auto rows = [&](auto &numbers, int64_t width) {
        const auto all = numbers;
        if (all.empty()) return;
        numbers.clear();
        for (const int64_t b : chosen)
            numbers.insert(numbers.end(), all.begin() + b * width, all.begin() + (b + 1) * width);
    };
    const auto steps = [&](auto &numbers, int64_t width) {
        const auto all = numbers;
        if (all.empty()) return;
        numbers.assign(static_cast<size_t>(part.batch * time * width), 0);
        for (int64_t i = 0; i < part.batch; ++i) {
            const auto from = all.begin() + chosen[static_cast<size_t>(i)] * drawn.time * width;
            std::copy_n(from, std::min(time, drawn.time) * width, numbers.begin() + i * time * width);
        }
    };
    const int64_t H = drawn.hidden;
    if (drawn.features > 0) steps(part.x, drawn.features);
    for (reference::Inputs &inputs : part.inputs)
        rows(inputs.hidden_in, H), rows(inputs.memory_in, H), steps(inputs.sums, drawn.blocks() * H);
    for (reference::States &states : part.states) {
        steps(states.gates, drawn.blocks() * H), steps(states.hidden, H);
        steps(states.memories, H), steps(states.new_recurrent, H);
    }
    part.rows = layout::draw(part.lengths, time, random);
    part.outputs = layout::draw(part.lengths, time, random);
    part.input_rows = layout::draw(part.lengths, time, random);
    part.clear = part.outputs.padded && random.coin();
    part.save = random.coin();
    part.pack_ahead = random.coin();
    part.in_place = random.coin();
    part.gates_gap = random.below(3);
    return part;
}

void append(std::vector<float> &bits, const float *first, int64_t count) {
    bits.insert(bits.end(), first, first + count);
}

/* Gradients from above that are a function of direction and of the sequence's place in the whole batch, `origin`. */
Above above_of(const Case &part, const std::vector<int64_t> &origin) {
    Above above;
    above.kind = Above::as_outputs;
    const int64_t H = part.hidden, width = part.width();
    above.d_y = buffer::Buffer(part.outputs.rows * width);
    above.d_hidden_out.resize(static_cast<size_t>(part.directions));
    above.d_memory_out.resize(static_cast<size_t>(part.directions));
    for (int64_t i = 0; i < part.batch; ++i) {
        check::Random random(static_cast<uint64_t>(1000 + origin[static_cast<size_t>(i)]));
        for (size_t d = 0; d < above.d_hidden_out.size(); ++d)
            for (int64_t j = 0; j < H; ++j) {
                above.d_hidden_out[d].push_back(random.uniform(-1.0f, 1.0f));
                if (part.cell == TIDEGATE_LSTM) above.d_memory_out[d].push_back(random.uniform(-1.0f, 1.0f));
            }
        for (int64_t t = 0; t < part.lengths[static_cast<size_t>(i)]; ++t)
            for (int64_t j = 0; j < width; ++j)
                above.d_y.data()[part.outputs.row(i, t) * width + j] = random.uniform(-1.0f, 1.0f);
    }
    return above;
}

std::vector<Bits> run(const Case &part, const std::vector<int64_t> &origin) {
    const int64_t H = part.hidden, width = part.width(), wide = part.blocks() * H;
    std::vector<Bits> result(static_cast<size_t>(part.batch));
    ForwardRun forward(part);
    CHECK_EQUAL(TIDEGATE_OK, forward.call());
    const Above above = above_of(part, origin);
    BackwardRun backward(part, above, true);
    CHECK_EQUAL(TIDEGATE_OK, backward.call());
    for (int64_t b = 0; b < part.batch; ++b) {
        Bits &bits = result[static_cast<size_t>(b)];
        for (int64_t t = 0; t < part.lengths[static_cast<size_t>(b)]; ++t)
            append(bits.forward, forward.y.data() + part.outputs.row(b, t) * width, width);
        for (size_t d = 0; d < part.inputs.size(); ++d) {
            append(bits.forward, forward.hidden_out[d].data() + b * H, H);
            append(bits.backward, backward.d_hidden_in[d].data() + b * H, H);
            for (int64_t t = 0; t < part.lengths[static_cast<size_t>(b)]; ++t)
                append(bits.backward, backward.deltas(d).data() + part.rows.row(b, t) * part.gates_stride(), wide);
            for (int64_t t = 0; part.cell == TIDEGATE_GRU && t < part.lengths[static_cast<size_t>(b)]; ++t)
                append(bits.backward, backward.new_deltas(d).data() + part.rows.row(b, t) * H, H);
            if (part.cell != TIDEGATE_LSTM) continue;
            append(bits.forward, forward.memory_out[d].data() + b * H, H);
            append(bits.backward, backward.d_memory_in[d].data() + b * H, H);
        }
    }
    return result;
}

void check_same(const char *what, int64_t sequence, const std::vector<float> &expected, const std::vector<float> &came) {
    CHECK_EQUAL(expected.size(), came.size());
    for (size_t i = 0; i < expected.size() && i < came.size(); ++i)
        if (!check::same_bits(expected[i], came[i]))
            return check::fail(__FILE__, __LINE__, std::string(what) + " of sequence " + check::text(sequence) +
                                                       " differs in bits at number " + check::text(i) + ": expected " +
                                                       check::text(expected[i]) + ", came " + check::text(came[i]));
}

void check_subset(const Case &drawn, const std::vector<Bits> &expected, const std::vector<int64_t> &chosen, int64_t time,
                  int64_t threads, check::Random &random, const std::string &name) {
    Case part = select(drawn, chosen, time, random);
    part.threads = threads;
    check::context() = name + " " + part.text();
    const std::vector<Bits> came = run(part, chosen);
    for (size_t i = 0; i < chosen.size(); ++i) {
        const Bits &one = expected[static_cast<size_t>(chosen[i])];
        check_same("forward", chosen[i], one.forward, came[i].forward);
        check_same("backward", chosen[i], one.backward, came[i].backward);
    }
}

void check_case(const Case &drawn, const std::string &name, uint64_t seed, int64_t most_alone) {
    check::Random random(seed);
    std::vector<int64_t> all(static_cast<size_t>(drawn.batch));
    std::iota(all.begin(), all.end(), int64_t{0});
    Case first = drawn;
    first.threads = 1;
    check::context() = name + " " + first.text();
    const std::vector<Bits> expected = run(first, all);
    for (int64_t threads = 1; threads <= 4; ++threads)
        check_subset(drawn, expected, all, drawn.time + random.below(3), threads, random, name);
    for (int64_t i = 0; i < std::min(drawn.batch, most_alone); ++i) {
        const int64_t b = random.below(drawn.batch);
        const int64_t time = std::max<int64_t>(1, drawn.lengths[static_cast<size_t>(b)]);
        check_subset(drawn, expected, {b}, time, 1 + i % 4, random, name);
    }
    for (int64_t i = 0; i < 4; ++i) { /* some sequences in another order, and some of them twice */
        std::vector<int64_t> chosen(static_cast<size_t>(1 + random.below(drawn.batch)));
        for (int64_t &b : chosen) b = random.below(drawn.batch);
        check_subset(drawn, expected, chosen, drawn.time, 1 + random.below(4), random, name);
    }
}

void check_cells(const Grid &grid, int64_t cases, uint64_t seed, int64_t most_alone) {
    check::Random random(seed);
    for (const int64_t cell : cells())
        for (int64_t i = 0; i < check::sampled(cases); ++i) {
            Case drawn = draw_case(cell, grid, random);
            for (reference::States &states : drawn.states) reference::round_to_floats(states);
            for (const std::string &name : buffer::instruction_sets()) {
                CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
                check_case(drawn, name, seed + static_cast<uint64_t>(i), most_alone);
            }
        }
}

} // namespace

TEST(bits_small) { check_cells({{1, 3, 8, 15, 16, 17, 33, 48}, {2, 5, 7, 13, 24}, {1, 5}}, 12, 1, 6); }
TEST(bits_middle) { check_cells({{64, 65, 100, 128, 200}, {7, 24, 33}, {5, 12}}, 4, 2, 4); }
#if !TIDEGATE_TESTS_SANITIZED /* what threads do with wide layers, test_schedule looks at */
TEST(bits_wide) { check_cells({{384, 512}, {5, 17, 40}, {3}}, 2, 3, 3); }
#endif

TEST_MAIN
