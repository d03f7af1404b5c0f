/* The forward pass that projects x itself, against the same pass on sums that the test made in doubles, for numbers of
 * features at the edges of vectors, every pair of layouts, and weights that are large only together; and its bits. */
#include "corners.h"
#include "job.h"

using namespace testing;

namespace {

const std::vector<int64_t> all_features{1, 2, 3, 15, 16, 17, 31, 64, 70, 130};

struct Size {
    int64_t hidden, batch, time, features;
};

/* `lengths` may be empty, and are then drawn. */
Case draw_projecting(int64_t cell, const Size &size, std::vector<int64_t> lengths, check::Random &random) {
    Case drawn;
    drawn.cell = cell, drawn.hidden = size.hidden, drawn.batch = size.batch, drawn.time = size.time;
    drawn.features = size.features;
    drawn.directions = 1 + random.below(2);
    drawn.first_reversed = random.below(2);
    drawn.threads = 1 + random.below(4);
    drawn.lengths = std::move(lengths);
    drawn.x.resize(static_cast<size_t>(size.batch * size.time * size.features));
    random.fill(drawn.x, 1.5f);
    complete(drawn, random);
    return drawn;
}

Case one_direction(Case drawn) {
    drawn.directions = 1, drawn.inputs.resize(1), drawn.states.resize(1);
    return drawn;
}

/* The same call with x·W_ih done by the caller. */
Case on_sums(Case drawn) {
    drawn.features = 0, drawn.x.clear();
    for (reference::Inputs &inputs : drawn.inputs) inputs.input.clear();
    return drawn;
}

bool keeps_gates(const Case &drawn) { return drawn.save && drawn.blocks() > 1; }

/* Each pass errs by as much as test_forward allows; the one that projects sums F + H products instead of H. */
double allowed(const Case &drawn, double expected) {
    const double hidden = double(drawn.hidden), more = std::sqrt((double(drawn.features) + hidden) / hidden);
    return 1e-6 * std::max(1.0, std::sqrt(hidden) / 8.0) * (1.0 + more) * (1.0 + std::fabs(expected));
}

/* The same places written, the same others left alone, and nothing beyond. */
void check_alike(const Case &drawn, const char *name, const buffer::Buffer &expected, const buffer::Buffer &came) {
    CHECK_EQUAL(expected.size(), came.size());
    for (int64_t i = 0; i < expected.size(); ++i) {
        if (buffer::is_untouched(expected[i]) != buffer::is_untouched(came[i]))
            return check::fail(__FILE__, __LINE__, std::string(name) + ": number " + check::text(i) +
                                                       " was written by one of the two passes only, or is no number");
        if (!buffer::is_untouched(expected[i])) CHECK_NEAR(name, expected[i], came[i], allowed(drawn, expected[i]));
    }
    came.check_zones(name);
}

void check_only_read(const Case &drawn, const ForwardRun &run, const std::vector<float> &x) {
    run.x.check_same("x", x);
    for (size_t d = 0; d < drawn.inputs.size(); ++d) {
        const reference::Inputs &inputs = drawn.inputs[d];
        const int64_t gap = drawn.stride_gap;
        run.weights[d].rows.check_same("W_hh", with_stride(inputs.recurrent, drawn.hidden, drawn.hidden + gap));
        run.weights[d].input_rows.check_same("W_ih", with_stride(inputs.input, drawn.features, drawn.features + gap));
        run.hidden_in[d].check_same("hidden_in", inputs.hidden_in);
        run.memory_in[d].check_same("memory_in", inputs.memory_in);
    }
}

void check_pair(const Case &drawn) {
    ForwardRun plain(on_sums(drawn)), projecting(drawn);
    const std::vector<float> x = projecting.x.values();
    CHECK_EQUAL(TIDEGATE_OK, plain.call());
    CHECK_EQUAL(TIDEGATE_OK, projecting.call());
    check_alike(drawn, "y", plain.y, projecting.y);
    for (size_t d = 0; d < drawn.inputs.size(); ++d) {
        check_alike(drawn, "hidden_out", plain.hidden_out[d], projecting.hidden_out[d]);
        check_alike(drawn, "memory_out", plain.memory_out[d], projecting.memory_out[d]);
        check_alike(drawn, "new_recurrent", plain.new_recurrent[d], projecting.new_recurrent[d]);
        check_alike(drawn, "memories", plain.memories[d], projecting.memories[d]);
        if (keeps_gates(drawn)) check_alike(drawn, "gates", plain.gates[d], projecting.gates[d]);
    }
    check_only_read(drawn, projecting, x);
}

template <class Body> void for_each_set(const Case &drawn, const Body &body) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::context() = name + ": " + drawn.text();
        body();
    }
}

void check_drawn(const Case &drawn) {
    for_each_set(drawn, [&] { check_pair(drawn); });
}

