/* The CRF against every path there is, and against its reference, for every instruction set. */
#include "crf_batch.h"

using namespace crf;

namespace {

/* Numbers of one sequence: log Z, then the expectations as the interface lays them out. */
struct Expected {
    double z = 0;
    std::vector<double> scores, transitions;
};

Expected by_every_path(const Batch &from, int64_t b) {
    const int64_t k = from.tags, length = from.length(b);
    Expected found;
    found.scores.assign(static_cast<size_t>(from.time * k), 0), found.transitions.assign(static_cast<size_t>(k * (k + 2)), 0);
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    over_paths(length, k, [&](const std::vector<int64_t> &path) { most = std::max(most, score(from, b, path)); });
    over_paths(length, k, [&](const std::vector<int64_t> &path) { sum += std::exp(score(from, b, path) - most); });
    found.z = most + std::log(sum);
    over_paths(length, k, [&](const std::vector<int64_t> &path) {
        const double p = std::exp(score(from, b, path) - found.z);
        for (size_t t = 0; t < path.size(); ++t) {
            found.scores[t * static_cast<size_t>(k) + static_cast<size_t>(path[t])] += p;
            if (t > 0) found.transitions[static_cast<size_t>(path[t - 1] * k + path[t])] += p;
        }
        if (path.empty()) return;
        found.transitions[static_cast<size_t>(k * k + path.front())] += p;
        found.transitions[static_cast<size_t>(k * k + k + path.back())] += p;
    });
    return found;
}

void check_against_every_path(const Batch &batch) {
    const Results z = run(batch, false), likelihood = run(batch, true);
    const std::vector<int64_t> paths = decoded(batch);
    const int64_t k = batch.tags, width = k * (k + 2);
    for (int64_t b = 0; b < batch.batch; ++b) {
        const Expected reference = by_every_path(batch, b);
        const int64_t length = batch.length(b);
        const std::vector<int64_t> path(batch.path(b), batch.path(b) + length);
        CHECK_NEAR("log Z", reference.z, z.value[b], 1e-6 * (1 + std::fabs(reference.z)));
        const double log_p = score(batch, b, path) - reference.z;
        CHECK_NEAR("log-likelihood", log_p, likelihood.value[b], 1e-6 * (1 + std::fabs(log_p)));
        for (int64_t i = 0; i < batch.time * k; ++i) {
            const double p = reference.scores[static_cast<size_t>(i)];
            const bool taken = i / k < length && path[static_cast<size_t>(i / k)] == i % k;
            CHECK_NEAR("marginal", p, z.d_scores[b * batch.time * k + i], 1e-6);
            CHECK_NEAR("gradient of scores", double(taken) - p, likelihood.d_scores[b * batch.time * k + i], 1e-6);
        }
        std::vector<double> counts(static_cast<size_t>(width), 0);
        for (size_t t = 1; t < path.size(); ++t) counts[static_cast<size_t>(path[t - 1] * k + path[t])] += 1;
        if (length > 0) counts[static_cast<size_t>(k * k + path.front())] += 1;
        if (length > 0) counts[static_cast<size_t>(k * k + k + path.back())] += 1;
        for (int64_t i = 0; i < width; ++i) {
            const double p = reference.transitions[static_cast<size_t>(i)];
            CHECK_NEAR("expected transition", p, z.d_transitions[b * width + i], 1e-6);
            CHECK_NEAR("gradient of transitions", counts[static_cast<size_t>(i)] - p,
                       likelihood.d_transitions[b * width + i], 2e-6);
        }
        double best = -std::numeric_limits<double>::infinity();
        over_paths(length, k, [&](const std::vector<int64_t> &one) { best = std::max(best, score(batch, b, one)); });
        const std::vector<int64_t> chosen(paths.begin() + b * batch.time, paths.begin() + b * batch.time + length);
        CHECK_NEAR("score of the best path", best, score(batch, b, chosen), 1e-9 * (1 + std::fabs(best)));
        for (int64_t t = length; t < batch.time; ++t) CHECK_EQUAL(-7, paths[static_cast<size_t>(b * batch.time + t)]);
    }
}

} // namespace

