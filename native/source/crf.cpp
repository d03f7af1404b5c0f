// The C interface of the CRF: checks, preparation of the transitions, and sequences dealt to threads.
#include "tidegate/crf.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "call.h"
#include "crf.h"

namespace tidegate {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Multiplications, about, that a second thread is worth.
constexpr int64_t worth_a_team = 1 << 18;

const CrfKernels &crf_kernels() {
#ifdef TIDEGATE_X86
    for (const CrfKernels *set : {&crf_avx512, &crf_avx2}) {
        if (std::strcmp(set->name, kernels().name) == 0) return *set;
    }
#endif
    return crf_portable;
}

struct Free {
    void operator()(double *p) const { std::free(p); }
};

// Numbers at a multiple of 64 bytes, not set.
std::unique_ptr<double, Free> memory(int64_t count) {
    const auto bytes = static_cast<size_t>((count * 8 + 63) / 64 * 64);
    std::unique_ptr<double, Free> found(static_cast<double *>(std::aligned_alloc(64, std::max<size_t>(bytes, 64))));
    if (!found) throw std::bad_alloc();
    return found;
}

int64_t length_of(const tidegate_crf &p, int64_t b) { return p.lengths ? p.lengths[b] : p.time; }

// A call: its tables, the sum of its steps, its longest sequence.
class Call {
   public:
    explicit Call(const tidegate_crf &problem)
        : problem(problem), set(crf_kernels()), stride_(round_up(problem.tags, std::max<int64_t>(4, set.width))) {
        for (int64_t b = 0; b < problem.batch; ++b) {
            steps_ += length_of(problem, b);
            longest_ = std::max(longest_, length_of(problem, b));
        }
        prepare();
    }

    CrfSequence sequence(int64_t b) const {
        return {length_of(problem, b), problem.scores + b * problem.time * problem.tags};
    }

    // work(b, room) for every sequence that has steps, by whatever thread is free.
    template <class Work>
    void for_each(int64_t rows, bool pairs, bool pointers, const Work &work) const {
        const int64_t worth = std::max<int64_t>(1, steps_ * problem.tags * problem.tags / worth_a_team);
        int64_t threads = allowed_threads(std::min({problem.threads, problem.batch, worth}));
        std::vector<std::unique_ptr<double, Free>> rooms;
        const int64_t came = pointers ? (longest_ * stride_ + 1) / 2 : 0;
        const int64_t size = (2 * rows + crf_chunk + 4 + (pairs ? stride_ : 0)) * stride_ + came;
        for (int64_t thread = 0; thread < threads; ++thread) rooms.push_back(memory(size));
        std::atomic<int64_t> next{0};
        const auto take = [&](int64_t thread) {
            double *at = rooms[static_cast<size_t>(thread)].get();
            const CrfRoom room = {at,
                                  at + rows * stride_,
                                  at + 2 * rows * stride_,
                                  at + (2 * rows + crf_chunk) * stride_,
                                  at + (2 * rows + crf_chunk + 4) * stride_,
                                  reinterpret_cast<int32_t *>(at + size - came)};
            for (int64_t b = next.fetch_add(1); b < problem.batch; b = next.fetch_add(1)) work(b, room);
        };
        if (!run_team(threads, take)) run_team(1, take);
    }

    int64_t longest() const { return longest_; }

    const tidegate_crf &problem;
    const CrfKernels &set;
    CrfTables tables;

