/* Batches for the tests of the CRF, and calls whose bounds are checked. */
#ifndef TIDEGATE_TESTS_CRF_BATCH_H
#define TIDEGATE_TESTS_CRF_BATCH_H

#include <cmath>
#include <limits>

#include "../source/crf.h"
#include "buffer.h"
#include "tidegate/crf.h"

namespace crf {

inline constexpr float forbidden = -1e4f;

/* A batch that owns its numbers. What stands beyond a length is NaN, or a tag that does not exist. */
struct Batch {
    int64_t batch, time, tags;
    std::vector<int64_t> lengths, paths;
    buffer::Buffer scores, between, start, end;

    Batch(int64_t b, int64_t t, int64_t k) : batch(b), time(t), tags(k), scores(b * t * k), between(k * k), start(k), end(k) {
        lengths.assign(static_cast<size_t>(b), t), paths.assign(static_cast<size_t>(b * t), -100);
    }

    tidegate_crf problem(int64_t threads = 1) const {
        return {batch, time, tags, threads, lengths.data(), scores.data(), between.data(), start.data(), end.data()};
    }

    int64_t length(int64_t b) const { return lengths[static_cast<size_t>(b)]; }
    const int64_t *path(int64_t b) const { return paths.data() + b * time; }
};

inline Batch draw(int64_t b, int64_t t, int64_t k, float bound, float share_forbidden, uint64_t seed) {
    check::Random random(seed);
    Batch drawn(b, t, k);
    const auto fill = [&](buffer::Buffer &into, bool may_forbid) {
        for (int64_t i = 0; i < into.size(); ++i) {
            into.data()[i] = random.uniform(-bound, bound);
            if (may_forbid && random.uniform(0, 1) < share_forbidden) into.data()[i] = forbidden;
        }
    };
    fill(drawn.between, true), fill(drawn.start, true), fill(drawn.end, true);
    for (int64_t i = 0; i < b; ++i) {
        const int64_t length = i == 0 ? t : random.below(t + 1);
        drawn.lengths[static_cast<size_t>(i)] = length;
        for (int64_t j = 0; j < length * k; ++j) drawn.scores.data()[i * t * k + j] = random.uniform(-bound, bound);
        for (int64_t j = 0; j < length; ++j) drawn.paths[static_cast<size_t>(i * t + j)] = random.below(k);
    }
    return drawn;
}

inline double score(const Batch &from, int64_t b, const std::vector<int64_t> &path) {
    if (path.empty()) return 0;
    double sum = double(from.start[path.front()]) + double(from.end[path.back()]);
    for (size_t t = 0; t < path.size(); ++t) {
        sum += double(from.scores[(b * from.time + static_cast<int64_t>(t)) * from.tags + path[t]]);
        if (t > 0) sum += double(from.between[path[t - 1] * from.tags + path[t]]);
    }
    return sum;
}

/* Calls `look` with every path of `length` steps, those of lower tags first. */
template <class Look> void over_paths(int64_t length, int64_t tags, const Look &look) {
    std::vector<int64_t> path(static_cast<size_t>(length), 0);
    for (bool more = true; more;) {
        look(path);
        more = false;
        for (size_t t = path.size(); t-- > 0 && !more;) {
            more = ++path[t] < tags;
            if (!more) path[t] = 0;
        }
    }
}

struct Results {
    buffer::Buffer value, d_scores, d_transitions;
    explicit Results(const Batch &of)
        : value(of.batch), d_scores(of.batch * of.time * of.tags), d_transitions(of.batch * of.tags * (of.tags + 2)) {}
};

inline Results run(const Batch &batch, bool paths, int64_t threads = 1) {
    Results found(batch);
    const tidegate_crf problem = batch.problem(threads);
    CHECK_EQUAL(TIDEGATE_OK, tidegate_crf_expect(&problem, paths ? batch.paths.data() : nullptr, found.value.data(),
                                                 found.d_scores.data(), found.d_transitions.data()));
    found.value.check_zones("value"), found.d_scores.check_zones("d_scores");
    found.d_transitions.check_zones("d_transitions");
    return found;
}

inline std::vector<int64_t> decoded(const Batch &batch, int64_t threads = 1) {
    std::vector<int64_t> paths(static_cast<size_t>(batch.batch * batch.time), -7);
    const tidegate_crf problem = batch.problem(threads);
    CHECK_EQUAL(TIDEGATE_OK, tidegate_crf_decode(&problem, paths.data()));
    return paths;
}

template <class Body> void for_each_set(const Body &body) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::context() = name;
        body();
    }
}

inline bool same(const buffer::Buffer &left, int64_t from, const buffer::Buffer &right, int64_t count) {
    return count == 0 || std::memcmp(left.data() + from, right.data(), static_cast<size_t>(count) * sizeof(float)) == 0;
}

} // namespace crf

#endif