TEST(every_path) {
    for_each_set([] {
        for (int64_t i = 0; i < check::sampled(120); ++i) {
            check::Random random(static_cast<uint64_t>(i));
            const int64_t tags = 1 + random.below(4), time = 1 + random.below(tags > 2 ? 5 : 8);
            const float bound = random.pick(std::vector<float>{0.0f, 1.0f, 5.0f, 200.0f, 3000.0f});
            check_against_every_path(draw(3, time, tags, bound, random.pick(std::vector<float>{0, 0.3f, 1}), random.next()));
        }
    });
}

/* More tags than a vector, and than eight of them; the reference is written to be read. */
TEST(exact_reference) {
    for_each_set([] {
        for (const int64_t tags : {5, 8, 9, 17, 33, 70, 131}) {
            const Batch batch = draw(2, 2 * tidegate::crf_chunk + 3, tags, 4.0f, 0.2f, static_cast<uint64_t>(tags));
            const Results found = run(batch, false);
            const int64_t stride = tags, time = batch.time;
            const auto wide = [](const buffer::Buffer &from) {
                const std::vector<float> values = from.values();
                return std::vector<double>(values.begin(), values.end());
            };
            const std::vector<double> between = wide(batch.between), start = wide(batch.start), end = wide(batch.end);
            const auto room_for = [](int64_t count) { return std::vector<double>(static_cast<size_t>(count)); };
            std::vector<double> prefixes = room_for(time * tags), sums = prefixes, row = room_for(4 * tags), pairs = between;
            const tidegate::CrfTables tables = {tags, stride, between.data(), start.data(), end.data(), nullptr, nullptr, nullptr};
            const tidegate::CrfRoom room = {prefixes.data(), sums.data(), nullptr, row.data(), pairs.data(), nullptr};
            double z = 0;
            tidegate::crf_expect_exactly(tables, {batch.length(0), batch.scores.data()}, room, true, &z);
            CHECK_NEAR("log Z", z, found.value[0], 1e-6 * std::fabs(z));
            for (int64_t i = 0; i < time * tags; ++i) CHECK_NEAR("marginal", sums[static_cast<size_t>(i)], found.d_scores[i], 1e-7);
            for (int64_t i = 0; i < tags * tags; ++i) {
                CHECK_NEAR("expected transition", pairs[static_cast<size_t>(i)], found.d_transitions[i], 1e-6 * (1 + pairs[static_cast<size_t>(i)]));
            }
            double without = 0;
            tidegate::crf_expect_exactly(tables, {batch.length(0), batch.scores.data()}, room, false, &without);
            CHECK_EQUAL(z, without);
        }
    });
}

/* Whole numbers, so that many paths are equally good: the one of the lowest tags, from the end on. */
TEST(ties) {
    for_each_set([] {
        for (uint64_t seed = 0; seed < 40; ++seed) {
            Batch batch = draw(1, 5, 3, 1.4f, 0, seed);
            for (buffer::Buffer *one : {&batch.scores, &batch.between, &batch.start, &batch.end}) {
                for (int64_t i = 0; i < one->size(); ++i) one->data()[i] = std::round((*one)[i]);
            }
            double best = -std::numeric_limits<double>::infinity();
            std::vector<int64_t> chosen;
            over_paths(5, 3, [&](const std::vector<int64_t> &path) {
                const double here = score(batch, 0, path);
                const bool lower = std::lexicographical_compare(path.rbegin(), path.rend(), chosen.rbegin(), chosen.rend());
                if (here > best || (here == best && lower)) best = here, chosen = path;
            });
            CHECK(chosen == decoded(batch));
        }
    });
}

TEST_MAIN