   private:
    void prepare() {
        const int64_t k = problem.tags;
        held_ = memory(3 * (k + 1) * stride_);
        double *between = held_.get(), *start = between + k * stride_, *end = start + stride_, *entry = end + stride_;
        double *grown = entry + stride_, *turned = grown + k * stride_;
        std::fill(between, grown, -infinity);
        std::copy_n(problem.start, k, start);
        std::copy_n(problem.end, k, end);
        for (int64_t i = 0; i < k; ++i) std::copy_n(problem.between + i * k, k, between + i * stride_);
        for (int64_t i = 0; i < k; ++i) {
            for (int64_t j = 0; j < k; ++j) entry[j] = std::max(entry[j], between[i * stride_ + j]);
        }
        for (int64_t i = 0; i < k; ++i) {
            for (int64_t j = 0; j < k; ++j) grown[i * stride_ + j] = between[i * stride_ + j] - entry[j];
            std::fill(grown + i * stride_ + k, grown + (i + 1) * stride_, 0.0);
        }
        set.exponentials(k * stride_, grown, grown);
        std::fill_n(turned, k * stride_, 0.0);
        for (int64_t i = 0; i < k; ++i) {
            for (int64_t j = 0; j < k; ++j) turned[j * stride_ + i] = grown[i * stride_ + j];
        }
        tables = {k, stride_, between, start, end, entry, grown, turned};
    }

    int64_t stride_;
    int64_t steps_ = 0;
    int64_t longest_ = 0;
    std::unique_ptr<double, Free> held_;
};

double score_of(const CrfTables &tables, const CrfSequence &sequence, const int64_t *path) {
    double score = tables.start[path[0]] + tables.end[path[sequence.length - 1]];
    for (int64_t t = 0; t < sequence.length; ++t) {
        score += static_cast<double>(sequence.scores[t * tables.tags + path[t]]);
        if (t > 0) score += tables.between[path[t - 1] * tables.stride + path[t]];
    }
    return score;
}

// What is expected, with `sign`; and what the path has, if there is one.
void write_scores(const CrfTables &tables, const CrfSequence &sequence, const double *expected, const int64_t *path,
                  float *to) {
    const double sign = path ? -1 : 1;
    for (int64_t t = 0; t < sequence.length; ++t, expected += tables.stride, to += tables.tags) {
        for (int64_t k = 0; k < tables.tags; ++k) to[k] = static_cast<float>(sign * expected[k]);
        if (path) to[path[t]] = static_cast<float>(1 - expected[path[t]]);
    }
}

void write_transitions(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, const int64_t *path,
                       float *to) {
    const int64_t k = tables.tags, final = sequence.length - 1;
    if (path) {
        for (int64_t i = 0; i < k * tables.stride; ++i) room.pairs[i] = -room.pairs[i];
        for (int64_t t = 1; t <= final; ++t) room.pairs[path[t - 1] * tables.stride + path[t]] += 1;
    }
    for (int64_t i = 0; i < k; ++i) {
        for (int64_t j = 0; j < k; ++j) to[i * k + j] = static_cast<float>(room.pairs[i * tables.stride + j]);
    }
    const CrfSequence one = {1, nullptr};
    write_scores(tables, one, room.sums, path, to + k * k);
    write_scores(tables, one, room.sums + final * tables.stride, path ? path + final : nullptr, to + k * k + k);
}

void expect(const Call &call, const int64_t *paths, float *value, float *d_scores, float *d_transitions) {
    const tidegate_crf &p = call.problem;
    const bool wanted = d_scores || d_transitions;
    const int64_t of_scores = p.time * p.tags, of_transitions = p.tags * (p.tags + 2);
    call.for_each(wanted ? call.longest() : 2, wanted, false, [&](int64_t b, const CrfRoom &room) {
        const CrfSequence sequence = call.sequence(b);
        const int64_t *path = paths ? paths + b * p.time : nullptr;
        float *of_steps = d_scores ? d_scores + b * of_scores : nullptr;
        if (of_steps) std::fill(of_steps + sequence.length * p.tags, of_steps + of_scores, 0.0f);
        if (sequence.length == 0) {
            value[b] = 0;
            if (d_transitions) std::fill_n(d_transitions + b * of_transitions, of_transitions, 0.0f);
            return;
        }
        double z = 0;
        if (!call.set.expect(call.tables, sequence, room, wanted, &z)) {
            crf_expect_exactly(call.tables, sequence, room, wanted, &z);
        }
        value[b] = static_cast<float>(path ? score_of(call.tables, sequence, path) - z : z);
        if (of_steps) write_scores(call.tables, sequence, room.sums, path, of_steps);
        if (d_transitions) write_transitions(call.tables, sequence, room, path, d_transitions + b * of_transitions);
    });
}

int64_t check(const tidegate_crf &p) {
    if (p.batch < 0 || p.time < 0 || p.tags < 1 || p.tags > std::numeric_limits<int32_t>::max()) {
        return TIDEGATE_BAD_ARGUMENT;
    }
    bool steps = false;
    for (int64_t b = 0; b < p.batch; ++b) {
        const int64_t length = length_of(p, b);
        if (length < 0 || length > p.time) return TIDEGATE_BAD_LENGTH;
        steps = steps || length > 0;
    }
    const bool complete = p.between && p.start && p.end && (p.scores || !steps);
    return complete ? TIDEGATE_OK : TIDEGATE_BAD_ARGUMENT;
}

bool tags_exist(const tidegate_crf &p, const int64_t *paths) {
    for (int64_t b = 0; b < p.batch; ++b) {
        const int64_t *path = paths + b * p.time;
        for (int64_t t = 0; t < length_of(p, b); ++t) {
            if (path[t] < 0 || path[t] >= p.tags) return false;
        }
    }
    return true;
}

template <class Work>
int64_t guarded(const Work &work) {
    try {
        work();
        return TIDEGATE_OK;
    } catch (const std::bad_alloc &) {
        return TIDEGATE_NO_MEMORY;
    }
}

}  // namespace

}  // namespace tidegate

