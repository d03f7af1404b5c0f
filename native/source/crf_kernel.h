// The CRF for one instruction set: include once in each crf_*.cpp, with TIDEGATE_CRF_WIDTH, TIDEGATE_CRF_TABLE and
// TIDEGATE_CRF_NAME.
//
// Numbers and not logarithms run along time: a step of the forward pass is then a product with the matrix of exponentials,
// K² multiplications instead of K² exponentials, as for hidden Markov models (Rabiner 1989, section V.A). Scales are powers
// of 2, which cost no accuracy. What a float64 cannot hold is noticed: a sum that is not far above the smallest number
// might have lost something, and the sequence is done again with logarithms.
#include "crf.h"
#include "crf_vector.h"

namespace tidegate {
namespace {

// Terms below 2.3e-308 are flushed to zero; beside this, thousands of them are nothing.
constexpr double smallest_sum = 1e-280;

// to[j] = Σ_i from[i]·matrix[i, j], and the smallest of them.
inline double multiply(const CrfTables &tables, const double *matrix, const double *from, double *to) {
    Doubles least = broadcast(1e300);
    in_blocks(tables.stride / width, [&](int64_t first, auto blocks) {
        constexpr int N = decltype(blocks)::count;
        Doubles sums[N] = {};
        const double *column = matrix + first * width;
        for (int64_t i = 0; i < tables.tags; ++i, column += tables.stride) {
            const Doubles a = broadcast(from[i]);
#pragma GCC unroll 8
            for (int v = 0; v < N; ++v) sums[v] = a * load(column + v * width) + sums[v];
        }
#pragma GCC unroll 8
        for (int v = 0; v < N; ++v) {
            // Not the other way round: NaN must not get lost.
            least = sums[v] >= least ? least : sums[v];
            store(to + (first + v) * width, sums[v]);
        }
    });
    double smallest = least[0];
    for (int64_t i = 1; i < width; ++i) smallest = least[i] >= smallest ? smallest : least[i];
    return smallest;
}

// to = exp(scores + add - c); gives c, the largest of the sums.
inline double exponentials_of(const CrfTables &tables, const float *scores, const double *add, double *to) {
    for (int64_t k = 0; k < tables.tags; ++k) to[k] = static_cast<double>(scores[k]) + add[k];
    for (int64_t k = tables.tags; k < tables.stride; ++k) to[k] = add[k];
    Doubles most = load(to);
    for (int64_t k = width; k < tables.stride; k += width) most = larger(load(to + k), most);
    const double c = largest_of(most);
    for (int64_t k = 0; k < tables.stride; k += width) store(to + k, exp_of(load(to + k) - c));
    return c;
}

inline double sum_of_row(const CrfTables &tables, const double *row) {
    Doubles sum = load(row);
    for (int64_t k = width; k < tables.stride; k += width) sum = sum + load(row + k);
    return sum_of(sum);
}

// n and 2^-n of a positive number from 2^n to 2^(n + 1).
struct Scale {
    explicit Scale(double x) {
        int64_t bits;
        std::memcpy(&bits, &x, sizeof bits);
        exponent = (bits >> 52) - 1023;
        bits = (1023 - exponent) << 52;
        std::memcpy(&factor, &bits, sizeof factor);
    }
    int64_t exponent;
    double factor;
};

// log Z is `shift` + exponent·ln(2) + log(sum): the logarithm stays with the caller.
struct Normaliser {
    double shift = 0;
    int64_t exponent = 0;
    double sum = 0;
};

inline bool forward(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, bool keep, Normaliser &z) {
    const auto row = [&](double *rows, int64_t t) { return rows + (keep ? t : t & 1) * tables.stride; };
    z.shift = exponentials_of(tables, sequence.scores, tables.start, room.prefixes);
    double *factors = room.row;
    for (int64_t t = 1; t < sequence.length; ++t) {
        const double *before = row(room.prefixes, t - 1);
        double *prefix = row(room.prefixes, t), *sums = row(room.sums, t);
        // The scale of the step before, so that no step waits for its own.
        const double total = sum_of_row(tables, before);
        if (!(total >= smallest_sum)) return false;
        const Scale scale(total);
        z.shift += exponentials_of(tables, sequence.scores + t * tables.tags, tables.entry, factors);
        z.exponent += scale.exponent;
        if (!(multiply(tables, tables.grown, before, sums) >= smallest_sum)) return false;
        for (int64_t k = 0; k < tables.stride; k += width) {
            store(prefix + k, load(sums + k) * (load(factors + k) * scale.factor));
        }
    }
    return true;
}

// pairs[i, j] += Σ_t prefixes[t, i]·chunk[t, j], four rows and up to two vectors at a time.
template <int N>
inline void add_pairs(const CrfTables &tables, const double *prefixes, const CrfRoom &room, int64_t steps, int64_t j) {
    for (int64_t i = 0; i < tables.stride; i += 4) {
        Doubles sums[4][N];
        double *pairs = room.pairs + i * tables.stride + j;
#pragma GCC unroll 8
        for (int m = 0; m < 4 * N; ++m) sums[m / N][m % N] = load(pairs + m / N * tables.stride + m % N * width);
        for (int64_t t = 0; t < steps; ++t) {
            const double *a = prefixes + t * tables.stride + i, *b = room.chunk + t * tables.stride + j;
#pragma GCC unroll 8
            for (int m = 0; m < 4 * N; ++m) {
                sums[m / N][m % N] = broadcast(a[m / N]) * load(b + m % N * width) + sums[m / N][m % N];
            }
        }
#pragma GCC unroll 8
        for (int m = 0; m < 4 * N; ++m) store(pairs + m / N * tables.stride + m % N * width, sums[m / N][m % N]);
    }
}

inline void add_chunk(const CrfTables &tables, const double *prefixes, const CrfRoom &room, int64_t steps) {
    int64_t j = 0;
    for (; j + 2 * width <= tables.stride; j += 2 * width) add_pairs<2>(tables, prefixes, room, steps, j);
    if (j < tables.stride) add_pairs<1>(tables, prefixes, room, steps, j);
}

// The derivative of log Z, step by step from the end: the probability of a tag is divided among the tags before it in
// proportion to the terms of its sum. Row t of `sums` becomes the probabilities of step t.
inline void backward(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, const double *last) {
    const int64_t stride = tables.stride;
    double *now = room.sums + (sequence.length - 1) * stride, *shares = room.row + stride;
    std::memset(room.pairs, 0, static_cast<size_t>(stride * stride) * sizeof(double));
    int64_t waiting = 0;
    for (int64_t t = sequence.length - 1; t > 0; --t) {
        const double *before = room.prefixes + (t - 1) * stride, *p = t == sequence.length - 1 ? last : shares;
        // From the back, as the steps of `prefixes` lie.
        double *weights = room.chunk + (crf_chunk - 1 - waiting) * stride;
        for (int64_t k = 0; k < stride; k += width) {
            const Doubles probability = load(p + k);
            store(weights + k, probability / load(now + k));
            store(now + k, probability);
        }
        multiply(tables, tables.grown_turned, weights, shares);
        for (int64_t k = 0; k < stride; k += width) store(shares + k, load(shares + k) * load(before + k));
        if (++waiting == crf_chunk || t == 1) {
            CrfRoom filled = room;
            filled.chunk += (crf_chunk - waiting) * stride;
            add_chunk(tables, before, filled, waiting);
            waiting = 0;
        }
        now -= stride;
    }
    std::memcpy(now, sequence.length == 1 ? last : shares, static_cast<size_t>(stride) * sizeof(double));
    for (int64_t i = 0; i < tables.tags; ++i) {
        double *pairs = room.pairs + i * stride;
        const double *grown = tables.grown + i * stride;
        for (int64_t k = 0; k < stride; k += width) store(pairs + k, load(pairs + k) * load(grown + k));
    }
}

bool expect(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, bool wanted, double *value) {
    Normaliser z;
    if (!forward(tables, sequence, room, wanted, z)) return false;
    const int64_t final = sequence.length - 1;
    const double *prefix = room.prefixes + (wanted ? final : final & 1) * tables.stride;
    double *last = room.row + 2 * tables.stride;
    Doubles most = load(tables.end);
    for (int64_t k = width; k < tables.stride; k += width) most = larger(load(tables.end + k), most);
    const double c = largest_of(most);
    for (int64_t k = 0; k < tables.stride; k += width) {
        store(last + k, exp_of(load(tables.end + k) - c) * load(prefix + k));
    }
    z.shift += c;
    z.sum = sum_of_row(tables, last);
    if (!(z.sum >= smallest_sum)) return false;
    *value = z.shift + static_cast<double>(z.exponent) * 0.69314718055994530942 + __builtin_log(z.sum);
    if (!wanted) return true;
    const double inverse = 1.0 / z.sum;
    for (int64_t k = 0; k < tables.stride; k += width) store(last + k, load(last + k) * inverse);
    backward(tables, sequence, room, last);
    return true;
}

// The best tags before those of `first`…, of N vectors.
template <int N>
inline void best_before(const CrfTables &tables, const double *scores, int64_t first, double *best, int32_t *came) {
    Doubles most[N];
    Integers which[N] = {};
    const double *between = tables.between + first;
#pragma GCC unroll 8
    for (int v = 0; v < N; ++v) most[v] = scores[0] + load(between + v * width);
    for (int64_t i = 1; i < tables.tags; ++i) {
        between += tables.stride;
        const Doubles score = broadcast(scores[i]);
        const Integers tag = i - Integers{};
#pragma GCC unroll 8
        for (int v = 0; v < N; ++v) {
            const Doubles candidate = score + load(between + v * width);
            which[v] = candidate > most[v] ? tag : which[v];
            most[v] = larger(candidate, most[v]);
        }
    }
#pragma GCC unroll 8
    for (int v = 0; v < N; ++v) {
        store(best + v * width, most[v]);
        const Halves tags = __builtin_convertvector(which[v], Halves);
        std::memcpy(came + v * width, &tags, sizeof tags);
    }
}

void decode(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, int64_t *path) {
    const int64_t stride = tables.stride, tags = tables.tags;
    double *now = room.row, *before = room.row + stride;
    const auto add = [&](const float *scores, const double *to) {
        for (int64_t k = 0; k < tags; ++k) now[k] = to[k] + static_cast<double>(scores[k]);
    };
    add(sequence.scores, tables.start);
    for (int64_t t = 1; t < sequence.length; ++t) {
        double *swapped = now;
        now = before;
        before = swapped;
        int32_t *came = room.came + t * stride;
        in_blocks(stride / width, [&](int64_t first, auto blocks) {
            best_before<decltype(blocks)::count>(tables, before, first * width, now + first * width, came + first * width);
        });
        add(sequence.scores + t * tags, now);
    }
    int64_t tag = 0;
    for (int64_t k = 1; k < tags; ++k) {
        if (now[k] + tables.end[k] > now[tag] + tables.end[tag]) tag = k;
    }
    for (int64_t t = sequence.length - 1; t >= 0; --t) {
        path[t] = tag;
        if (t > 0) tag = room.came[t * stride + tag];
    }
}

void exponentials(int64_t count, const double *x, double *y) {
    for (int64_t i = 0; i < count; i += width) store(y + i, exp_of(load(x + i)));
}

}  // namespace

extern const CrfKernels TIDEGATE_CRF_TABLE = {TIDEGATE_CRF_NAME, width, exponentials, expect, decode};

}  // namespace tidegate
