/* Cases that lead the schedule into its corners: columns shared between threads, fewer sequences than threads, threads
 * that directions cannot share evenly, and lanes that pass from sequence to sequence all the time. */
#ifndef TIDEGATE_TESTS_CORNERS_H
#define TIDEGATE_TESTS_CORNERS_H

#include "case.h"

namespace testing {

struct Corner {
    const char *name;
    int64_t hidden, batch, time, directions, threads;
    bool unequal; /* lengths from 1 to T, no two near each other */
};

/* The smallest multiple of 32 at which W_hh takes more than 1.5 MiB, beyond which it does not stay in a core's cache;
 * some more units, so that the last vector is not full. */
inline int64_t too_large_for_cache(int64_t cell) {
    int64_t hidden = 32;
    while (reference::blocks(cell) * hidden * hidden * 4 <= 1536 << 10) hidden += 32;
    return hidden + 5;
}

inline std::vector<Corner> corners(int64_t cell) {
    const int64_t large = too_large_for_cache(cell);
    const std::vector<Corner> all{
            {"columns, 2 threads", large, 3, 4, 1, 2, false},
            {"columns, 3 threads, unequal", large, 9, 6, 1, 3, true},
            {"columns, 4 threads, both directions", large, 2, 3, 2, 4, false},
            {"columns, 3 threads, both directions", large, 3, 3, 2, 3, false},
            {"one sequence, 2 threads", 65, 1, 7, 1, 2, false},
            {"one sequence, 4 threads", 20, 1, 7, 1, 4, false},
            {"one sequence, 2 threads, both directions", 33, 1, 7, 2, 2, false},
            {"one sequence, 4 threads, both directions", 100, 1, 5, 2, 4, false},
            {"one sequence, 4 threads, large", large, 1, 3, 1, 4, false},
            {"both directions, 3 threads", 48, 7, 9, 2, 3, false},
            {"both directions, 3 threads, unequal", 20, 24, 30, 2, 3, true},
            {"unequal lengths", 20, 40, 200, 1, 1, true},
            {"unequal lengths, 2 threads, both directions", 20, 40, 200, 2, 2, true},
            {"lanes handed over", 20, 100, 60, 1, 1, true},
            {"lanes handed over, 2 threads, both directions", 17, 100, 30, 2, 2, true}};
    if (!TIDEGATE_TESTS_SANITIZED) return all;
    std::vector<Corner> some; /* to each cell others, so that all of them are met */
    for (size_t i = static_cast<size_t>(cell); i < all.size(); i += cells().size()) some.push_back(all[i]);
    return some;
}

/* Lengths are given in no order; in the cases of equal lengths, every one is T, so that no thread goes without. */
inline Case draw_corner(int64_t cell, const Corner &corner, check::Random &random) {
    Case drawn;
    drawn.cell = cell;
    drawn.hidden = corner.hidden, drawn.batch = corner.batch, drawn.time = corner.time;
    drawn.directions = corner.directions, drawn.threads = corner.threads;
    drawn.first_reversed = random.below(2);
    for (int64_t b = 0; b < corner.batch; ++b)
        drawn.lengths.push_back(corner.unequal ? 1 + b * (corner.time - 1) / (corner.batch - 1) : corner.time);
    for (size_t i = drawn.lengths.size(); i > 1; --i)
        std::swap(drawn.lengths[i - 1], drawn.lengths[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
    draw_features(drawn, random);
    complete(drawn, random);
    return drawn;
}

} // namespace testing

#endif
