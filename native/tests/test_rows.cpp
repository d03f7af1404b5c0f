/* The functions beside the two passes: packing of weights, samples of them, and rows from one layout to another. */
#include "runs.h"

using namespace testing;

namespace {

template <class Body> void for_each_set(const Body &body) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        body(name);
    }
}

/* The rows that tidegate_move_rows makes of `from`, by the plainest loops; untouched where it must not write. */
std::vector<float> moved(const Case &drawn, int64_t width, const buffer::Buffer &source, const buffer::Buffer &target) {
    std::vector<float> expected = target.values();
    for (int64_t b = 0; b < drawn.batch; ++b)
        for (int64_t t = 0; t < drawn.time; ++t) {
            const bool beyond = t >= drawn.lengths[static_cast<size_t>(b)];
            for (int64_t j = 0; j < width && !(beyond && !drawn.clear); ++j)
                expected[static_cast<size_t>(drawn.outputs.row(b, t) * width + j)] =
                    beyond ? 0.0f : source[drawn.rows.row(b, t) * width + j];
        }
    return expected;
}

} // namespace

/* Packing from rows that lie apart gives what packing from dense rows gives, whatever the threads. */
TEST(pack_takes_a_stride) {
    for_each_set([](const std::string &name) {
        check::Random random(1);
        for (const int64_t cell : cells())
            for (const int64_t hidden : {1, 7, 16, 33, 130, 300})
                for (const int64_t features : {0, 1, 16, 45}) {
                    const int64_t rows = reference::blocks(cell) * hidden, gap = 1 + random.below(9);
                    std::vector<float> dense(static_cast<size_t>(rows * hidden)), input(static_cast<size_t>(rows * features));
                    random.fill(dense, 1.0f), random.fill(input, 1.0f);
                    const buffer::Buffer wide(with_stride(dense, hidden, hidden + gap));
                    const buffer::Buffer wide_input(with_stride(input, features, features + gap));
                    check::context() = name + " " + cell_name(cell) + " H=" + check::text(hidden);
                    const buffer::Packed plain(cell, hidden, {dense.data(), hidden, hidden},
                                               {input.data(), features, features});
                    const buffer::Packed strided(cell, hidden, {wide.data(), hidden + gap, hidden},
                                                 {wide_input.data(), features + gap, features}, 1 + random.below(4));
                    CHECK_EQUAL(plain.size(), strided.size());
                    CHECK(plain.size() >= static_cast<int64_t>(dense.size() + input.size()));
                    const size_t bytes = static_cast<size_t>(plain.size()) * sizeof(float);
                    CHECK(std::memcmp(plain.data(), strided.data(), bytes) == 0);
                }
    });
}

