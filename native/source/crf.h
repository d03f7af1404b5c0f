// What the parts of the CRF share: prepared transitions, a sequence's room to work in, and what an instruction set gives.
#pragma once
#include <cstdint>

namespace tidegate {

// All rows are of `stride` numbers: K, rounded up to whole vectors.
struct CrfTables {
    int64_t tags;
    int64_t stride;
    const double *between;      // (K, stride), padded with -infinity
    const double *start;        // (stride,), likewise
    const double *end;          // (stride,), likewise
    const double *entry;        // (stride,) the best score by which a tag is entered, likewise
    const double *grown;        // (K, stride) exp(between - entry), padded with 1: no padding looks like an underflow
    const double *grown_turned; // (K, stride) the same with rows and columns exchanged, padded with 0
};

struct CrfSequence {
    int64_t length;  // at least 1
    const float *scores;
};

constexpr int64_t crf_chunk = 64;  // steps whose transitions are counted together

// Of one thread. Rows as the tables'.
struct CrfRoom {
    double *prefixes;  // (T, stride), or (2, stride) where no gradient is wanted
    double *sums;      // likewise; afterwards the probability of each tag
    double *chunk;     // (crf_chunk, stride)
    double *row;       // (4, stride)
    double *pairs;     // (stride, stride): afterwards how often each transition is expected
    int32_t *came;     // (T, stride): the best tag before
};

struct CrfKernels {
    const char *name;
    int64_t width;
    // exp of `count` numbers, whole vectors, none above 0; below -708 it is 0.
    void (*exponentials)(int64_t count, const double *x, double *y);
    // log Z into `value` and, if wanted, expectations into the room. False if numbers got so small that something may be
    // lost: then crf_expect_exactly has to do it.
    bool (*expect)(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, bool wanted, double *value);
    void (*decode)(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, int64_t *path);
};

extern const CrfKernels crf_portable;
#ifdef TIDEGATE_X86
extern const CrfKernels crf_avx2;
extern const CrfKernels crf_avx512;
#endif

// The reference of CrfKernels::expect, which works with logarithms and loses nothing.
void crf_expect_exactly(const CrfTables &tables, const CrfSequence &sequence, const CrfRoom &room, bool wanted,
                        double *value);

}  // namespace tidegate
