// Who runs which sequences, how many at a time, and whether threads share them by rows or by columns of the weights.
//
// Rows of a batch know nothing of each other. So a thread runs its sequences in lanes, longest first; when one ends,
// the next takes its lane, and tiles stay full although lengths differ. Where the weights are too large for a core's
// cache, or rows too few, the threads of a crew take the same lanes and each its own panels, with a barrier a step.
#pragma once
#include <cstdint>
#include <vector>

#include "kernels.h"

namespace tidegate {

// Threads first_thread … first_thread + threads - 1 run these sequences of one direction, `lanes` at a time.
struct Crew {
    int64_t direction;
    int64_t first_thread;
    int64_t threads;
    int64_t lanes;
    std::vector<int64_t> sequences;  // longest first, none of length 0
};

// What one step costs, as far as the schedule depends on it.
struct StepCost {
    int64_t tile_rows;      // most rows of a tile
    int64_t weight_vectors; // of all panels
    int64_t panel_bytes;
    double cell_cycles;     // of a row, beside the matrix product
};

struct Work {
    int64_t directions;
    int64_t threads;
    int64_t weight_bytes_per_vector;
    StepCost cost;
    std::vector<int64_t> lengths;  // of all sequences
};

// Crews in the order in which each thread runs its own. The same work gives the same schedule.
std::vector<Crew> schedule(const Work &work);

}  // namespace tidegate