/* What belongs to each sequence of a call, in the order of its steps. */
std::vector<std::vector<float>> bits_of(const Case &drawn) {
    const int64_t H = drawn.hidden, width = drawn.width(), wide = drawn.blocks() * H;
    std::vector<std::vector<float>> bits(static_cast<size_t>(drawn.batch));
    ForwardRun run(drawn);
    CHECK_EQUAL(TIDEGATE_OK, run.call());
    for (int64_t b = 0; b < drawn.batch; ++b) {
        std::vector<float> &own = bits[static_cast<size_t>(b)];
        const auto take = [&](const buffer::Buffer &numbers, int64_t first, int64_t count) {
            own.insert(own.end(), numbers.data() + first, numbers.data() + first + count);
        };
        for (size_t d = 0; d < drawn.inputs.size(); ++d) {
            take(run.hidden_out[d], b * H, H);
            if (drawn.cell == TIDEGATE_LSTM) take(run.memory_out[d], b * H, H);
        }
        for (int64_t t = 0; t < drawn.lengths[static_cast<size_t>(b)]; ++t) {
            take(run.y, drawn.outputs.row(b, t) * width, width);
            for (size_t d = 0; keeps_gates(drawn) && d < drawn.inputs.size(); ++d)
                take(run.gates[d], drawn.rows.row(b, t) * drawn.gates_stride(), wide);
        }
    }
    return bits;
}

/* The sequences `chosen` of `drawn`, as a batch of their own. The reference is not asked again: its states go. */
Case select(const Case &drawn, const std::vector<int64_t> &chosen, check::Random &random) {
    Case part = drawn;
    part.batch = static_cast<int64_t>(chosen.size());
    part.lengths.clear(), part.states.clear();
    for (const int64_t b : chosen) part.lengths.push_back(drawn.lengths[static_cast<size_t>(b)]);
    const auto pick = [&](std::vector<float> &numbers, int64_t width) {
        const std::vector<float> all = std::move(numbers);
        numbers.clear();
        for (const int64_t b : chosen)
            if (!all.empty()) numbers.insert(numbers.end(), all.begin() + b * width, all.begin() + (b + 1) * width);
    };
    pick(part.x, drawn.time * drawn.features);
    for (reference::Inputs &inputs : part.inputs)
        pick(inputs.hidden_in, drawn.hidden), pick(inputs.memory_in, drawn.hidden);
    part.rows = layout::draw(part.lengths, part.time, random);
    part.outputs = layout::draw(part.lengths, part.time, random);
    part.input_rows = layout::draw(part.lengths, part.time, random);
    part.clear = false;
    part.pack_ahead = random.coin();
    part.threads = 1 + random.below(4);
    return part;
}

void check_bits(const Case &drawn, uint64_t seed) {
    check::Random random(seed); /* its own, so that a set that a machine lacks changes no draw after it */
    Case first = drawn;
    first.threads = 1;
    const std::vector<std::vector<float>> expected = bits_of(first);
    for (int64_t threads = 1; threads <= 4; ++threads) {
        first.threads = threads, first.pack_ahead = !first.pack_ahead;
        const std::vector<std::vector<float>> came = bits_of(first);
        for (size_t b = 0; b < came.size(); ++b) CHECK(same(expected[b], came[b]));
    }
    for (int64_t i = 0; i < 6; ++i) {
        std::vector<int64_t> chosen(static_cast<size_t>(i < 3 ? 1 : 1 + random.below(drawn.batch + 2)));
        for (int64_t &b : chosen) b = random.below(drawn.batch);
        const std::vector<std::vector<float>> came = bits_of(select(drawn, chosen, random));
        for (size_t k = 0; k < chosen.size(); ++k) CHECK(same(expected[static_cast<size_t>(chosen[k])], came[k]));
    }
}

/* W_hh that stays in a core's cache, and the fewest features with which it no longer does. */
Size large_together(int64_t cell, int64_t batch) {
    Size size{too_large_for_cache(cell) - 5 - 32, batch, 3, 1};
    while (reference::blocks(cell) * size.hidden * (size.hidden + size.features) * 4 <= 1536 << 10) ++size.features;
    return size;
}

} // namespace

TEST(projection_of_every_number_of_features) {
    const std::vector<int64_t> hidden{1, 3, 8, 15, 16, 17, 33, 64, 65, 100}, batch{1, 2, 5, 8, 13}, time{1, 4, 9};
    check::Random random(1);
    for (const int64_t cell : cells())
        for (const int64_t features : all_features)
            for (int64_t i = 0; i < check::sampled(8); ++i)
                check_drawn(draw_projecting(
                    cell, {random.pick(hidden), random.pick(batch), random.pick(time), features}, {}, random));
}