TEST(pack_refuses) {
    std::vector<float> numbers(24);
    const float *w = numbers.data();
    const buffer::Packed packed(TIDEGATE_LSTM, 2, {w, 2, 2}, {w, 3, 3});
    float *to = const_cast<float *>(packed.data());
    const int64_t bad = TIDEGATE_BAD_ARGUMENT, lstm = TIDEGATE_LSTM;
    CHECK_EQUAL(bad, tidegate_pack(-1, 2, 0, w, 2, nullptr, 0, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(4, 2, 0, w, 2, nullptr, 0, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 0, 0, w, 2, nullptr, 0, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 2, -1, w, 2, nullptr, 0, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 2, 0, nullptr, 2, nullptr, 0, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 2, 0, w, 2, nullptr, 0, nullptr, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 2, 3, w, 2, nullptr, 3, to, 1));
    CHECK_EQUAL(bad, tidegate_pack(lstm, 2, 3, w, 2, w, 2, to, 1));
}

/* Small weights together with their inputs' do; large ones do not, nor those that are nearly all inputs'. */
TEST(projects_what_fits) {
    for_each_set([](const std::string &name) {
        check::context() = name;
        for (const int64_t cell : cells()) {
            CHECK_EQUAL(1, tidegate_projects(cell, 64, 64));
            CHECK_EQUAL(0, tidegate_projects(cell, 1024, 1024));
            CHECK_EQUAL(0, tidegate_projects(cell, 8, 512));
            CHECK_EQUAL(0, tidegate_projects(cell, 64, 0));
        }
        CHECK_EQUAL(0, tidegate_projects(-1, 64, 64));
    });
}

/* Equal floats, equal numbers; floats that all change, as an optimiser changes them, give another one. */
TEST(sample_tells_changes) {
    check::Random random(3);
    for (const int64_t count : {1, 2, 31, 64, 100, 129, 1000, 4096, 100003}) {
        std::vector<float> values(static_cast<size_t>(count));
        random.fill(values, 1.0f);
        buffer::Buffer once(values);
        const buffer::Buffer again(values);
        check::context() = "count " + check::text(count);
        const int64_t before = tidegate_sample(once.data(), count);
        CHECK_EQUAL(before, tidegate_sample(again.data(), count));
        once.check_same("values", values);
        for (int64_t i = 0; i < count; ++i) once.data()[i] = std::nextafter(once[i], 2.0f);
        CHECK(before != tidegate_sample(once.data(), count));
        for (int64_t i = 0; i < count; ++i) once.data()[i] = 0.0f;
        const int64_t zeros = tidegate_sample(once.data(), count);
        for (int64_t i = 0; i < count; ++i) once.data()[i] = -0.0f;
        CHECK(zeros != tidegate_sample(once.data(), count));
    }
    CHECK_EQUAL(tidegate_sample(nullptr, 0), tidegate_sample(nullptr, 0));
}

TEST(move_rows_between_layouts) {
    check::Random random(4);
    for (int64_t i = 0; i < 400; ++i) {
        Case drawn;
        drawn.batch = 1 + random.below(9), drawn.time = random.below(7);
        const int64_t width = i % 40 == 0 ? 3000 : random.below(20); /* wide enough for threads, now and then */
        draw_lengths(drawn, random);
        drawn.rows = layout::draw(drawn.lengths, drawn.time, random);
        drawn.outputs = layout::draw(drawn.lengths, drawn.time, random);
        drawn.clear = drawn.outputs.padded && random.coin();
        drawn.threads = 1 + random.below(4);
        check::context() = "width " + check::text(width) + " " + drawn.text();
        std::vector<float> dense(static_cast<size_t>(drawn.batch * drawn.time * width));
        random.fill(dense, 1.0f);
        const buffer::Buffer source = step_buffer(drawn, dense, width);
        buffer::Buffer target(drawn.outputs.rows * width);
        const std::vector<float> expected = moved(drawn, width, source, target);
        const tidegate_problem p = drawn.problem();
        CHECK_EQUAL(TIDEGATE_OK, tidegate_move_rows(p.batch, p.time, width, p.lengths, source.data(), &p.rows,
                                                    target.data(), &p.outputs, drawn.clear, drawn.threads));
        target.check_same("target", expected);
    }
}

TEST(move_rows_refuses_lengths) {
    float source[4] = {1, 2, 3, 4}, target[4] = {9, 9, 9, 9};
    const tidegate_rows rows{nullptr, nullptr, 2, 1};
    for (const int64_t bad : {-1, 3}) {
        const int64_t lengths[2] = {2, bad};
        CHECK_EQUAL(TIDEGATE_BAD_LENGTH, tidegate_move_rows(2, 2, 1, lengths, source, &rows, target, &rows, 1, 1));
    }
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_move_rows(2, 2, 1, nullptr, source, nullptr, target, &rows, 1, 1));
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_move_rows(2, 2, 1, nullptr, source, &rows, target, nullptr, 1, 1));
    CHECK_EQUAL(TIDEGATE_OK, tidegate_move_rows(0, 2, 1, nullptr, source, &rows, target, &rows, 1, 1));
}

/* The side that has no rows, or none that are touched, may be missing; the other may not. */
TEST(move_rows_without_steps) {
    float numbers[4] = {1, 2, 3, 4};
    const tidegate_rows rows{nullptr, nullptr, 2, 1};
    const int64_t none[2] = {0, 0}, some[2] = {0, 1};
    const auto move = [&](const int64_t *lengths, int64_t time, int64_t width, const float *from, float *to,
                          int64_t clear) {
        return tidegate_move_rows(2, time, width, lengths, from, &rows, to, &rows, clear, 2);
    };
    CHECK_EQUAL(TIDEGATE_OK, move(none, 2, 1, nullptr, nullptr, 0));
    CHECK_EQUAL(TIDEGATE_OK, move(none, 2, 1, numbers, nullptr, 0));
    CHECK_EQUAL(TIDEGATE_OK, move(nullptr, 0, 1, nullptr, nullptr, 1));
    CHECK_EQUAL(TIDEGATE_OK, move(nullptr, 2, 0, nullptr, nullptr, 1));
    CHECK_EQUAL(TIDEGATE_OK, tidegate_move_rows(0, 2, 1, nullptr, nullptr, &rows, nullptr, &rows, 1, 1));
    CHECK_EQUAL(TIDEGATE_OK, move(none, 2, 1, nullptr, numbers, 0));
    CHECK_EQUAL(4.0f, numbers[3]);
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, move(none, 2, 1, nullptr, nullptr, 1));
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, move(some, 2, 1, nullptr, numbers, 0));
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, move(some, 2, 1, numbers, nullptr, 0));
    CHECK_EQUAL(TIDEGATE_OK, move(none, 2, 1, nullptr, numbers, 1));
    for (const float number : numbers) CHECK_EQUAL(0.0f, number);
}

TEST_MAIN
