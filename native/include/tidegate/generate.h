/* Writing with a recurrent language model, symbol after symbol: the C interface, and its manual.
 *
 * A step of one sequence is a few microseconds of arithmetic, so the whole way of a symbol is here: its embedding, every
 * layer's step, the output product, and the draw of the next symbol. One thread; errors and bits as in recurrence.h.
 *
 * Letters: K symbols, E embedding size, L layers, H hidden units of a layer, F its inputs (E, or H of the layer below), G
 * row blocks of a weight, O inputs of the output: H of the last layer, or E with a projection. All matrices are row-major
 * and without gaps, float32.
 *
 * The caller makes room of tidegate_generation_size floats, has tidegate_generation_pack fill it, and hands it to every
 * call. It belongs to the model and to the instruction set in use.
 *
 * States. For each layer its hidden state (H) and, of an LSTM, its memory (H), one after the other: in and out.
 */
#ifndef TIDEGATE_GENERATE_H
#define TIDEGATE_GENERATE_H

#include "tidegate/recurrence.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Beside tidegate_status. */
enum tidegate_generation_status {
    TIDEGATE_BAD_SYMBOL = 16, /* below 0, or K and above */
    TIDEGATE_NOT_FINITE = 17  /* among the scores of symbols that may be written: NaN, infinity, or nothing but -infinity */
};

typedef struct tidegate_generation_layer {
    int64_t cell;                /* enum tidegate_cell */
    int64_t hidden;              /* H */
    const float *input;          /* W_ih (G·H, F) */
    const float *recurrent;      /* W_hh (G·H, H) */
    const float *input_bias;     /* (G·H,) or NULL: zeros */
    const float *recurrent_bias; /* (G·H,) or NULL: zeros */
} tidegate_generation_layer;

typedef struct tidegate_generation_model {
    int64_t symbols;          /* K */
    int64_t embedding_size;   /* E */
    int64_t layers;           /* L */
    int64_t tabled;           /* 1: W_ih·e of every symbol is kept, (K, G·H) floats, and the first layer looks it up */
    const float *embedding;   /* (K, E) */
    const tidegate_generation_layer *layer; /* (L,) */
    const float *projection;  /* (E, H) or NULL */
    const float *output;      /* (K, O) */
    const float *output_bias; /* (K,) or NULL: zeros */
} tidegate_generation_model;

/* How a symbol is drawn from its scores; tidegate.ops.generation.sampling is the specification. */
typedef struct tidegate_sampling {
    double temperature;   /* 0: the greatest score */
    double top_p;         /* 1: all */
    int64_t top_k;        /* 0: all */
    uint64_t seed;
    const uint8_t *never; /* (K,) 1: is not written. Or NULL */
    const uint8_t *stop;  /* (K,) 1: is the last to be written. Or NULL */
} tidegate_sampling;

/* Floats that the packed model takes; 0 for a model that tidegate_generation_pack refuses. */
TIDEGATE_API int64_t tidegate_generation_size(const tidegate_generation_model *model);

/* The model as the steps read it, into `packed`, which begins at a multiple of 64 bytes. */
TIDEGATE_API int64_t tidegate_generation_pack(const tidegate_generation_model *model, float *packed);

/* Reads `count` symbols, and writes the scores (K,) of what may follow the last into `scores`, unless that is NULL. */
TIDEGATE_API int64_t tidegate_generation_read(const tidegate_generation_model *model, const float *packed, float *states,
                                              const int64_t *symbols, int64_t count, float *scores);

/* Reads symbols[0], draws symbols[1], and so on up to symbols[count]; of which the last is not read. `position` is that
 * of symbols[1] in the text, for the generator of random numbers. `written`: how many were drawn, fewer than `count` after
 * a stop, or where scores were not finite: the state has then read the last symbol. */
TIDEGATE_API int64_t tidegate_generation_write(const tidegate_generation_model *model, const float *packed, float *states,
                                               const tidegate_sampling *sampling, uint64_t position, int64_t *symbols,
                                               int64_t count, int64_t *written);

/* The draw alone, from `scores` (K,) into `symbol`. */
TIDEGATE_API int64_t tidegate_generation_choose(int64_t symbols, const float *scores, const tidegate_sampling *sampling,
                                                uint64_t position, int64_t *symbol);

#ifdef __cplusplus
}
#endif
#endif