/* Gates, outputs and x each in rows of their own kind. Lengths that do not grow, as a PackedSequence asks for. */
TEST(projection_between_layouts) {
    const std::vector<int64_t> lengths{7, 4, 4, 1, 0};
    check::Random random(2);
    const std::vector<layout::Layout> layouts{layout::by_sequence(5, 7, 2), layout::by_step(5, 7, 1),
                                              layout::end_to_end(lengths, random), layout::packed_sequence(lengths, 7)};
    for (const int64_t cell : cells()) {
        Case drawn = draw_projecting(cell, {17, 5, 7, 19}, lengths, random);
        for (const layout::Layout &input_rows : layouts)
            for (const layout::Layout &rows : layouts) {
                drawn.input_rows = input_rows, drawn.rows = rows;
                drawn.outputs = random.pick(layouts);
                drawn.clear = drawn.outputs.padded && random.coin();
                drawn.save = random.coin();
                check_drawn(drawn);
            }
    }
}

/* Columns shared among threads: one of them brings the inputs of all. Of two threads both go to one direction. */
TEST(projection_by_columns) {
    check::Random random(3);
    for (const int64_t cell : cells())
        for (int64_t threads = 2; threads <= (TIDEGATE_TESTS_SANITIZED ? 2 : 4); ++threads) {
            const int64_t large = too_large_for_cache(cell);
            for (const Size &size : {Size{large, 3, 4, 17}, Size{large, 1, 3, 130}, large_together(cell, 2),
                                     large_together(cell, 20), Size{33, 1, 7, 16}, Size{20, 1, 7, 3}}) {
                const std::vector<int64_t> lengths(static_cast<size_t>(size.batch), size.time);
                Case drawn = draw_projecting(cell, size, lengths, random);
                drawn.threads = threads;
                check_drawn(threads == 2 ? one_direction(drawn) : drawn);
            }
        }
}

TEST(projection_gives_the_same_bits) {
    const std::vector<int64_t> hidden{1, 15, 16, 33, 65}, batch{2, 7, 13};
    check::Random random(4);
    for (const int64_t cell : cells()) {
        for (const int64_t features : all_features) {
            const Case drawn =
                draw_projecting(cell, {random.pick(hidden), random.pick(batch), 5, features}, {}, random);
            for_each_set(drawn, [&] { check_bits(drawn, static_cast<uint64_t>(features)); });
        }
        if (TIDEGATE_TESTS_SANITIZED) continue;
        const Case drawn = draw_projecting(cell, large_together(cell, 3), {3, 1, 2}, random);
        for_each_set(drawn, [&] { check_bits(drawn, 1000); });
    }
}

/* Gates that are given and not kept are neither read nor written. */
TEST(projection_leaves_gates_alone) {
    check::Random random(5);
    for (const int64_t cell : cells()) {
        Case drawn = one_direction(draw_projecting(cell, {17, 5, 4, 9}, {4, 0, 3, 1, 4}, random));
        drawn.save = drawn.blocks() == 1;
        for_each_set(drawn, [&] {
            ForwardRun without(drawn), with(drawn);
            CHECK_EQUAL(TIDEGATE_OK, without.call());
            const tidegate_problem problem = drawn.problem();
            tidegate_forward part = with.part(0);
            part.gates = with.gates[0].data();
            const std::vector<float> before = with.gates[0].values();
            CHECK_EQUAL(TIDEGATE_OK, tidegate_run_forward(&problem, &part, with.y.data(), drawn.clear, drawn.save));
            with.gates[0].check_same("gates", before);
            with.y.check_same("y", without.y.values());
        });
    }
}

/* Packed weights spare the matrices; nothing spares x, nor somewhere to keep the gates. */
TEST(projection_needs) {
    check::Random random(6);
    for (const int64_t cell : cells()) {
        Case drawn = one_direction(draw_projecting(cell, {5, 2, 3, 4}, {3, 2}, random));
        drawn.pack_ahead = drawn.save = true, drawn.recurrent_too = false;
        const auto expect = [&](int64_t status, const char *what, const auto &spoil) {
            check::context() = std::string(what) + " of " + drawn.text();
            ForwardRun run(drawn);
            tidegate_problem problem = drawn.problem();
            tidegate_forward part = run.part(0);
            spoil(problem, part);
            CHECK_EQUAL(status, tidegate_run_forward(&problem, &part, run.y.data(), 0, 1));
        };
        using P = tidegate_problem &;
        using F = tidegate_forward &;
        const int64_t bad = TIDEGATE_BAD_ARGUMENT, ok = TIDEGATE_OK;
        expect(ok, "no matrix", [](P, F f) { f.input = nullptr, f.input_stride = 0; });
        expect(bad, "no x", [](P, F f) { f.x = nullptr; });
        expect(bad, "features below 0", [](P p, F) { p.features = -1; });
        expect(drawn.blocks() > 1 ? bad : ok, "no gates to keep", [](P, F f) { f.gates = nullptr; });
        const std::vector<int64_t> none(2, 0);
        expect(ok, "no x and no steps", [&](P p, F f) { p.lengths = none.data(), f.x = nullptr; });
        expect(ok, "no x and no time", [](P p, F f) { p.lengths = nullptr, p.time = 0, f.x = nullptr; });
    }
}

TEST_MAIN
