// The C interface: checks, and nothing of C++ gets out.
#include <algorithm>
#include <cstring>
#include <new>

#include "call.h"

using namespace tidegate;

namespace {

// Fewer floats than this are packed or copied sooner than a second thread has begun.
constexpr int64_t worth_a_team = 1 << 16;

template <class Work>
int64_t guarded(const Work &work) {
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return TIDEGATE_NO_MEMORY;
    }
}

// Without any, the matrices of N rows have none, and their pointers may be anything.
bool has_steps(const tidegate_problem &p) {
    for (int64_t b = 0; b < p.batch; ++b) {
        if (length_of(p, b) > 0) return true;
    }
    return false;
}

// work(first, last) over equal parts of 0…count.
template <class Work>
void in_parts(int64_t count, int64_t threads, const Work &work) {
    const bool done = run_team(threads, [&](int64_t thread) {
        work(count * thread / threads, count * (thread + 1) / threads);
    });
    if (!done) run_team(1, [&](int64_t) { work(0, count); });
}

bool has_states(const tidegate_problem &p, const tidegate_forward &one) {
    return one.hidden_out && (p.cell != TIDEGATE_LSTM || one.memory_out);
}

bool complete(const tidegate_problem &p, const tidegate_forward &one, bool save) {
    const bool lstm = p.cell == TIDEGATE_LSTM, gru = p.cell == TIDEGATE_GRU, projects = p.features > 0;
    const bool weights = one.weights || (one.recurrent && one.recurrent_stride >= p.hidden &&
                                         (!projects || (one.input && one.input_stride >= p.features)));
    const bool inputs = projects ? one.x && (!save || p.cell < TIDEGATE_LSTM || one.gates) : one.gates != nullptr;
    return weights && inputs && (!save || ((!lstm || one.memories) && (!gru || one.new_recurrent)));
}

bool complete(const tidegate_problem &p, const tidegate_backward &one) {
    const bool lstm = p.cell == TIDEGATE_LSTM, gru = p.cell == TIDEGATE_GRU;
    return one.recurrent && one.recurrent_stride >= p.hidden && one.deltas && one.hidden_before && (!(lstm || gru) || one.gates) && (!lstm || one.memories) &&
           (!gru || (one.new_recurrent && one.new_deltas));
}

}  // namespace

