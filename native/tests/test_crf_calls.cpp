/* The CRF from outside: bits, what is asked for and what is not, errors of its parts, and what the interface refuses. */
#include "crf_batch.h"

using namespace crf;

TEST(bits_in_any_batch_and_for_any_threads) {
    for_each_set([] {
        const Batch batch = draw(23, 40, 29, 3.0f, 0.3f, 5);
        const Results one = run(batch, true);
        const std::vector<int64_t> paths = decoded(batch);
        for (const int64_t threads : {2, 3, 16}) {
            const Results more = run(batch, true, threads);
            CHECK(same(one.value, 0, more.value, batch.batch));
            CHECK(same(one.d_scores, 0, more.d_scores, one.d_scores.size()));
            CHECK(same(one.d_transitions, 0, more.d_transitions, one.d_transitions.size()));
            CHECK(paths == decoded(batch, threads));
        }
        for (int64_t b = 0; b < batch.batch; ++b) {
            const int64_t length = batch.length(b), k = batch.tags, width = k * (k + 2);
            Batch alone(1, length, k);
            alone.between = buffer::Buffer(batch.between.values()), alone.start = buffer::Buffer(batch.start.values());
            alone.end = buffer::Buffer(batch.end.values());
            std::copy_n(batch.scores.data() + b * batch.time * k, length * k, alone.scores.data());
            alone.paths.assign(batch.path(b), batch.path(b) + length);
            const Results found = run(alone, true);
            CHECK(same(one.value, b, found.value, 1));
            CHECK(same(one.d_scores, b * batch.time * k, found.d_scores, length * k));
            CHECK(same(one.d_transitions, b * width, found.d_transitions, width));
            const std::vector<int64_t> path = decoded(alone);
            CHECK(std::equal(path.begin(), path.end(), paths.begin() + b * batch.time));
        }
    });
}

TEST(values_without_gradients) {
    for_each_set([] {
        for (const float share : {0.3f, 1.0f}) {
            const Batch batch = draw(4, 9, 6, 2.0f, share, 1);
            const Results with = run(batch, true);
            const tidegate_crf problem = batch.problem();
            buffer::Buffer value(4), d_scores(batch.scores.size()), d_transitions(with.d_transitions.size());
            CHECK_EQUAL(0, tidegate_crf_expect(&problem, batch.paths.data(), value.data(), nullptr, nullptr));
            CHECK(same(with.value, 0, value, 4));
            CHECK_EQUAL(0, tidegate_crf_expect(&problem, batch.paths.data(), value.data(), d_scores.data(), nullptr));
            CHECK(same(with.d_scores, 0, d_scores, d_scores.size()));
            CHECK_EQUAL(0, tidegate_crf_expect(&problem, batch.paths.data(), value.data(), nullptr, d_transitions.data()));
            CHECK(same(with.d_transitions, 0, d_transitions, d_transitions.size()));
        }
    });
}

TEST(exponentials_error) {
    const tidegate::CrfKernels *sets[] = {&tidegate::crf_portable,
#ifdef TIDEGATE_X86
                                          &tidegate::crf_avx2, &tidegate::crf_avx512
#endif
    };
    for (const tidegate::CrfKernels *set : sets) {
        if (tidegate_has_isa(set->name) != 1) continue;
        check::context() = set->name;
        double x[8], y[8];
        for (double from = 0; from > -760; from -= 0.0137) {
            for (int i = 0; i < 8; ++i) x[i] = from - 0.001 * i;
            set->exponentials(8, x, y);
            for (int i = 0; i < 8; ++i) {
                const double expected = x[i] < -708 ? 0 : std::exp(x[i]);
                CHECK_NEAR("exp of " + check::text(x[i]), expected, y[i], 1e-13 * expected);
            }
        }
        const double special[8] = {0, -0.0, -1e4, -std::numeric_limits<double>::infinity(), std::nan(""), -708, -709, -1e300};
        set->exponentials(8, special, y);
        CHECK(y[0] == 1 && y[1] == 1 && y[2] == 0 && y[3] == 0 && std::isnan(y[4]) && y[5] > 0 && y[6] == 0 && y[7] == 0);
    }
}

TEST(weigh) {
    for (const int64_t width : {1, 511, 512, 513, 1100}) {
        check::Random random(static_cast<uint64_t>(width));
        std::vector<float> rows(static_cast<size_t>(3 * width)), weights(3);
        random.fill(rows, 2), random.fill(weights, 2);
        buffer::Buffer in(rows), out(width);
        CHECK_EQUAL(0, tidegate_crf_weigh(3, width, weights.data(), in.data(), out.data()));
        in.check_same("rows", rows), out.check_zones("result");
        for (int64_t i = 0; i < width; ++i) {
            double sum = 0;
            for (int64_t b = 0; b < 3; ++b) sum += double(weights[static_cast<size_t>(b)]) * double(in[b * width + i]);
            CHECK_NEAR("weighed sum", sum, out[i], 1e-6);
        }
        CHECK_EQUAL(0, tidegate_crf_weigh(0, width, nullptr, nullptr, out.data()));
        CHECK_EQUAL(0.0f, out[width - 1]);
    }
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_crf_weigh(1, 1, nullptr, nullptr, nullptr));
}

TEST(refused) {
    Batch batch = draw(2, 3, 4, 1, 0, 2);
    batch.lengths = {3, 2};
    Results into(batch);
    std::vector<int64_t> paths(6, 0);
    const auto expect = [&](int64_t status, tidegate_crf problem) {
        CHECK_EQUAL(status, tidegate_crf_expect(&problem, nullptr, into.value.data(), nullptr, nullptr));
        CHECK_EQUAL(status, tidegate_crf_decode(&problem, paths.data()));
    };
    const tidegate_crf good = batch.problem();
    expect(TIDEGATE_OK, good);
    for (auto field : {&tidegate_crf::batch, &tidegate_crf::time, &tidegate_crf::tags}) {
        tidegate_crf bad = good;
        bad.*field = -1;
        expect(TIDEGATE_BAD_ARGUMENT, bad);
    }
    for (auto field : {&tidegate_crf::scores, &tidegate_crf::between, &tidegate_crf::start, &tidegate_crf::end}) {
        tidegate_crf bad = good;
        bad.*field = nullptr;
        expect(TIDEGATE_BAD_ARGUMENT, bad);
    }
    for (const int64_t length : {-1, 4}) {
        const int64_t lengths[] = {3, length};
        tidegate_crf bad = good;
        bad.lengths = lengths;
        expect(TIDEGATE_BAD_LENGTH, bad);
    }
    for (const int64_t tag : {-1, 4}) {
        paths = {0, 0, 0, 0, tag, tag};
        CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_crf_expect(&good, paths.data(), into.value.data(), nullptr, nullptr));
    }
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_crf_expect(&good, nullptr, nullptr, nullptr, nullptr));
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_crf_decode(&good, nullptr));
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_crf_expect(nullptr, nullptr, into.value.data(), nullptr, nullptr));
    const tidegate_crf empty = {0, 0, 4, 1, nullptr, nullptr, batch.between.data(), batch.start.data(), batch.end.data()};
    expect(TIDEGATE_OK, empty);
}

TEST_MAIN
