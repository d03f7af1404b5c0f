/* Where the rows of steps may lie: padded by sequence, padded by step, laid end to end, and as torch's PackedSequence. */
#ifndef TIDEGATE_TESTS_LAYOUT_H
#define TIDEGATE_TESTS_LAYOUT_H

#include <numeric>

#include "check.h"
#include "tidegate/recurrence.h"

namespace layout {

struct Layout {
    const char *name = "";
    std::vector<int64_t> sequence, time; /* empty: no table */
    int64_t sequence_stride = 0, time_stride = 0;
    int64_t rows = 0;
    bool padded = false; /* steps beyond a length have rows of their own, which may be cleared */

    tidegate_rows view() const {
        return {sequence.empty() ? nullptr : sequence.data(), time.empty() ? nullptr : time.data(), sequence_stride,
                time_stride};
    }

    int64_t row(int64_t b, int64_t t) const {
        const int64_t first = sequence.empty() ? b * sequence_stride : sequence[static_cast<size_t>(b)];
        return first + (time.empty() ? t * time_stride : time[static_cast<size_t>(t)]);
    }
};

/* `gap` rows that belong to no step lie between sequences. */
inline Layout by_sequence(int64_t batch, int64_t time, int64_t gap) {
    return {"by sequence", {}, {}, time + gap, 1, batch * (time + gap), true};
}

inline Layout by_step(int64_t batch, int64_t time, int64_t gap) {
    return {"by step", {}, {}, 1, batch + gap, time * (batch + gap), true};
}

inline Layout end_to_end(const std::vector<int64_t> &lengths, check::Random &random) {
    std::vector<size_t> order(lengths.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
    Layout result{"end to end", std::vector<int64_t>(lengths.size()), {}, 0, 1, 0, false};
    for (const size_t b : order) {
        result.sequence[b] = result.rows;
        result.rows += lengths[b];
    }
    return result;
}

/* Lengths must not grow from sequence to sequence. */
inline Layout packed_sequence(const std::vector<int64_t> &lengths, int64_t time) {
    Layout result{"packed sequence", {}, {}, 1, 0, 0, false};
    for (int64_t t = 0; t < time; ++t) {
        result.time.push_back(result.rows);
        for (const int64_t length : lengths) result.rows += length > t;
    }
    return result;
}

inline Layout draw(const std::vector<int64_t> &lengths, int64_t time, check::Random &random) {
    const int64_t batch = static_cast<int64_t>(lengths.size());
    bool sorted = true;
    for (size_t b = 1; b < lengths.size(); ++b) sorted = sorted && lengths[b] <= lengths[b - 1];
    switch (random.below(sorted ? 4 : 3)) {
    case 0: return by_sequence(batch, time, random.below(3));
    case 1: return by_step(batch, time, random.below(3));
    case 2: return end_to_end(lengths, random);
    default: return packed_sequence(lengths, time);
    }
}

} // namespace layout

#endif