extern "C" {

int64_t tidegate_abi(void) { return TIDEGATE_ABI; }

int64_t tidegate_projects(int64_t cell, int64_t hidden, int64_t features) {
    if (cell < 0 || cell >= cells || hidden < 1 || features < 1) return 0;
    // Of far more features than units the product is the most of the work, and a library for products does it best.
    return features <= 4 * hidden && !is_large(packed_floats(kernels(), cell, hidden, features), 1);
}

int64_t tidegate_packed_size(int64_t cell, int64_t hidden, int64_t features) {
    if (cell < 0 || cell >= cells || hidden < 1 || features < 0) return 0;
    return packed_floats(kernels(), cell, hidden, features);
}

int64_t tidegate_pack(int64_t cell, int64_t hidden, int64_t features, const float *recurrent, int64_t stride,
                      const float *input, int64_t input_stride, float *packed, int64_t threads) {
    if (cell < 0 || cell >= cells || hidden < 1 || features < 0 || !recurrent || !packed || stride < hidden) {
        return TIDEGATE_BAD_ARGUMENT;
    }
    if (features > 0 && (!input || input_stride < features)) return TIDEGATE_BAD_ARGUMENT;
    const Kernels &set = kernels();
    const Panels panels = forward_panels(gates_of(cell), hidden, set.width);
    const int64_t team = packed_floats(set, cell, hidden, features) < worth_a_team ? 1 : allowed_threads(threads);
    return guarded([&] {
        in_parts(panels.count, team, [&](int64_t first, int64_t last) {
            set.pack_forward(cell, hidden, {recurrent, stride, input, input_stride, features}, packed, first, last);
        });
        return TIDEGATE_OK;
    });
}

int64_t tidegate_run_forward(const tidegate_problem *problem, const tidegate_forward *directions, float *y,
                             int64_t clear, int64_t save) {
    if (!problem || !directions) return TIDEGATE_BAD_ARGUMENT;
    if (const int64_t status = check(*problem)) return status;
    if (problem->batch == 0) return TIDEGATE_OK;
    const bool steps = has_steps(*problem);
    if (!y && problem->time > 0) return TIDEGATE_BAD_ARGUMENT;
    for (int64_t d = 0; d < problem->directions; ++d) {
        if (!has_states(*problem, directions[d])) return TIDEGATE_BAD_ARGUMENT;
        if (steps && !complete(*problem, directions[d], save != 0)) return TIDEGATE_BAD_ARGUMENT;
    }
    return guarded([&] {
        run_forward(*problem, directions, y, clear != 0, save != 0);
        return TIDEGATE_OK;
    });
}

int64_t tidegate_run_backward(const tidegate_problem *problem, const tidegate_backward *directions, const float *y,
                              const float *d_y, const int64_t *d_y_strides) {
    if (!problem || !directions) return TIDEGATE_BAD_ARGUMENT;
    if (const int64_t status = check(*problem)) return status;
    if (problem->batch == 0) return TIDEGATE_OK;
    const bool steps = has_steps(*problem);
    for (int64_t d = 0; d < problem->directions; ++d) {
        if (steps && (!y || !complete(*problem, directions[d]))) return TIDEGATE_BAD_ARGUMENT;
    }
    return guarded([&] {
        run_backward(*problem, directions, y, d_y, d_y_strides);
        return TIDEGATE_OK;
    });
}

int64_t tidegate_sample(const float *values, int64_t count) {
    constexpr int64_t most = 128;
    uint64_t mixed = 0xcbf29ce484222325u;
    const int64_t taken = std::min(count, most);
    for (int64_t i = 0; i < taken; ++i) {
        uint32_t bits;
        std::memcpy(&bits, values + (count - 1) * i / std::max<int64_t>(1, taken - 1), sizeof bits);
        mixed = (mixed ^ bits) * 0x100000001b3u;
    }
    return static_cast<int64_t>(mixed);
}

void tidegate_sigmoid(int64_t count, const float *x, float *y) {
    run_team(1, [&](int64_t) { kernels().sigmoid(count, x, y); });
}

void tidegate_tanh(int64_t count, const float *x, float *y) {
    run_team(1, [&](int64_t) { kernels().tanh(count, x, y); });
}

int64_t tidegate_move_rows(int64_t batch, int64_t time, int64_t width, const int64_t *lengths, const float *source,
                           const tidegate_rows *from, float *target, const tidegate_rows *to, int64_t clear,
                           int64_t threads) {
    if (batch < 0 || time < 0 || width < 0 || !from || !to) return TIDEGATE_BAD_ARGUMENT;
    int64_t steps = lengths ? 0 : batch * time;
    for (int64_t b = 0; lengths && b < batch; ++b) {
        if (lengths[b] < 0 || lengths[b] > time) return TIDEGATE_BAD_LENGTH;
        steps += lengths[b];
    }
    const bool moves = steps * width > 0, clears = clear && (batch * time - steps) * width > 0;
    if ((moves && !source) || ((moves || clears) && !target)) return TIDEGATE_BAD_ARGUMENT;
    const int64_t team = batch * time * width < worth_a_team ? 1 : allowed_threads(threads);
    return guarded([&] {
        in_parts(batch, team, [&](int64_t first, int64_t last) {
            for (int64_t b = first; b < last; ++b) {
                const int64_t length = lengths ? lengths[b] : time;
                for (int64_t t = 0; t < length; ++t) {
                    std::copy_n(source + row_of(*from, b, t) * width, width, target + row_of(*to, b, t) * width);
                }
                for (int64_t t = length; clear && t < time; ++t) {
                    std::fill_n(target + row_of(*to, b, t) * width, width, 0.0f);
                }
            }
        });
        return TIDEGATE_OK;
    });
}

}  // extern "C"