using namespace tidegate;

extern "C" {

int64_t tidegate_crf_expect(const tidegate_crf *problem, const int64_t *paths, float *value, float *d_scores,
                            float *d_transitions) {
    if (!problem) return TIDEGATE_BAD_ARGUMENT;
    if (const int64_t status = check(*problem)) return status;
    if (problem->batch == 0) return TIDEGATE_OK;
    if (!value || (paths && !tags_exist(*problem, paths))) return TIDEGATE_BAD_ARGUMENT;
    return guarded([&] { expect(Call(*problem), paths, value, d_scores, d_transitions); });
}

int64_t tidegate_crf_decode(const tidegate_crf *problem, int64_t *paths) {
    if (!problem) return TIDEGATE_BAD_ARGUMENT;
    if (const int64_t status = check(*problem)) return status;
    if (problem->batch == 0 || problem->time == 0) return TIDEGATE_OK;
    if (!paths) return TIDEGATE_BAD_ARGUMENT;
    return guarded([&] {
        const Call call(*problem);
        call.for_each(0, false, true, [&](int64_t b, const CrfRoom &room) {
            const CrfSequence sequence = call.sequence(b);
            if (sequence.length > 0) call.set.decode(call.tables, sequence, room, paths + b * problem->time);
        });
    });
}

int64_t tidegate_crf_weigh(int64_t batch, int64_t width, const float *weights, const float *rows, float *result) {
    if (batch < 0 || width < 0 || (batch > 0 && width > 0 && (!weights || !rows)) || (width > 0 && !result)) {
        return TIDEGATE_BAD_ARGUMENT;
    }
    // So many columns at once stay in the nearest cache.
    constexpr int64_t block = 512;
    double sums[block];
    for (int64_t first = 0; first < width; first += block) {
        const int64_t count = std::min(block, width - first);
        std::fill_n(sums, count, 0.0);
        for (int64_t b = 0; b < batch; ++b) {
            const float *row = rows + b * width + first;
            const double weight = weights[b];
            for (int64_t i = 0; i < count; ++i) sums[i] += weight * static_cast<double>(row[i]);
        }
        for (int64_t i = 0; i < count; ++i) result[first + i] = static_cast<float>(sums[i]);
    }
    return TIDEGATE_OK;
}

}  // extern "C"
