#include "call.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace tidegate {

namespace {

struct Free {
    void operator()(float *p) const { std::free(p); }
};

// Cycles of a row and a vector of units beside the matrix product, about: activations, loads and stores.
constexpr double forward_cycles[cells] = {14, 6, 60, 40};
constexpr double backward_cycles[cells] = {14, 14, 50, 40};

Work work_of(const tidegate_problem &problem, const Kernels &set, int64_t threads, int64_t features) {
    Work work;
    work.directions = problem.directions;
    work.threads = threads;
    work.weight_bytes_per_vector = set.width * static_cast<int64_t>(sizeof(float));
    for (int64_t b = 0; b < problem.batch; ++b) work.lengths.push_back(length_of(problem, b));
    const int64_t vectors = vectors_of(problem.hidden, set.width);
    work.cost.weight_vectors = gates_of(problem.cell) * (features + problem.hidden) * vectors;
    return work;
}

Columns columns_of(const Panels &panels, int64_t hidden, int64_t member, int64_t members) {
    const int64_t first = panels.count * member / members, last = panels.count * (member + 1) / members;
    return {first, last, panels.first_unit(first), std::min(hidden, panels.first_unit(last)), panels.first_unit(last)};
}

}  // namespace

int64_t check(const tidegate_problem &problem) {
    const bool bad = problem.cell < 0 || problem.cell >= cells || problem.hidden < 1 || problem.batch < 0 ||
                     problem.time < 0 || problem.features < 0 || problem.directions < 1 || problem.directions > 2;
    if (bad) return TIDEGATE_BAD_ARGUMENT;
    for (int64_t b = 0; b < problem.batch; ++b) {
        const int64_t length = length_of(problem, b);
        if (length < 0 || length > problem.time) return TIDEGATE_BAD_LENGTH;
    }
    return TIDEGATE_OK;
}

int64_t longest(const tidegate_problem &problem) {
    int64_t most = 0;
    for (int64_t b = 0; b < problem.batch; ++b) most = std::max(most, length_of(problem, b));
    return most;
}

std::vector<Crew> schedule_forward(const tidegate_problem &problem, const Kernels &set, int64_t threads) {
    Work work = work_of(problem, set, threads, problem.features);
    const int64_t units = vectors_of(problem.hidden, set.width);
    const int64_t panel_vectors = gates_of(problem.cell) > 1 ? gates_of(problem.cell) : std::min<int64_t>(4, units);
    work.cost.tile_rows = set.rows_of_tile[problem.cell];
    work.cost.panel_bytes = panel_vectors * (problem.features + problem.hidden) * work.weight_bytes_per_vector;
    work.cost.cell_cycles = forward_cycles[problem.cell] * static_cast<double>(units);
    return schedule(work);
}

std::vector<Crew> schedule_backward(const tidegate_problem &problem, const Kernels &set, int64_t threads) {
    Work work = work_of(problem, set, threads, 0);
    const int64_t units = vectors_of(problem.hidden, set.width);
    work.cost.tile_rows = set.rows_backward;
    work.cost.panel_bytes = std::min<int64_t>(4, units) * gates_of(problem.cell) * problem.hidden * work.weight_bytes_per_vector;
    work.cost.cell_cycles = backward_cycles[problem.cell] * static_cast<double>(units);
    return schedule(work);
}

float *scratch(int64_t floats) {
    thread_local std::unique_ptr<float, Free> memory;
    thread_local int64_t size = 0;
    if (floats > size) {
        memory.reset();
        size = 0;
        const int64_t bytes = round_up(floats * static_cast<int64_t>(sizeof(float)), 64);
        memory.reset(static_cast<float *>(std::aligned_alloc(64, static_cast<size_t>(bytes))));
        if (!memory) throw std::bad_alloc();
        size = floats;
    }
    return memory.get();
}

Columns forward_columns(const tidegate_problem &problem, const Kernels &set, int64_t member, int64_t members) {
    return columns_of(forward_panels(gates_of(problem.cell), problem.hidden, set.width), problem.hidden, member, members);
}

Columns backward_columns(const tidegate_problem &problem, const Kernels &set, int64_t member, int64_t members) {
    return columns_of(backward_panels(gates_of(problem.cell), problem.hidden, set.width), problem.hidden, member, members);
}

void load_state(float *to, const float *from, const Columns &columns) {
    if (from) {
        std::copy(from + columns.first_unit, from + columns.last_unit, to + columns.first_unit);
        std::fill(to + columns.last_unit, to + columns.last_lane, 0.0f);
    } else {
        std::fill(to + columns.first_unit, to + columns.last_lane, 0.0f);
    }
}

void copy_state(float *to, const float *from, int64_t sequence, int64_t hidden) {
    if (!to) return;
    float *row = to + sequence * hidden;
    if (from) {
        std::copy_n(from + sequence * hidden, hidden, row);
    } else {
        std::fill_n(row, hidden, 0.0f);
    }
}

}  // namespace tidegate
