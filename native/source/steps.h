// A step of all lanes: for every panel, tiles of rows times the panel, and then the cell's own equations on the sums.
#pragma once
#include <cstdint>

namespace tidegate {
namespace {

// Lanes whose gradients are computed side by side; cells say how many forward. As many as the registers hold.
constexpr int lanes_backward = Vec::registers == 32 ? 2 : 1;

// run(first, count) for rows First…M, in as few groups of at most Most rows as there can be, as even as they can be: the
// chains of a group of one row would keep the core waiting as long as those of three.
template <int Most, int First, int M, class Run>
TIDEGATE_INLINE void in_groups(const Run &run) {
    constexpr int groups = (M - First + Most - 1) / Most, count = (M - First + groups - 1) / groups;
    run(First, Rows<count>());
    if constexpr (First + count < M) in_groups<Most, First + count, M>(run);
}

inline void prefetch_row(const float *p, int64_t stride, int count) {
    for (int i = 0; i < count; ++i) __builtin_prefetch(p + i * stride, 0, 3);
}

// x·W_ih of a tile, if it is not done yet. What the reset gate must not reach, the third vector of a GRU, goes into
// `outer`; its place begins anew with the recurrent bias.
template <class Cell, int M, int N>
TIDEGATE_INLINE const float *project(Sums<M, N> &sums, const ForwardStep &step, int64_t first, const float *weights,
                                     int64_t unit, float (&outer)[M][Vec::width]) {
    if constexpr (Cell::separate_new) {
#pragma GCC unroll 8
        for (int i = 0; i < M; ++i) sums.of[i][2] = load(step.outer_bias + unit);
    }
    const float *x = step.hidden_in - step.input_offset + first * step.stride;
    weights = multiply<0>(sums, x, step.stride, weights, step.features, nullptr);
    if constexpr (Cell::separate_new) {
        const Vec bias = load(step.bias + unit * Cell::gates + 2 * Vec::width);
#pragma GCC unroll 8
        for (int i = 0; i < M; ++i) {
            store(outer[i], sums.of[i][2]);
            sums.of[i][2] = bias;
        }
    }
    return weights;
}

// N vectors of a panel: the gates of one vector of units, or N vectors of units of a cell that has no gates.
template <class Cell, int N, bool Projects>
void forward_panel(const ForwardStep &step, const float *weights, int64_t unit) {
    in_tiles<most_rows(N)>(step.lanes, [&](int64_t first, auto rows) {
        constexpr int M = decltype(rows)::count;
        for (int i = 0; !Projects && i < M; ++i) {
            prefetch_row(step.lane[first + i].gates + unit, Cell::gates == 1 ? Vec::width : step.hidden, N);
        }
        Sums<M, N> sums(step.bias + unit * Cell::gates);
        alignas(64) float outer[M][Vec::width];
        const float *panel = weights;
        if constexpr (Projects) panel = project<Cell>(sums, step, first, panel, unit, outer);
        const float *a = step.hidden_in + first * step.stride;
        if (step.large) {
            // Each of the panel's tiles asks for its share of the next panel, which has about as many vectors.
            const float *ahead = panel + (step.hidden * N + first * step.hidden * N / step.lanes) * Vec::width;
            multiply<1>(sums, a, step.stride, panel, step.hidden, ahead);
        } else {
            multiply<0>(sums, a, step.stride, panel, step.hidden, nullptr);
        }
        alignas(64) float kept[M][N * Vec::width];
        keep(sums, kept);
        if constexpr (Cell::gates == 1) {
#pragma GCC unroll 1
            for (int i = 0; i < M; ++i) Cell::template forward_units<N, Projects>(step, first + i, unit, kept[i]);
        } else {
            const Mask mask = mask_of(step.hidden - unit);
            in_groups<Cell::lanes_forward, 0, M>([&](int i, auto group) {
                Cell::template forward<decltype(group)::count, Projects>(step, first + i, unit, mask, kept[i], outer[i]);
            });
        }
    });
}

template <class Cell, bool Projects>
void forward_panels_of(const ForwardStep &step) {
    const Panels panels = forward_panels(Cell::gates, step.hidden, Vec::width);
    for (int64_t p = step.first_panel; p < step.last_panel; ++p) {
        const int64_t begin = panels.vectors_before(p);
        const int64_t unit = begin * Vec::width;
        const float *weights = step.weights + unit * Cell::gates * (step.features + step.hidden);
        if constexpr (Cell::gates > 1) {
            forward_panel<Cell, Cell::gates, Projects>(step, weights, unit);
        } else {
            switch (panels.vectors_before(p + 1) - begin) {
                case 1: forward_panel<Cell, 1, Projects>(step, weights, unit); break;
                case 2: forward_panel<Cell, 2, Projects>(step, weights, unit); break;
                case 3: forward_panel<Cell, 3, Projects>(step, weights, unit); break;
                default: forward_panel<Cell, 4, Projects>(step, weights, unit);
            }
        }
    }
}

template <class Cell>
void forward_step(const ForwardStep &step) {
    if (step.features) {
        forward_panels_of<Cell, true>(step);
    } else {
        forward_panels_of<Cell, false>(step);
    }
}

// One lane past its first step: the gradient of its initial state.
TIDEGATE_INLINE void backward_initial(const BackwardStep &step, int64_t row, int64_t unit, Mask mask, Vec d_hidden) {
    const BackwardLane &lane = step.lane[row];
    store(lane.d_hidden_in + unit, d_hidden, mask);
    if (lane.d_memory_in) store(lane.d_memory_in + unit, load(step.d_memory + row * step.stride + unit), mask);
}

// K lanes, one vector of units.
template <class Cell, int K>
TIDEGATE_INLINE void backward_units(const BackwardStep &step, int64_t row, int64_t unit, const float *sums, int64_t width) {
    const Mask mask = mask_of(step.hidden - unit);
    Vec d_hidden[K];
    bool all = true;
    TIDEGATE_EACH {
        const BackwardLane &lane = step.lane[row + k];
        d_hidden[k] = load(sums + k * width);
        if constexpr (Cell::carries) d_hidden[k] = d_hidden[k] + load(step.d_hidden + (row + k) * step.stride + unit);
        if (lane.d_hidden_out) d_hidden[k] = d_hidden[k] + load(lane.d_hidden_out + unit, mask);
        if (lane.d_y) d_hidden[k] = d_hidden[k] + load(lane.d_y + unit, mask);
        all = all && lane.deltas != nullptr;
    }
    if (!all) {
        TIDEGATE_EACH {
            Vec one[1] = {d_hidden[k]};
            if (step.lane[row + k].deltas) {
                Cell::template backward<1>(step, row + k, unit, mask, one);
            } else {
                backward_initial(step, row + k, unit, mask, one[0]);
            }
        }
    } else {
        Cell::template backward<K>(step, row, unit, mask, d_hidden);
    }
    TIDEGATE_EACH {
        const BackwardLane &lane = step.lane[row + k];
        if (lane.deltas) store(lane.hidden_before + unit, lane.y_before ? load(lane.y_before + unit, mask) : zero(), mask);
    }
}

// What backward_units will read, while the products run: rows of different sequences lie far apart.
template <class Cell, int N>
TIDEGATE_INLINE void prefetch_backward(const BackwardStep &step, const BackwardLane &lane, int64_t unit) {
    if (!lane.deltas) return;
    if (lane.d_y) prefetch_row(lane.d_y + unit, Vec::width, N);
    if (lane.y_before) prefetch_row(lane.y_before + unit, Vec::width, N);
    if (lane.memory) prefetch_row(lane.memory + unit, Vec::width, N);
    for (int gate = 0; gate < Cell::gates && lane.gates; ++gate) prefetch_row(lane.gates + gate * step.hidden + unit, Vec::width, N);
}

template <class Cell, int N>
void backward_panel(const BackwardStep &step, const float *weights, int64_t unit) {
    in_tiles<most_rows(N)>(step.lanes, [&](int64_t first, auto rows) {
        constexpr int M = decltype(rows)::count;
        Sums<M, N> sums;
        const float *panel = weights;
        for (int block = 0; block < Cell::gates; ++block) {
            // A part of the rows each time: more requests at once than the core can hold would stop the weights.
            for (int i = M * block / Cell::gates; i < M * (block + 1) / Cell::gates; ++i) {
                prefetch_backward<Cell, N>(step, step.lane[first + i], unit);
            }
            if (!step.deltas_in) continue;
            const float *a = step.deltas_in + first * step.delta_stride + block * step.delta_block;
            if (step.large) {
                const int64_t size = Cell::gates * step.hidden * N;
                const float *ahead = panel + (size + first * size / step.lanes) * Vec::width;
                panel = multiply<1>(sums, a, step.delta_stride, panel, step.hidden, ahead);
            } else {
                panel = multiply<0>(sums, a, step.delta_stride, panel, step.hidden, nullptr);
            }
        }
        alignas(64) float kept[M][N * Vec::width];
        keep(sums, kept);
#pragma GCC unroll 1
        for (int v = 0; v < N; ++v) {
            const int64_t at = unit + v * Vec::width;
            in_groups<lanes_backward, 0, M>([&](int i, auto group) {
                backward_units<Cell, decltype(group)::count>(step, first + i, at, kept[i] + v * Vec::width, N * Vec::width);
            });
        }
    });
}

template <class Cell>
void backward_step(const BackwardStep &step) {
    const Panels panels = backward_panels(Cell::gates, step.hidden, Vec::width);
    for (int64_t p = step.first_panel; p < step.last_panel; ++p) {
        const int64_t begin = panels.vectors_before(p);
        const int64_t unit = begin * Vec::width;
        const float *weights = step.weights + unit * Cell::gates * step.hidden;
        switch (panels.vectors_before(p + 1) - begin) {
            case 1: backward_panel<Cell, 1>(step, weights, unit); break;
            case 2: backward_panel<Cell, 2>(step, weights, unit); break;
            case 3: backward_panel<Cell, 3>(step, weights, unit); break;
            default: backward_panel<Cell, 4>(step, weights, unit);
        }
    }
}

}  // namespace
}  // namespace tidegate
