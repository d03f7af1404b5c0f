// What a call of either pass is made of: the problem, its rows, the kernels in use, and scratch memory.
#pragma once
#include <cstdint>
#include <vector>

#include "kernels.h"
#include "schedule.h"
#include "team.h"
#include "tidegate/recurrence.h"

namespace tidegate {

// Of the instruction set in use.
const Kernels &kernels();

inline int64_t row_of(const tidegate_rows &rows, int64_t sequence, int64_t time) {
    return (rows.sequence ? rows.sequence[sequence] : sequence * rows.sequence_stride) +
           (rows.time ? rows.time[time] : time * rows.time_stride);
}

inline int64_t length_of(const tidegate_problem &problem, int64_t sequence) {
    return problem.lengths ? problem.lengths[sequence] : problem.time;
}

// Step s in the order of the direction, in the order of time.
inline int64_t time_of(int64_t step, int64_t length, bool reversed) { return reversed ? length - 1 - step : step; }

// Floats between two rows of gates.
template <class Direction>
int64_t gates_stride(const tidegate_problem &problem, const Direction &one) {
    return one.gates_stride ? one.gates_stride : gates_of(problem.cell) * problem.hidden;
}

inline bool is_reversed(const tidegate_problem &problem, int64_t direction) {
    return direction == 1 || problem.first_reversed != 0;
}

inline int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Floats between the states of two lanes: not a whole number of pages, where all lanes would compete for the same few
// lines of the first cache.
inline int64_t state_stride(int64_t floats) {
    const int64_t stride = round_up(floats, 16) + 16;
    return stride % 1024 ? stride : stride + 16;
}

// Whether a thread's share of the weights is too large for its core's own cache.
inline bool is_large(int64_t packed_floats, int64_t threads) {
    return packed_floats * static_cast<int64_t>(sizeof(float)) / threads > second_cache_bytes;
}

int64_t check(const tidegate_problem &problem);

int64_t longest(const tidegate_problem &problem);

std::vector<Crew> schedule_forward(const tidegate_problem &problem, const Kernels &set, int64_t threads);
std::vector<Crew> schedule_backward(const tidegate_problem &problem, const Kernels &set, int64_t threads);

// `floats` floats at a multiple of 64 bytes, this thread's until its next call of this. Throws std::bad_alloc.
float *scratch(int64_t floats);

// Weights as the kernels read them: as the caller packed them, or packed at the beginning of the call, by all threads.
class Weights {
   public:
    enum class Pass { forward, backward };
    // `read`: whether any step will read them.
    Weights(const Kernels &set, const tidegate_problem &problem, Pass pass, bool read);
    // One direction's; `packed` may be nullptr.
    void add(const Matrices &matrices, const float *packed);
    // Floats that those take which are packed here.
    int64_t floats() const;
    void place(float *memory);
    bool needs_packing() const { return packed_here_ > 0; }
    // This thread's part.
    void pack(int64_t thread, int64_t threads) const;
    const float *of(int64_t direction) const { return entries_[static_cast<size_t>(direction)].packed; }

   private:
    struct Entry {
        Matrices matrices;
        const float *packed;
        float *here;
    };

    const Kernels &set_;
    const int64_t cell_;
    const int64_t hidden_;
    const int64_t size_;
    const Pass pass_;
    const bool read_;
    int64_t packed_here_ = 0;
    std::vector<Entry> entries_;
};

// The biases of one direction, summed, in the order in which the kernels read them: `bias_floats` of them.
int64_t bias_floats(const Kernels &set, int64_t cell, int64_t hidden);
void pack_bias(const Kernels &set, const tidegate_problem &problem, const tidegate_forward &direction, float *into);

int64_t packed_floats(const Kernels &set, int64_t cell, int64_t hidden, int64_t features);

// The units that one thread of a crew computes.
struct Columns {
    int64_t first_panel;
    int64_t last_panel;
    int64_t first_unit;
    int64_t last_unit;  // not included, and not beyond H
    int64_t last_lane;  // the end of the last vector
};

Columns forward_columns(const tidegate_problem &problem, const Kernels &set, int64_t member, int64_t members);
Columns backward_columns(const tidegate_problem &problem, const Kernels &set, int64_t member, int64_t members);

// Copies the columns of `from` (nullptr: zeros) and fills the rest of the last vector with zeros.
void load_state(float *to, const float *from, const Columns &columns);

// One row of a (B, H) matrix from another (nullptr: zeros); nothing if `to` is nullptr: for sequences of no steps, which
// hand their initial state on, and its gradient back.
void copy_state(float *to, const float *from, int64_t sequence, int64_t hidden);

void run_forward(const tidegate_problem &problem, const tidegate_forward *directions, float *y, bool clear, bool save);
void run_backward(const tidegate_problem &problem, const tidegate_backward *directions, const float *y,
                  const float *d_y, const int64_t *d_y_strides);

}  // namespace tidegate
