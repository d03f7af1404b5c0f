// The CRF by logarithms, number by number: slow, and without a limit to how far scores may lie apart.
#include <algorithm>
#include <cmath>
#include <limits>

#include "crf.h"

namespace tidegate {

namespace {

// log Σ_i exp(from[i] + add[i·step]).
double log_sum(int64_t count, const double *from, const double *add, int64_t step) {
    double most = -std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < count; ++i) most = std::max(most, from[i] + add[i * step]);
    if (std::isinf(most)) return most;
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += std::exp(from[i] + add[i * step] - most);
    return most + std::log(sum);
}

// The probabilities of one step, divided among the tags before.
void divide(const CrfTables &tables, const double *prefix, const double *sums, const double *now, double *before,
            double *pairs) {
    std::fill_n(before, tables.stride, 0.0);
    for (int64_t i = 0; i < tables.tags; ++i) {
        for (int64_t j = 0; j < tables.tags; ++j) {
            if (now[j] == 0) continue;
            const double share = now[j] * std::exp(prefix[i] + tables.between[i * tables.stride + j] - sums[j]);
            before[i] += share;
            pairs[i * tables.stride + j] += share;
        }
    }
}

}  // namespace

void crf_expect_exactly(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, bool wanted,
                        double *value) {
    const int64_t stride = tables.stride, tags = tables.tags, final = sequence.length - 1;
    const auto row = [&](double *rows, int64_t t) { return rows + (wanted ? t : t & 1) * stride; };
    for (int64_t k = 0; k < tags; ++k) room.prefixes[k] = tables.start[k] + static_cast<double>(sequence.scores[k]);
    for (int64_t t = 1; t <= final; ++t) {
        const double *before = row(room.prefixes, t - 1);
        double *prefix = row(room.prefixes, t), *sums = row(room.sums, t);
        for (int64_t k = 0; k < tags; ++k) {
            sums[k] = log_sum(tags, before, tables.between + k, stride);
            prefix[k] = sums[k] + static_cast<double>(sequence.scores[t * tags + k]);
        }
    }
    const double *prefix = row(room.prefixes, final);
    *value = log_sum(tags, prefix, tables.end, 1);
    if (!wanted) return;
    double *now = room.row, *before = room.row + stride;
    for (int64_t k = 0; k < tags; ++k) now[k] = std::exp(prefix[k] + tables.end[k] - *value);
    std::fill_n(room.pairs, stride * stride, 0.0);
    for (int64_t t = final; t > 0; --t) {
        double *sums = row(room.sums, t);
        divide(tables, row(room.prefixes, t - 1), sums, now, before, room.pairs);
        std::copy_n(now, tags, sums);
        std::swap(now, before);
    }
    std::copy_n(now, tags, room.sums);
}

}  // namespace tidegate
