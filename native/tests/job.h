/* A case and what comes from above, to be run again and again: the same calls must give the same numbers. */
#ifndef TIDEGATE_TESTS_JOB_H
#define TIDEGATE_TESTS_JOB_H

#include "runs.h"

namespace testing {

struct Job {
    Case drawn;
    Above above;

    std::vector<float> run() const { return run(drawn.threads); }

    /* All that both passes return. */
    std::vector<float> run(int64_t threads) const {
        Case shared = drawn;
        shared.threads = threads;
        std::vector<float> result;
        const auto take = [&](const buffer::Buffer &numbers) {
            for (int64_t i = 0; i < numbers.size(); ++i) result.push_back(numbers[i]);
        };
        ForwardRun forward(shared);
        BackwardRun backward(shared, above, true);
        CHECK_EQUAL(TIDEGATE_OK, forward.call());
        CHECK_EQUAL(TIDEGATE_OK, backward.call());
        take(forward.y);
        for (size_t d = 0; d < drawn.inputs.size(); ++d) {
            take(forward.hidden_out[d]);
            take(forward.memory_out[d]);
            take(backward.deltas(d));
            if (drawn.cell == TIDEGATE_GRU) take(backward.new_deltas(d));
            take(backward.hidden_before(d));
            take(backward.d_hidden_in[d]);
            take(backward.d_memory_in[d]);
        }
        return result;
    }
};

/* With gradients from above for a case that is drawn. */
inline Job make_job(Case drawn, check::Random &random) {
    for (reference::States &states : drawn.states) reference::round_to_floats(states);
    Above above = draw_above(drawn, random);
    return {std::move(drawn), std::move(above)};
}

inline Job draw_job(int64_t cell, const Grid &grid, uint64_t seed) {
    check::Random random(seed);
    return make_job(draw_case(cell, grid, random), random);
}

inline bool same(const std::vector<float> &left, const std::vector<float> &right) {
    return left.size() == right.size() && std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) == 0;
}

} // namespace testing

#endif
