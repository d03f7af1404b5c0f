/* The linear-chain CRF of Tidegate: log-likelihood with its gradient, marginals, and the best path.
 *
 * A path y of tags through a sequence of n steps scores
 *     start[y_0] + Σ scores[t, y_t] + Σ between[y_t-1, y_t] + end[y_n-1]
 * and its probability is the exponential of that over Z, the sum over all paths (Lafferty et al. 2001). The one path of no
 * steps scores 0.
 *
 * Letters: B sequences, T steps, K tags. All matrices are row-major and contiguous. What stands beyond a length is never
 * read. A forbidden transition is a very negative number such as -1e4; -infinity is taken too.
 *
 * Numbers. Scores and results are float32, all arithmetic is float64: results are right to the rounding of a float.
 *
 * Bits. A sequence gives the same bits alone and in any batch and for any number of threads, with the same instruction set
 * (tidegate_use_isa). Threads, forks and denormals: as in recurrence.h; statuses, too.
 */
#ifndef TIDEGATE_CRF_H
#define TIDEGATE_CRF_H

#include "tidegate/recurrence.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tidegate_crf {
    int64_t batch;   /* B */
    int64_t time;    /* T, the longest that a length may be */
    int64_t tags;    /* K, at least 1 */
    int64_t threads;
    const int64_t *lengths; /* (B,), 0 to T; NULL: all T */
    const float *scores;    /* (B, T, K) */
    const float *between;   /* (K, K): of tag j after tag i at [i, j] */
    const float *start;     /* (K,) */
    const float *end;       /* (K,) */
} tidegate_crf;

/* Without `paths`: value (B,) is log Z, and what is asked for beside is its gradient: d_scores (B, T, K), the probability of
 * each tag at each step, and d_transitions (B, K·K + K + K), how often each transition, first and last tag is expected.
 *
 * With `paths` (B, T): value is the log-probability of the path, and the gradients are that one's: what the path has, less
 * what is expected.
 *
 * d_scores beyond a length are set to zero. d_scores and d_transitions may be NULL. */
TIDEGATE_API int64_t tidegate_crf_expect(const tidegate_crf *problem, const int64_t *paths, float *value,
                                         float *d_scores, float *d_transitions);

/* The best path of each sequence into `paths` (B, T) up to its length: Viterbi. Of equals the tag of the lowest number is
 * taken, from the end on. */
TIDEGATE_API int64_t tidegate_crf_decode(const tidegate_crf *problem, int64_t *paths);

/* result (width,) is the sum of `batch` rows (B, width), each times its weight (B,), in the order of the rows. */
TIDEGATE_API int64_t tidegate_crf_weigh(int64_t batch, int64_t width, const float *weights, const float *rows,
                                        float *result);

#ifdef __cplusplus
}
#endif
#endif
